// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/classification_details.h"
#include "tests/support/result_view_fixture.h"
#include "ui/models/run_models.h"
#include "ui/plots/heat_map.h"
#include "ui/plots/reliability_plot.h"
#include "ui/state/selection.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QLabel>
#include <QTableView>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

namespace {

constexpr size_t kPictures = 12;

/// Every second picture is "hateful"; the first and the last are taken for what they are not. The first six
/// are tagged "night".
struct LinkedWorld : ResultViewFixture {
    LinkedWorld() : ResultViewFixture(kPictures) {
        session->workspace().addTag(std::span(samples).first(6), "night");
    }
    void showClasses(const char* viewId) {
        std::vector<ExampleResult> examples;
        ClassificationResults results;
        for (size_t i = 0; i < kPictures; ++i) {
            ExampleResult example;
            example.sample = samples[i];
            example.target = static_cast<int>(i % 2);
            const bool right = i != 0 && i != kPictures - 1;
            example.correct = right;
            example.predictions = {{right ? example.target : 1 - example.target, 0.75F}};
            results.labels.push_back(example.target);
            results.predictions.push_back(example.predictions.front().index);
            results.correct.push_back(right);
            results.confidences.push_back(0.75);
            examples.push_back(std::move(example));
        }
        show(QString::fromLatin1(viewId), classificationDetails(results, classNames), examples);
    }
    void showPairs() {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < kPictures; ++i) {
            ExampleResult example;
            example.sample = samples[i];
            const size_t first = i / 2 * 2;
            example.parts = {{"pair",
                              {{"id", std::to_string(first)},
                               {"images", {id(first), id(first + 1)}},
                               {"captions", {"a", "b"}},
                               {"scores", {{0.3, 0.2}, {0.1, 0.25}}},
                               {"text", true},
                               {"image", true},
                               {"group", true},
                               {"tag", ""}}}};
            examples.push_back(std::move(example));
        }
        show(QStringLiteral("pairs"), Json::object(), examples);
    }
    void showGroups() {
        std::vector<ExampleResult> examples;
        Json groups = Json::array();
        for (size_t i = 0; i < kPictures; ++i) {
            ExampleResult& example = examples.emplace_back();
            example.sample = samples[i];
            if (i % 3 == 0)
                groups.push_back(
                    {{"kind", "same_text"}, {"samples", {id(i), id(i + 1), id(i + 2)}}, {"all_right", true}});
        }
        show(QStringLiteral("groups"), {{"groups", groups}}, examples);
    }
    void showRanking() {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < kPictures; ++i) {
            ExampleResult& example = examples.emplace_back();
            example.sample = samples[i];
            example.parts = {{"rank", 1}, {"best", {{id(i), 0, 0.3}}}, {"caption_ranks", {1, 1}}};
        }
        show(QStringLiteral("ranking"), Json::object(), examples);
    }

    DatasetView& filter() { return services->state.view(dataset); }
    Selection& selection() { return services->state.selection(dataset); }
    void undo() { services->edits.undoStack().undo(); }
    QString line() {
        auto* shown = find<QLabel>("runFilterText");
        return shown->isVisible() ? shown->text() : QString();
    }
    bool says(const char* begin) { return line().startsWith(QLatin1String(begin)); }
    void clickRow(QTableView* table, int row) {
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(row, 0)).center());
    }
    std::vector<SampleId> at(std::vector<size_t> places) const {
        std::vector<SampleId> out;
        for (const size_t place : places)
            out.push_back(samples[place]);
        return out;
    }
};

std::vector<int> selectedRows(const QTableView* table) {
    std::vector<int> rows;
    for (const QModelIndex& index : table->selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

} // namespace

/// One filter and one selection of a dataset, in the views of its runs.
class LinkedViewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void examplesFollowTheFilterAndGiveItUp() {
        LinkedWorld world;
        world.showClasses("examples");
        auto* grid = world.find<ThumbnailGrid>("exampleGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 12);
        QCOMPARE(world.line(), QString());
        world.filter().setFilter({.tags = {"night"}});
        QTRY_COMPARE(grid->model()->rowCount(), 6);
        QTRY_COMPARE(world.line(), QStringLiteral("Filtered: 6 of 12 examples · tagged night"));
        // The view's own choices are on top of it.
        auto* verdict = world.find<QComboBox>("verdict");
        verdict->setFocus();
        QTest::keyClick(verdict, Qt::Key_Down);
        QTest::keyClick(verdict, Qt::Key_Down); // wrong
        Q_EMIT verdict->activated(verdict->currentIndex());
        QTRY_COMPARE(grid->model()->rowCount(), 1);
        QTRY_VERIFY2(world.says("Filtered: 1 of 2 examples"), qPrintable(world.line()));
        QTest::mouseClick(world.find<QToolButton>("clearRunFilter"), Qt::LeftButton);
        QVERIFY(!world.filter().spec().narrows());
        QTRY_COMPARE(grid->model()->rowCount(), 2);
        QCOMPARE(world.line(), QString());
        world.undo();
        QTRY_COMPARE(grid->model()->rowCount(), 1);
        QTRY_VERIFY(!world.line().isEmpty());
        // A list that a page shows is a filter too, and is called by its name.
        world.filter().set({.ids = std::make_shared<const std::vector<SampleId>>(world.at({0, 1, 11})),
                            .title = QStringLiteral("Three of them")});
        QTRY_COMPARE(grid->model()->rowCount(), 2);
        QTRY_COMPARE(world.line(), QStringLiteral("Filtered: 2 of 2 examples · Three of them"));
        world.filter().setFilter({.outcome = OutcomeFilter{{77}}});
        QTRY_VERIFY2(world.says("The filter cannot be followed"), qPrintable(world.line()));
    }

    void examplesShareTheirSelection() {
        LinkedWorld world;
        world.showClasses("examples");
        auto* grid = world.find<ThumbnailGrid>("exampleGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 12);
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {},
                          grid->visualRect(grid->model()->index(2, 0)).center());
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, Qt::ControlModifier,
                          grid->visualRect(grid->model()->index(4, 0)).center());
        QCOMPARE(world.selection().samples(), world.at({2, 4}));
        world.selection().set(world.at({1, 2, 3}), world.samples[1]);
        QCOMPARE(grid->selectedSamples(), world.at({1, 2, 3}));
        world.undo();
        QCOMPARE(grid->selectedSamples(), world.at({2, 4}));
        // What the filter hides stays selected.
        world.filter().setFilter({.text = "caption 4"});
        QTRY_COMPARE(grid->model()->rowCount(), 1);
        QCOMPARE(world.selection().samples(), world.at({2, 4}));
    }

    void confusionIsOfTheFilterAndMarksWhatIsSelected() {
        LinkedWorld world;
        world.showClasses("confusion");
        auto* map = world.find<HeatMap>("confusionMap");
        QCOMPARE(map->count(0, 0), 5);
        QCOMPARE(map->count(0, 1), 1);
        world.selection().set(world.at({0, 2, 3, 4}), world.samples[0]);
        QTRY_COMPARE(map->markOf(0, 0), 2);
        QCOMPARE(map->markOf(0, 1), 1);
        QCOMPARE(map->markOf(1, 1), 1);
        QCOMPARE(map->markOf(1, 0), 0);
        world.filter().setFilter({.tags = {"night"}});
        QTRY_COMPARE(map->count(0, 0), 2);
        QCOMPARE(map->count(1, 1), 3);
        QCOMPARE(map->count(1, 0), 0);
        QCOMPARE(map->markOf(0, 0), 2);
        QTRY_COMPARE(world.line(), QStringLiteral("Filtered: 6 of 12 examples · tagged night"));
        world.selection().clear();
        QCOMPARE(map->markOf(0, 0), 0);
        world.undo();
        QCOMPARE(map->markOf(0, 0), 2);
        world.undo();
        QTRY_COMPARE(map->count(0, 0), 5);
        QCOMPARE(world.line(), QString());
    }

    void classesAreOfTheFilterAndShareTheirSelection() {
        LinkedWorld world;
        world.showClasses("classes");
        auto* table = world.find<QTableView>("classesTable");
        const auto cell = [table](int row, int column) {
            return table->model()->index(row, column).data().toString();
        };
        table->sortByColumn(ClassesModel::Name, Qt::AscendingOrder);
        const int harmless = 0; // by name
        QCOMPARE(cell(harmless, ClassesModel::Name), QStringLiteral("harmless"));
        QCOMPARE(cell(harmless, ClassesModel::Recall), QStringLiteral("83.3 %"));
        QTRY_VERIFY([&] { // once its members are read
            world.clickRow(table, harmless);
            return world.selection().samples() == world.at({0, 2, 4, 6, 8, 10});
        }());
        world.selection().set(world.at({1, 3, 5, 7, 9, 11, 0}), world.samples[1]);
        QCOMPARE(selectedRows(table), std::vector<int>{1 - harmless}); // wholly; of the other only one
        world.undo();
        QCOMPARE(selectedRows(table), std::vector<int>{harmless});
        world.filter().setFilter({.tags = {"night"}});
        QTRY_COMPARE(cell(harmless, ClassesModel::Recall), QStringLiteral("66.7 %"));
        QCOMPARE(cell(1 - harmless, ClassesModel::Recall), QStringLiteral("100.0 %"));
        world.undo();
        QTRY_COMPARE(cell(harmless, ClassesModel::Recall), QStringLiteral("83.3 %"));
    }

    void calibrationIsOfTheFilter() {
        LinkedWorld world;
        world.showClasses("calibration");
        const auto says = [&](const char* text) {
            for (const QLabel* label : world.view->findChildren<QLabel*>())
                if (label->text().contains(QLatin1String(text)))
                    return true;
            return false;
        };
        QTRY_VERIFY(says("error is 0.083")); // 10 of 12 right, at 75 %
        world.filter().setFilter({.text = "caption 0"});
        QTRY_VERIFY(says("error is 0.75"));
        QTRY_VERIFY(world.says("Filtered: 1 of 12"));
    }

    /// Tables that its examples do not give are shown whole, and said to be.
    void whatCannotFollowSaysSo() {
        LinkedWorld world;
        const Json cells = {{0, 0, 7}, {1, 0, 2}};
        ExampleResult example;
        example.sample = world.samples[0];
        example.target = 0;
        example.predictions = {{0, 0.5F}};
        world.show(QStringLiteral("confusion"), {{"confusion", {{"cells", cells}}}}, {example});
        world.filter().setFilter({.tags = {"night"}});
        QTRY_VERIFY2(world.says("Not filtered: all 1 examples"), qPrintable(world.line()));
        QCOMPARE(world.find<HeatMap>("confusionMap")->count(0, 0), 7);
    }

    void pairsFollowBothWays() {
        LinkedWorld world;
        world.showPairs();
        auto* table = world.find<QTableView>("pairTable");
        QTRY_COMPARE(table->model()->rowCount(), 6);
        QCOMPARE(world.selection().samples(), std::vector<SampleId>()); // the first row is nobody's choice
        world.clickRow(table, 2);
        QCOMPARE(world.selection().samples(), world.at({4, 5}));
        world.selection().set(world.at({9}), world.samples[9]);
        QCOMPARE(table->currentIndex().row(), 4);
        QCOMPARE(world.selection().samples(), world.at({9})); // and is not widened to the pair
        world.filter().setFilter({.text = "caption 3"});
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QTRY_VERIFY2(world.says("Filtered: 1 of 6 pairs"), qPrintable(world.line()));
        world.undo();
        QTRY_COMPARE(table->model()->rowCount(), 6);
        QCOMPARE(table->currentIndex().row(), 4); // still what is looked at
        world.undo();
        QCOMPARE(world.selection().samples(), world.at({4, 5}));
        QCOMPARE(table->currentIndex().row(), 2);
    }

    void groupsFollowBothWays() {
        LinkedWorld world;
        world.showGroups();
        auto* table = world.find<QTableView>("groupTable");
        QTRY_COMPARE(table->model()->rowCount(), 4);
        world.clickRow(table, 1);
        QCOMPARE(world.selection().samples(), world.at({3, 4, 5}));
        world.selection().set(world.at({7, 8}), world.samples[7]);
        QCOMPARE(table->currentIndex().row(), 2);
        world.filter().setFilter({.tags = {"night"}});
        QTRY_COMPARE(table->model()->rowCount(), 2);
        QTRY_VERIFY2(world.says("Filtered: 2 of 4 groups"), qPrintable(world.line()));
    }

    void rankingFollowsTheFilter() {
        LinkedWorld world;
        world.showRanking();
        auto* grid = world.find<ThumbnailGrid>("rankingGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 12);
        world.filter().setFilter({.tags = {"night"}});
        QTRY_COMPARE(grid->model()->rowCount(), 6);
        QTRY_VERIFY2(world.says("Filtered: 6 of 12 images"), qPrintable(world.line()));
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {},
                          grid->visualRect(grid->model()->index(3, 0)).center());
        QCOMPARE(world.selection().samples(), world.at({3}));
    }
};

QTEST_MAIN(LinkedViewsTest)
#include "tst_linked_views.moc"
