// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/parity/parity.h"
#include "tests/support/error_code.h"

#include <QTest>

using namespace diptych;
using namespace diptych::parity;
using test::errorCodeOf;

namespace {

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES);
const fs::path kPictures = kFixtures / "clip" / "images";
/// TEXTS of make_relevance_fixtures.py.
const std::vector<std::string> kTexts = {"a red cube", "a photo of a dog"};

/// Values of one entry of a tensor whose first two dimensions are picture and text.
std::span<const float> entry(const SafetensorsFile& file, const char* name, size_t picture, size_t text) {
    const TensorView& view = *file.find(name);
    const auto texts = static_cast<size_t>(view.shape.at(1));
    const size_t length = view.bytes.size() / sizeof(float) / static_cast<size_t>(view.shape.at(0)) / texts;
    return {reinterpret_cast<const float*>(view.bytes.data()) + (picture * texts + text) * length, length};
}

double worst(std::span<const float> got, std::span<const float> wanted) {
    double difference = got.size() > wanted.size() ? 1e9 : 0;
    for (size_t i = 0; i < std::min(got.size(), wanted.size()); ++i)
        difference = std::max(difference, std::abs(double{got[i]} - double{wanted[i]}));
    return difference;
}

} // namespace

/// Against transformers' attention and torch's gradients: make_relevance_fixtures.py.
class TestRelevance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTheReference_data() {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"clip/openai", "families/siglip", "families/flava"})
            QTest::newRow(folder) << QString(folder);
    }
    void equalsTheReference() {
        QFETCH(QString, folder);
        const fs::path path = kFixtures / folder.toStdString();
        const SafetensorsFile expected(path / "relevance.safetensors");
        const auto model = load(path);
        Explainer* explainer = model->explainer();
        QVERIFY(explainer);
        const auto samples = preparedPictures(*model, kPictures);
        for (size_t i = 0; i < samples.size(); ++i)
            for (size_t t = 0; t < kTexts.size(); ++t)
                for (const bool last : {false, true}) {
                    const Relevance got = explainer->relevance(samples[i], kTexts[t], last ? 1 : 0);
                    QVERIFY(std::abs(got.logit - entry(expected, "logits", i, t)[0]) <= 2e-5 * 10);
                    const auto patches = entry(expected, last ? "patches_last" : "patches_all", i, t);
                    QCOMPARE(got.patches.size(), patches.size());
                    QCOMPARE(static_cast<size_t>(got.gridWidth * got.gridHeight), patches.size());
                    QVERIFY2(worst(got.patches, patches) <= 2e-5,
                             qPrintable(QString::number(worst(got.patches, patches))));
                    const auto words = entry(expected, last ? "tokens_last" : "tokens_all", i, t);
                    QVERIFY2(worst(got.tokenValues, words) <= 2e-5,
                             qPrintable(QString::number(worst(got.tokenValues, words))));
                    QCOMPARE(got.tokens.size(), got.tokenValues.size());
                    QVERIFY(got.tokens.size() > 3 && got.tokens.size() < 20);
                }
    }

    void patchesWithTheText_data() { equalsTheReference_data(); }
    void patchesWithTheText() {
        QFETCH(QString, folder);
        const fs::path path = kFixtures / folder.toStdString();
        const SafetensorsFile expected(path / "relevance.safetensors");
        const auto model = load(path);
        const auto samples = preparedPictures(*model, kPictures);
        for (size_t i = 0; i < samples.size(); ++i)
            for (size_t t = 0; t < kTexts.size(); ++t) {
                const auto wanted = entry(expected, "patch_text", i, t);
                const Relevance got = model->explainer()->patchSimilarity(samples[i], kTexts[t]);
                QCOMPARE(got.patches.size(), wanted.size());
                QVERIFY2(worst(got.patches, wanted) <= 2e-6,
                         qPrintable(QString::number(worst(got.patches, wanted))));
            }
    }

    void attentionOfEveryLayerAndHead_data() { equalsTheReference_data(); }
    void attentionOfEveryLayerAndHead() {
        QFETCH(QString, folder);
        const fs::path path = kFixtures / folder.toStdString();
        const SafetensorsFile expected(path / "relevance.safetensors");
        const auto model = load(path);
        const auto samples = preparedPictures(*model, kPictures);
        const TensorView& view = *expected.find("attention");
        const auto layers = static_cast<int>(view.shape.at(1)), heads = static_cast<int>(view.shape.at(2));
        for (int layer = 0; layer < layers; ++layer) {
            const auto all = entry(expected, "attention", 1, static_cast<size_t>(layer));
            const size_t patches = all.size() / static_cast<size_t>(heads);
            std::vector<float> mean(patches, 0);
            for (int head = 0; head < heads; ++head) {
                const Relevance got = model->explainer()->attention(samples[1], layer, head);
                QCOMPARE(got.layers, layers);
                QCOMPARE(got.heads, heads);
                const auto wanted = all.subspan(static_cast<size_t>(head) * patches, patches);
                QVERIFY(worst(got.patches, wanted) <= 2e-6);
                for (size_t i = 0; i < patches; ++i)
                    mean[i] += wanted[i] / static_cast<float>(heads);
            }
            QVERIFY(worst(model->explainer()->attention(samples[1], layer, -1).patches, mean) <= 2e-6);
        }
        QCOMPARE(model->explainer()->attention(samples[1], -1, 0).patches,
                 model->explainer()->attention(samples[1], layers - 1, 0).patches);
        QCOMPARE(errorCodeOf([&] { model->explainer()->attention(samples[1], layers, 0); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { model->explainer()->attention(samples[1], 0, heads); }),
                 ErrorCode::InvalidArgument);
    }

    void explainingLeavesEmbeddingsAlone() {
        const auto model = load(kFixtures / "clip" / "openai");
        const auto samples = preparedPictures(*model, kPictures);
        const Matrix before = model->embedder()->embedImages(samples, ImageFeature::Projected);
        model->explainer()->relevance(samples.front(), kTexts.front(), 0);
        const Matrix after = model->embedder()->embedImages(samples, ImageFeature::Projected);
        QVERIFY(std::ranges::equal(before.values(), after.values()));
    }

    void whatHasNothingToExplain() {
        for (const char* family : {"align", "vit", "xclip"}) { // convolutions; no texts; clips
            const auto model = load(kFixtures / "families" / family);
            QVERIFY(!model->explainer() && !model->info().explains());
        }
    }
};

QTEST_GUILESS_MAIN(TestRelevance)
#include "tst_relevance.moc"
