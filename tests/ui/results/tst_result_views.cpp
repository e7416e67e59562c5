// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/result_view_fixture.h"
#include "tests/support/window_menus.h"
#include "ui/plots/curve_plot.h"
#include "ui/results/outcome_text.h"
#include "ui/results/pair_models.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

namespace {

Json pairJson(const ResultViewFixture& world, const char* id, size_t first, const char* tag,
              std::array<double, 4> scores) {
    const auto [c0i0, c0i1, c1i0, c1i1] = scores;
    const bool text = c0i0 > c1i0 && c1i1 > c0i1, image = c0i0 > c0i1 && c1i1 > c1i0;
    return {{"id", id},
            {"images", {world.id(first), world.id(first + 1)}},
            {"captions", {"some grass in a mug", "a mug in some grass"}},
            {"scores", {{c0i0, c0i1}, {c1i0, c1i1}}},
            {"text", text},
            {"image", image},
            {"group", text && image},
            {"tag", tag}};
}

ExampleResult example(SampleId sample, Json parts) {
    ExampleResult result;
    result.sample = sample;
    result.parts = std::move(parts);
    return result;
}

QString cell(const QTableView* table, int row, int column) {
    return table->model()->index(row, column).data().toString();
}

void clickCell(QTableView* table, int row, int column) {
    const QRect rect = table->visualRect(table->model()->index(row, column));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, rect.center());
}

} // namespace

class ResultViewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void curvesAreDrawnWithBandsAndReferences() {
        ResultViewFixture world(1);
        const Json learning = {
            {"id", "few_shot"},
            {"title", "Few-shot accuracy"},
            {"x", "Examples per class"},
            {"y", "Accuracy"},
            {"x_log", true},
            {"series",
             {{{"name", "probe"},
               {"points", {{1, 0.4}, {2, 0.5}, {16, 0.8}, {nullptr, 3}}},
               {"band", {{1, 0.35, 0.45}, {2, 0.4, 0.6}, {16, 0.75, 0.85}}}},
              {{"name", "zero-shot"}, {"points", {{1, 0.6}, {16, 0.6}}}, {"dashed", true}}}}};
        const Json roc = {{"id", "roc"},
                          {"title", "ROC"},
                          {"x", "False positive rate"},
                          {"y", "True positive rate"},
                          {"series", {{{"name", "both"}, {"points", {{0, 0}, {0, 0.5}, {1, 1}}}}}}};
        world.show(QStringLiteral("curves"), {{"curves", {learning, roc, 7}}}, {});
        auto* plot = world.find<CurvePlot>("curve_few_shot");
        QVERIFY(plot);
        QCOMPARE(plot->chart().series.size(), size_t{2});
        QCOMPARE(plot->chart().series[0].points.size(), size_t{3}); // what is no number is left out
        QCOMPARE(plot->chart().series[0].band.size(), size_t{3});
        QVERIFY(plot->chart().series[1].dashed);
        QVERIFY(plot->chart().logX);
        // On a logarithmic axis equal ratios are equal distances.
        const int one = plot->pixelOf({1, 0.5}).x(), two = plot->pixelOf({2, 0.5}).x(),
                  four = plot->pixelOf({4, 0.5}).x();
        QVERIFY(std::abs((two - one) - (four - two)) <= 1);
        QCOMPARE(plot->valueAt(plot->pixelOf({16, 0.8}) + QPoint(3, 3)), QStringLiteral("probe: 16, 0.8"));
        QCOMPARE(plot->valueAt(plot->pixelOf({1, 0.6})), QStringLiteral("zero-shot: 1, 0.6"));
        QCOMPARE(plot->valueAt(QPoint(-100, -100)), QString());
        QVERIFY(plot->accessibleDescription().contains(QStringLiteral("probe")));
        auto* vertical = world.find<CurvePlot>("curve_roc");
        QCOMPARE(vertical->pixelOf({0, 0}).x(), vertical->pixelOf({0, 0.5}).x());
        QVERIFY(vertical->pixelOf({0, 0.5}).y() < vertical->pixelOf({0, 0}).y());
    }

    void curvesOfARunThatHasNone() {
        ResultViewFixture world(1);
        world.show(QStringLiteral("curves"), {{"curves", "none"}}, {});
        QVERIFY(world.view->findChildren<CurvePlot*>().isEmpty());
    }

    void tablesAreSortedByValueAndCopied() {
        ResultViewFixture world(1);
        const Json columns = {{{"title", "Tag"}, {"kind", "text"}},
                              {{"title", "Pairs"}, {"kind", "count"}},
                              {{"title", "Group"}, {"kind", "share"}},
                              {{"title", "Rank"}, {"kind", "number"}}};
        const Json byTag = {{"title", "By tag"},
                            {"columns", columns},
                            {"rows",
                             {{"Object", 1200, 0.09, 1.5},
                              {"Relation", 90, 0.1, 3},
                              {"Both", 2, nullptr, 2},
                              {"short row"}}}};
        const Json people = {{"title", "Beside others"},
                             {"columns", {{{"title", "Who"}, {"kind", "text"}}}},
                             {"rows", {{"people"}, {"chance"}}}};
        world.show(QStringLiteral("tables"), {{"tables", {byTag, people}}}, {});
        auto* table = world.find<QTableView>("detailsTable");
        QAbstractItemModelTester tester(table->model());
        QCOMPARE(table->model()->rowCount(), 4);
        QCOMPARE(cell(table, 0, 2), QStringLiteral("9.0 %"));
        QCOMPARE(cell(table, 2, 2), QStringLiteral("–"));
        QCOMPARE(cell(table, 0, 3), QStringLiteral("1.5"));
        table->sortByColumn(2, Qt::DescendingOrder);
        QCOMPARE(cell(table, 0, 0), QStringLiteral("Relation")); // 10 % before 9 %
        table->sortByColumn(1, Qt::AscendingOrder);
        QCOMPARE(cell(table, 1, 0), QStringLiteral("Both")); // 2 before 90 before 1200
        QTest::mouseClick(world.find<QPushButton>("copyTable"), Qt::LeftButton);
        const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines[0], QStringLiteral("Tag\tPairs\tGroup\tRank"));
        QCOMPARE(lines[2], QStringLiteral("Both\t2\t–\t2"));
        auto* choice = world.find<QComboBox>("tableChoice");
        QVERIFY(choice->isVisible());
        choice->setCurrentIndex(1);
        QCOMPARE(table->model()->rowCount(), 2);
        QCOMPARE(table->model()->columnCount(), 1);
        QCOMPARE(cell(table, 0, 0), QStringLiteral("people"));
    }

    void rankingShowsWhatWasFoundAndFiltersFailures() {
        ResultViewFixture world(3);
        const auto parts = [&](Json rank, Json best, Json captionRanks) {
            return Json{{"rank", rank}, {"best", best}, {"caption_ranks", captionRanks}};
        };
        Json first = parts(1, {{world.id(0), 1, 0.31}, {world.id(1), 0, 0.29}}, {1, 4});
        first["images_before"] = {Json::array(), {{world.id(2), 0.45}, {world.id(1), 0.4}}};
        world.show(
            QStringLiteral("ranking"), Json::object(),
            {example(world.samples[0], first),
             example(world.samples[1], parts(7, {{world.id(2), 0, 0.4}, {world.id(1), 1, 0.2}}, {2, 3})),
             example(world.samples[2], parts(1, {{world.id(2), 1, 0.5}}, {1, 1}))});
        auto* grid = world.find<ThumbnailGrid>("rankingGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 3);
        auto* found = world.find<QTableView>("foundCaptions");
        QTRY_COMPARE(found->model()->rowCount(), 2); // of the first image, chosen by itself
        QCOMPARE(cell(found, 0, 1), QStringLiteral("✓ caption 0 b"));
        QCOMPARE(cell(found, 1, 1), QStringLiteral("caption 1 a"));
        QCOMPARE(cell(found, 0, 2), QStringLiteral("0.3100"));
        auto* own = world.find<QTableView>("ownCaptions");
        QCOMPARE(cell(own, 1, 0), QStringLiteral("✗ 4"));
        QCOMPARE(cell(own, 1, 1), QStringLiteral("caption 0 b"));
        // The images that beat a caption, of the first caption that is beaten.
        auto* before = world.find<ThumbnailGrid>("imagesBefore");
        auto* beforeTitle = world.find<QLabel>("imagesBeforeTitle");
        QTRY_COMPARE(before->model()->rowCount(), 2);
        QCOMPARE(before->model()->index(0, 0).data().toString(), QStringLiteral("0.4500"));
        QCOMPARE(before->model()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong(), world.id(2));
        QCOMPARE(beforeTitle->text(), QStringLiteral("Its caption 2 finds first:"));
        QCOMPARE(test::picturesWithoutMenu(world.view.get()), QStringList());
        clickCell(own, 0, 1);
        QCOMPARE(before->model()->rowCount(), 0);
        QVERIFY(beforeTitle->text().contains(QStringLiteral("first")));

        auto* filter = world.find<QComboBox>("rankFilter");
        filter->setCurrentIndex(filter->findText(QStringLiteral("another image's"), Qt::MatchContains));
        QCOMPARE(grid->model()->rowCount(), 1);
        QVERIFY(grid->model()->index(0, 0).data().toString().contains(QStringLiteral("7")));
        QTRY_COMPARE(cell(found, 0, 1), QStringLiteral("caption 2 a"));
        filter->setCurrentIndex(filter->findText(QStringLiteral("another image first"), Qt::MatchContains));
        QCOMPARE(grid->model()->rowCount(), 2);
        filter->setCurrentIndex(filter->findText(QStringLiteral("All right"), Qt::MatchContains));
        QCOMPARE(grid->model()->rowCount(), 1);

        QSignalSpy opened(&world.services->state, &AppState::sampleRequested);
        QTest::mouseClick(world.find<SamplePicture>("rankedPicture"), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(world.services->state.lastSampleRequest().sample, world.samples[2]);
    }

    void pairsAreJudgedByTheirFourScores() {
        ResultViewFixture world(6);
        const Json right = pairJson(world, "1", 0, "Object", {0.3, 0.2, 0.1, 0.25});
        const Json textWrong = pairJson(world, "2", 2, "Relation", {0.3, 0.2, 0.35, 0.4});
        const Json imageWrong = pairJson(world, "3", 4, "Relation", {0.3, 0.31, 0.1, 0.32});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 6; ++i)
            examples.push_back(example(world.samples[i], {{"pair", i < 2   ? right
                                                                   : i < 4 ? textWrong
                                                                           : imageWrong}}));
        world.show(QStringLiteral("pairs"), Json::object(), examples);
        auto* table = world.find<QTableView>("pairTable");
        QTRY_COMPARE(table->model()->rowCount(), 3); // two samples each, listed once
        QCOMPARE(cell(table, 0, PairsModel::Text), QStringLiteral("✓"));
        QCOMPARE(cell(table, 1, PairsModel::Text), QStringLiteral("✗"));
        QCOMPARE(cell(table, 2, PairsModel::Image), QStringLiteral("✗"));

        clickCell(table, 1, PairsModel::Tag);
        QCOMPARE(world.find<QLabel>("pairScore10")->text(), QStringLiteral("0.3500"));
        QCOMPARE(test::picturesWithoutMenu(world.view.get()), QStringList());
        QStringList wrong, all;
        for (const QLabel* label : world.view->findChildren<QLabel*>(QStringLiteral("pairWords"))) {
            all.append(label->text());
            if (label->text().startsWith(QStringLiteral("✗"))) {
                wrong.append(label->text());
                QCOMPARE(label->palette().color(QPalette::WindowText), theme::colors().danger);
            }
        }
        QCOMPARE(all.size(), 4);
        QCOMPARE(wrong.size(), 1);
        QCOMPARE(wrong[0],
                 QStringLiteral(
                     "✗ Picture 1 does not fit its caption 1 better than caption 2 (0.3000 to 0.3500)"));
        QSignalSpy opened(&world.services->state, &AppState::sampleRequested);
        QTest::mouseClick(world.find<SamplePicture>("pairPicture1"), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(world.services->state.lastSampleRequest().sample, world.samples[3]);
        QCOMPARE(world.services->state.lastSampleRequest().siblings->size(), size_t{6});
    }

    void scoresOfAMatcherAreNoCosines() {
        ResultViewFixture world(2);
        Json pair = pairJson(world, "1", 0, "Object", {2.5, -1, 12.25, 3});
        QCOMPARE(PairResult::fromExample(example(world.samples[0], {{"pair", pair}}))->part.matching, false);
        pair["scorer"] = "matching";
        world.show(QStringLiteral("pairs"), Json::object(), {example(world.samples[0], {{"pair", pair}})});
        QTRY_VERIFY(world.find<QLabel>("pairScore00"));
        QCOMPARE(world.find<QLabel>("pairScore00")->text(), QStringLiteral("2.5"));
        QCOMPARE(world.find<QLabel>("pairScoreName")->text(), QStringLiteral("Match logit"));
        const auto words = world.view->findChildren<QLabel*>(QStringLiteral("pairWords"));
        QVERIFY2(words.front()->text().endsWith(QStringLiteral("(match logits 2.5 to 12.25)")),
                 qPrintable(words.front()->text()));
    }

    void pairsAreFilteredByFailureAndTag_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("tag");
        QTest::addColumn<int>("rows");
        QTest::newRow("all") << "All pairs"
                             << "Any tag" << 3;
        QTest::newRow("tag") << "All pairs"
                             << "Relation" << 2;
        QTest::newRow("right") << "All comparisons right"
                               << "Any tag" << 1;
        QTest::newRow("text") << "Text wrong"
                              << "Any tag" << 1;
        QTest::newRow("image of another tag") << "Image wrong"
                                              << "Object" << 0;
        QTest::newRow("first picture") << "Picture 1"
                                       << "Any tag" << 1;
        QTest::newRow("second picture") << "Picture 2"
                                        << "Any tag" << 0;
        QTest::newRow("first caption") << "Caption 1"
                                       << "Relation" << 1;
        QTest::newRow("second caption") << "Caption 2"
                                        << "Any tag" << 0;
        QTest::newRow("text right, image wrong") << "Text right"
                                                 << "Any tag" << 1;
    }
    void pairsAreFilteredByFailureAndTag() {
        QFETCH(QString, filter);
        QFETCH(QString, tag);
        QFETCH(int, rows);
        ResultViewFixture world(6);
        const Json pairs[] = {pairJson(world, "1", 0, "Object", {0.3, 0.2, 0.1, 0.25}),
                              pairJson(world, "2", 2, "Relation", {0.3, 0.2, 0.35, 0.4}),
                              pairJson(world, "3", 4, "Relation", {0.3, 0.31, 0.1, 0.32})};
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 6; ++i)
            examples.push_back(example(world.samples[i], {{"pair", pairs[i / 2]}}));
        world.show(QStringLiteral("pairs"), Json::object(), examples);
        auto* table = world.find<QTableView>("pairTable");
        QTRY_COMPARE(table->model()->rowCount(), 3);
        auto* verdict = world.find<QComboBox>("pairFilter");
        const int index = verdict->findText(filter, Qt::MatchStartsWith);
        QVERIFY(index >= 0);
        verdict->setCurrentIndex(index);
        world.find<QComboBox>("pairTag")->setCurrentText(tag);
        QCOMPARE(table->model()->rowCount(), rows);
    }

    void tiesAreFailures() {
        ResultViewFixture world(2);
        const auto pair = PairResult::fromExample(
            example(world.samples[0], {{"pair", pairJson(world, "1", 0, "", {0.3, 0.3, 0.3, 0.3})}}));
        QVERIFY(pair);
        for (const PairInequality& inequality : pair->inequalities())
            QVERIFY(!inequality.holds);
        QVERIFY(!PairResult::fromExample(example(world.samples[0], {{"pair", 3}})));
    }

    void outcomesAreToldInWords() {
        ResultViewFixture world(2);
        const QString pair = outcomeText(
            example(world.samples[0], {{"pair", pairJson(world, "1", 0, "", {0.3, 0.2, 0.1, 0.25})}}));
        QVERIFY(pair.contains(QStringLiteral("Caption 2: “a mug in some grass”")));
        QCOMPARE(pair.count(QStringLiteral("✓")), 4);
        QVERIFY(!pair.contains(QStringLiteral("✗")));
        const QString ranks =
            outcomeText(example(world.samples[0], {{"rank", 4}, {"caption_ranks", {1, 9}}}));
        QCOMPARE(ranks, QStringLiteral("Its own caption stands at place 4 of all captions.\n"
                                       "Its captions find it at place 1, 9."));
        QCOMPARE(outcomeText(example(world.samples[0], Json())), QString());
    }

    void onePictureWithARightAndAWrongCaption() {
        ResultViewFixture world(1);
        const Json pair = {{"id", 9},
                           {"images", {world.id(0)}},
                           {"captions", {"a cat on a mat", "a mat on a cat"}},
                           {"scores", {{0.2}, {0.3}}},
                           {"text", false},
                           {"image", nullptr},
                           {"group", nullptr},
                           {"tag", "swap"}};
        world.show(QStringLiteral("pairs"), Json::object(), {example(world.samples[0], {{"pair", pair}})});
        auto* table = world.find<QTableView>("pairTable");
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QVERIFY(!world.find<SamplePicture>("pairPicture1"));
        QCOMPARE(world.find<QLabel>("pairScore10")->text(), QStringLiteral("0.3000"));
        QCOMPARE(cell(table, 0, PairsModel::Group), QString());
        const auto words = world.view->findChildren<QLabel*>(QStringLiteral("pairWords"));
        QCOMPARE(words.size(), 1);
        QVERIFY(words[0]->text().startsWith(QStringLiteral("✗")));
    }

    void groupsShowTheirMembersSideBySide() {
        ResultViewFixture world(4);
        const auto judged = [&](size_t i, int target, int predicted) {
            ExampleResult result = example(world.samples[i], {});
            result.target = target;
            result.predictions = {{predicted, 0.75F}};
            result.correct = target == predicted;
            return result;
        };
        const Json groups = {
            {{"kind", "same_text"}, {"samples", {world.id(0), world.id(1)}}, {"all_right", false}},
            {{"kind", "same_image"}, {"samples", {world.id(2), world.id(3)}}, {"all_right", true}},
            {{"kind", "same_text"}, {"samples", {999999}}, {"all_right", true}}};
        world.show(QStringLiteral("groups"), {{"groups", groups}},
                   {judged(0, 1, 1), judged(1, 0, 1), judged(2, 1, 1), judged(3, 0, 0)});
        auto* table = world.find<QTableView>("groupTable");
        QTRY_COMPARE(table->model()->rowCount(), 2); // a group of nothing is none
        QCOMPARE(cell(table, 0, 0), QStringLiteral("caption 0 a"));
        QCOMPARE(cell(table, 0, 2), QStringLiteral("✗ 1 of 2"));
        QCOMPARE(cell(table, 1, 0), QStringLiteral("p2.png"));
        auto pictures = world.view->findChildren<SamplePicture*>(QStringLiteral("groupPicture"));
        QCOMPARE(pictures.size(), 2);
        QCOMPARE(test::picturesWithoutMenu(world.view.get()), QStringList());
        QStringList lines;
        for (const QLabel* label : world.view->findChildren<QLabel*>(QStringLiteral("groupLine")))
            lines.append(label->text());
        QVERIFY(lines.contains(QStringLiteral("Label: hateful")));
        QVERIFY(lines.contains(QStringLiteral("Label: harmless")));
        QVERIFY(lines.contains(QStringLiteral("Taken for: hateful, score 75.0 %")));
        QCOMPARE(lines.filter(QStringLiteral("✓")).size(), 1);
        QCOMPARE(lines.filter(QStringLiteral("✗")).size(), 1);
        QSignalSpy opened(&world.services->state, &AppState::sampleRequested);
        QTest::mouseClick(pictures[1], Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(world.services->state.lastSampleRequest().sample, world.samples[1]);
        auto* filter = world.find<QComboBox>("groupFilter");
        filter->setCurrentIndex(filter->findText(QStringLiteral("Not wholly right")));
        QCOMPARE(table->model()->rowCount(), 1);
        filter->setCurrentIndex(filter->findText(QStringLiteral("Same image"), Qt::MatchStartsWith));
        QCOMPARE(cell(table, 0, 0), QStringLiteral("p2.png"));
    }
};

QTEST_MAIN(ResultViewsTest)
#include "tst_result_views.moc"
