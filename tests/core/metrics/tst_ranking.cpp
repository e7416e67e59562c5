// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/metrics/ranking.h"
#include "core/metrics/reranking.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>

using namespace diptych;
using namespace diptych::test;

class TestRanking : public QObject {
    Q_OBJECT

private:
    Json m_expected = expectedValues("retrieval");
    Matrix m_images = readNpyMatrix(metricFixture("retrieval") / "image_embeds.npy");
    Matrix m_texts = readNpyMatrix(metricFixture("retrieval") / "text_embeds.npy");
    std::vector<int> m_textImage = readLabels(metricFixture("retrieval") / "text_image_index.npy");

    /// Over the queries that have a match.
    static double meanAveragePrecision(const QueryRanks& queries) {
        double sum = 0, count = 0;
        for (size_t i = 0; i < queries.ranks.size(); ++i) {
            sum += queries.averagePrecisionAtR[i];
            count += queries.ranks[i] > 0 ? 1 : 0;
        }
        return sum / count;
    }
    static RetrievalOptions bytes(size_t scoreBytes) {
        RetrievalOptions options;
        options.scoreBytes = scoreBytes;
        return options;
    }

private Q_SLOTS:
    /// With every candidate scored anew, the ranks are those of the new scores; with some, the others stay
    /// behind them in their order.
    void reRankingEqualsSortingByTheNewScores() {
        RetrievalOptions options;
        options.keepTop = std::max(m_texts.rows(), m_images.rows());
        const RetrievalRanks before = rankRetrieval(m_images, m_texts, m_textImage, options, {});
        Matrix changed = m_texts;
        Random random(5);
        for (float& value : changed.values())
            value += static_cast<float>(random.below(1000)) / 500.0F - 1;
        const RetrievalRanks expected = rankRetrieval(m_images, changed, m_textImage, options, {});
        Matrix images = m_images;
        normalizeRows(images);
        normalizeRows(changed);
        const Matrix scores = multiplyTransposed(images, changed, 1);
        const PairScore score = [&](size_t image, size_t text) {
            return static_cast<double>(scores(image, text));
        };
        const RetrievalRanks all = rerank(before, m_textImage, options.keepTop, score);
        QCOMPARE(all.imageToText.ranks, expected.imageToText.ranks);
        QCOMPARE(all.textToImage.ranks, expected.textToImage.ranks);
        for (size_t i = 0; i < m_images.rows(); ++i)
            QCOMPARE_NEAR(all.imageToText.averagePrecisionAtR[i], expected.imageToText.averagePrecisionAtR[i],
                          kExact);
        constexpr size_t kFirst = 3;
        const RetrievalRanks some = rerank(before, m_textImage, kFirst, score);
        const auto pairs = pairsToRerank(before, kFirst);
        for (size_t t = 0; t < m_texts.rows(); ++t) {
            const auto own = static_cast<uint32_t>(m_textImage[t]);
            QCOMPARE(some.textToImage.top[t].size(), kFirst);
            uint32_t rank = 1;
            bool among = false;
            for (size_t k = 0; k < kFirst; ++k) {
                const uint32_t image = before.textToImage.top[t][k].index;
                QVERIFY(std::ranges::binary_search(pairs[image], static_cast<uint32_t>(t)));
                among = among || image == own;
                rank += image != own && scores(image, t) >= scores(own, t);
            }
            QCOMPARE(some.textToImage.ranks[t], among ? rank : before.textToImage.ranks[t]);
        }
        QVERIFY(std::ranges::equal(rerank(before, m_textImage, 0, score).textToImage.ranks,
                                   before.textToImage.ranks));
    }

    void reRankingCountsTiesAgainstTheModel() {
        RetrievalOptions options;
        options.keepTop = 3;
        const Matrix images(2, 2, {1, 0, 0, 1}), texts(2, 2, {1, 0, 0, 1});
        const std::vector<int> own = {0, 1};
        const RetrievalRanks before = rankRetrieval(images, texts, own, options, {});
        const RetrievalRanks after = rerank(before, own, 2, [](size_t, size_t) { return 0.5; });
        QCOMPARE(after.imageToText.ranks, (std::vector<uint32_t>{2, 2}));
        QCOMPARE(after.textToImage.ranks, (std::vector<uint32_t>{2, 2}));
        QCOMPARE(after.textToImage.averagePrecisionAtR[0], 0.0);
    }

    void ranksEqualTheReferenceWhateverTheChunks_data() {
        QTest::addColumn<size_t>("scoreBytes");
        QTest::newRow("one caption at a time") << size_t(1);
        QTest::newRow("seven captions") << size_t(7 * (40 + 16 + 1) * 4);
        QTest::newRow("all at once") << size_t(1 << 20);
    }
    void ranksEqualTheReferenceWhateverTheChunks() {
        QFETCH(size_t, scoreBytes);
        const RetrievalRanks result = rankRetrieval(m_images, m_texts, m_textImage, bytes(scoreBytes), {});
        QCOMPARE(result.imageToText.ranks, m_expected["image_ranks"].get<std::vector<uint32_t>>());
        QCOMPARE(result.textToImage.ranks, m_expected["text_ranks"].get<std::vector<uint32_t>>());
        for (const size_t k : {size_t(1), size_t(5), size_t(10)}) {
            const std::string suffix = "r" + std::to_string(k);
            QCOMPARE_NEAR(recallAtK(result.imageToText.ranks, k), m_expected["image_to_text_" + suffix],
                          kExact);
            QCOMPARE_NEAR(recallAtK(result.textToImage.ranks, k), m_expected["text_to_image_" + suffix],
                          kExact);
        }
        QCOMPARE_NEAR(medianRank(result.imageToText.ranks), m_expected["image_to_text_median_rank"], kExact);
        QCOMPARE_NEAR(medianRank(result.textToImage.ranks), m_expected["text_to_image_median_rank"], kExact);
        QCOMPARE_NEAR(meanAveragePrecision(result.imageToText), m_expected["image_to_text_map_at_r"], kExact);
        QCOMPARE_NEAR(meanAveragePrecision(result.textToImage), m_expected["text_to_image_map_at_r"], kExact);
        QCOMPARE(result.imageToText.ranks[7], 0u); // the image without captions
    }

    void threadsDoNotChangeTheResult() {
        RunContext one, four;
        one.threads = 1;
        four.threads = 4;
        const auto a = rankRetrieval(m_images, m_texts, m_textImage, bytes(5000), one);
        const auto b = rankRetrieval(m_images, m_texts, m_textImage, bytes(5000), four);
        QCOMPARE(a.imageToText.ranks, b.imageToText.ranks);
        QCOMPARE(a.imageToText.averagePrecisionAtR, b.imageToText.averagePrecisionAtR);
        QCOMPARE(a.textToImage.ranks, b.textToImage.ranks);
    }

    void tiesCountAgainstTheModel() {
        // Three equal images, one caption each: everything ties, so every match comes last.
        const Matrix images(3, 2, {1, 2, 1, 2, 1, 2});
        const Matrix texts(3, 2, {2, 1, 2, 1, 2, 1});
        const std::vector<int> index{0, 1, 2};
        const RetrievalRanks result = rankRetrieval(images, texts, index, {}, {});
        QCOMPARE(result.imageToText.ranks, (std::vector<uint32_t>{3, 3, 3}));
        QCOMPARE(result.textToImage.ranks, (std::vector<uint32_t>{3, 3, 3}));
        QCOMPARE(meanAveragePrecision(result.imageToText), 0.0);
    }

    void scoresCloserThanFloatRoundingAreToldApart() {
        // cos differs by 5e-9, below what a float32 product can show.
        const Matrix images(2, 2, {1, 0, 1, 1e-4f});
        const Matrix texts(2, 2, {1, 0, 1, 1e-4f});
        const std::vector<int> straight{0, 1}, crossed{1, 0};
        QCOMPARE(rankRetrieval(images, texts, straight, {}, {}).textToImage.ranks,
                 (std::vector<uint32_t>{1, 1}));
        QCOMPARE(rankRetrieval(images, texts, crossed, {}, {}).textToImage.ranks,
                 (std::vector<uint32_t>{2, 2}));
        QCOMPARE(rankRetrieval(images, texts, crossed, {}, {}).imageToText.ranks,
                 (std::vector<uint32_t>{2, 2}));
    }

    void bestCandidatesAreKept() {
        RetrievalOptions options;
        options.keepTop = 4;
        options.scoreBytes = 3000;
        const RetrievalRanks result = rankRetrieval(m_images, m_texts, m_textImage, options, {});
        QCOMPARE(result.textToImage.top.size(), m_texts.rows());
        QCOMPARE(result.imageToText.top.size(), m_images.rows());
        Matrix images = m_images, texts = m_texts;
        normalizeRows(images);
        normalizeRows(texts);
        const Matrix scores = multiplyTransposed(texts, images, 1);
        for (size_t t = 0; t < texts.rows(); ++t) {
            const auto& top = result.textToImage.top[t];
            QCOMPARE(top.size(), size_t(4));
            const auto row = scores.row(t);
            std::vector<float> sorted(row.begin(), row.end());
            std::ranges::sort(sorted, std::greater());
            for (size_t k = 0; k < 4; ++k) {
                QCOMPARE_NEAR(top[k].score, sorted[k], 1e-5);
                QCOMPARE_NEAR(row[top[k].index], sorted[k], 1e-5);
            }
        }
        for (size_t i = 0; i < images.rows(); ++i) {
            QCOMPARE(result.imageToText.top[i].size(), size_t(4));
            float best = -1;
            for (size_t t = 0; t < texts.rows(); ++t)
                best = std::max(best, scores(t, i));
            QCOMPARE_NEAR(result.imageToText.top[i][0].score, best, 1e-5);
        }
        QVERIFY(rankRetrieval(m_images, m_texts, m_textImage, {}, {}).textToImage.top.empty());
    }

    void fullCocoTestSetFitsItsMemoryBound() {
        // 25,000 captions, 5,000 images, 1,024 values: the largest temporaries are the scores and copied
        // captions of a chunk, the packed image embeddings of the product, and the ranks.
        const size_t images = 5000, texts = 25000, dim = 1024;
        const size_t rows = retrievalChunkRows(images, dim, {});
        const size_t chunk = rows * (images + dim) * sizeof(float);
        const size_t packed = (images + 32) * dim * sizeof(float);
        const size_t counts = (images + texts) * 10 * sizeof(double);
        QVERIFY(rows >= 64 && rows < texts);
        QVERIFY2(chunk + packed + counts < 200'000'000, qPrintable(QString::number(chunk + packed + counts)));
        QCOMPARE(retrievalChunkRows(100'000'000, 512, {}), size_t(1));
    }

    void medianOfEvenCountsIsTheMeanOfTheMiddleTwo() {
        QCOMPARE(medianRank(std::vector<uint32_t>{4, 1, 0, 2, 9}), 3.0);
        QCOMPARE(medianRank(std::vector<uint32_t>{5, 0, 1, 9}), 5.0);
        QCOMPARE(recallAtK(std::vector<uint32_t>{4, 1, 0, 2, 9}, 2), 0.5);
        QVERIFY(!errorOf([] { medianRank(std::vector<uint32_t>{0}); }).empty());
        QVERIFY(!errorOf([] { recallAtK(std::vector<uint32_t>{0}, 1); }).empty());
    }

    void badInputIsRefused() {
        const Matrix images(2, 3, {1, 0, 0, 0, 1, 0}), texts(1, 3, {1, 0, 0});
        const std::vector<int> index{1};
        const auto refused = [](const Matrix& i, const Matrix& t, const std::vector<int>& x) {
            return errorOf([&] { rankRetrieval(i, t, x, {}, {}); });
        };
        QVERIFY(refused(images, texts, index).empty());
        QVERIFY(refused(images, texts, {2}).find("belongs to image 2") != std::string::npos);
        QVERIFY(!refused(images, texts, {-1}).empty());
        QVERIFY(!refused(images, texts, {0, 1}).empty());
        QVERIFY(!refused(images, Matrix(1, 2, {1, 0}), index).empty());
        QVERIFY(!refused(Matrix(0, 3), texts, index).empty());
        QVERIFY(refused(images, Matrix(1, 3), index).find("zeros") != std::string::npos);
        QVERIFY(refused(images, Matrix(1, 3, {1, NAN, 0}), index).find("column 1") != std::string::npos);
        std::stop_source source;
        source.request_stop();
        RunContext stopped;
        stopped.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(rankRetrieval(images, texts, index, {}, stopped), Cancelled);
    }

    void tiesCountEitherWay() {
        const Matrix images(2, 2, {1, 0, 1, 0}), texts(2, 2, {1, 0, 0.6F, 0.8F});
        RetrievalOptions lenient;
        lenient.ties = Ties::For;
        const RetrievalRanks against = rankRetrieval(images, texts, std::vector{0, 1}, {}, {});
        const RetrievalRanks forIt = rankRetrieval(images, texts, std::vector{0, 1}, lenient, {});
        QCOMPARE(against.textToImage.ranks, (std::vector<uint32_t>{2, 2})); // both images are the same
        QCOMPARE(forIt.textToImage.ranks, (std::vector<uint32_t>{1, 1}));
        QCOMPARE(against.imageToText.ranks, (std::vector<uint32_t>{1, 2}));
        QCOMPARE(forIt.imageToText.ranks, (std::vector<uint32_t>{1, 2})); // no tie there
    }
};

QTEST_GUILESS_MAIN(TestRanking)
#include "tst_ranking.moc"
