// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/models/facet_model.h"
#include "ui/pages/datasets/facet_bar.h"
#include "ui/pages/datasets/views_button.h"
#include "ui/state/selection.h"
#include "ui/widgets/range_histogram.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QTreeView>

using namespace diptych;
using namespace diptych::ui;

/// One filter for a dataset: the side bar with its counts, the grid, the Inspector, undo and saved views,
/// through the real window.
class FiltersTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_ids; ///< by weight: 12 of them, 0 to 11, cat and dog in turn

    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    Workspace& workspace() { return state().session()->workspace(); }
    ThumbnailGrid& grid() { return *m_fixture->find<ThumbnailGrid>("thumbnailGrid"); }
    FacetBar& bar() { return *m_fixture->find<FacetBar>("facetBar"); }
    ViewsButton& views() { return *m_fixture->find<ViewsButton>("viewsButton"); }
    DatasetView& view() { return state().view(state().currentDataset()); }
    int shown() { return grid().model()->rowCount(); }
    void undo() { QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier); }

    void openTable(bool withRun = false) {
        m_fixture->makeWorkspace(QStringLiteral("w"), 6);
        QByteArray table = "image,label,weight,camera\n";
        for (int i = 0; i < 12; ++i)
            table += QStringLiteral("animals/%1/%1_00%2.png,%1,%3,%4\n")
                         .arg(i % 2 == 0 ? QStringLiteral("cat") : QStringLiteral("dog"))
                         .arg(i / 2)
                         .arg(i)
                         .arg(i < 4 ? QStringLiteral("north") : QStringLiteral("south"))
                         .toUtf8();
        test::writeText(m_fixture->path(QStringLiteral("table.csv")), table);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            const DatasetId id = session->importDataset(
                m_fixture->path(QStringLiteral("table.csv")).toStdString(), "a table", {}, {});
            if (withRun)
                addRun(session->workspace(), id);
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("datasets"));
        QTRY_COMPARE(shown(), 12);
        QTRY_VERIFY(bar().model()->rowCount() > 0);
        m_ids = workspace().sampleIds(state().currentDataset(), {}, {SampleOrder::Column, false, "weight"});
    }
    /// The last three wrong, of which it is surest.
    void addRun(Workspace& workspace, DatasetId dataset) {
        const auto ids = workspace.sampleIds(dataset, {}, {SampleOrder::Column, false, "weight"});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < ids.size(); ++i) {
            ExampleResult example;
            example.sample = ids[i];
            example.predictions = {{i < 9 ? static_cast<int>(i % 2) : 0, 0.05F * static_cast<float>(i + 1)}};
            example.correct = i < 9;
            examples.push_back(example);
        }
        RunRecord run;
        run.task = "zero-shot";
        run.modelName = "tiny";
        run.datasetId = dataset;
        run.spec = run.details = Json::object();
        run.classNames = {"cat", "dog"};
        workspace.addRun(run, examples);
    }
    QModelIndex facet(const char* title) {
        for (int row = 0; row < bar().model()->rowCount(); ++row)
            if (const QModelIndex index = bar().model()->index(row, 0);
                index.data().toString() == QLatin1String(title))
                return index;
        return {};
    }
    QModelIndex value(const char* title, const char* text) {
        const QModelIndex of = facet(title);
        for (int row = 0; row < bar().model()->rowCount(of); ++row)
            if (const QModelIndex index = bar().model()->index(row, 0, of);
                index.data().toString() == QString::fromUtf8(text))
                return index;
        return {};
    }
    QString counts(const char* title, const char* text) {
        const QModelIndex index = value(title, text);
        return QStringLiteral("%1/%2")
            .arg(index.data(FacetModel::CountRole).toLongLong())
            .arg(index.data(FacetModel::TotalRole).toLongLong());
    }
    void click(const QModelIndex& index) {
        QVERIFY(index.isValid());
        bar().tree()->scrollTo(index);
        const QRect place = bar().tree()->visualRect(index);
        QVERIFY(bar().tree()->viewport()->rect().contains(place.center()));
        QTest::mouseClick(bar().tree()->viewport(), Qt::LeftButton, {}, place.center());
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void clicksFilterAndCountsFollow() {
        openTable();
        QCOMPARE(counts("Class", "cat"), QStringLiteral("6/6"));
        QCOMPARE(counts("camera", "north"), QStringLiteral("4/4"));
        click(value("Class", "cat"));
        QTRY_COMPARE(shown(), 6);
        QTRY_COMPARE(counts("camera", "north"), QStringLiteral("2/4"));
        QCOMPARE(counts("Class", "dog"), QStringLiteral("6/6")); // what choosing it too would add
        click(value("camera", "south"));
        QTRY_COMPARE(shown(), 4);
        QTRY_COMPARE(counts("Class", "dog"), QStringLiteral("4/6"));
        click(value("Class", "dog")); // several at once
        QTRY_COMPARE(shown(), 8);
        QCOMPARE(value("Class", "cat").data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        undo();
        QTRY_COMPARE(shown(), 4);
        undo();
        QTRY_COMPARE(shown(), 6);
        QTRY_COMPARE(value("camera", "south").data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
        undo();
        QTRY_COMPARE(shown(), 12);
        QTest::keyClick(&window(), Qt::Key_Y, Qt::ControlModifier);
        QTRY_COMPARE(shown(), 6);
    }

    void keysFilterToo() {
        openTable();
        bar().tree()->setFocus();
        bar().tree()->setCurrentIndex(value("Class", "dog"));
        QTest::keyClick(bar().tree(), Qt::Key_Space);
        QTRY_COMPARE(shown(), 6);
        auto* find = bar().findChild<QLineEdit*>();
        QTest::keyClicks(find, QStringLiteral("nor"));
        QVERIFY(value("camera", "north").isValid());
        QVERIFY(!value("camera", "south").isValid());
        QVERIFY(!value("Class", "dog").isValid());
    }

    void aRangeIsDragged() {
        openTable();
        RangeHistogram* weight = bar().histogramOf(QStringLiteral("weight"));
        QVERIFY(weight);
        RangeBars* bars = weight->bars();
        bar().tree()->scrollTo(bar().model()->index(0, 0, facet("weight")));
        QTRY_VERIFY(bars->isVisible() && bars->width() > 40);
        QCOMPARE(bars->histogram().total.size(), size_t{12});
        const auto at = [&](int bin) { return bars->binRect(bin).center(); };
        QTest::mousePress(bars, Qt::LeftButton, {}, at(3));
        QTest::mouseMove(bars, at(5));
        QTest::mouseMove(bars, at(8));
        QTest::mouseRelease(bars, Qt::LeftButton, {}, at(8));
        QTRY_COMPARE(shown(), 6); // 3 to 8
        QCOMPARE(view().filter().ranges.at(0).range, (NumberRange{3.0, 8.0}));
        QTRY_COMPARE(counts("camera", "north"), QStringLiteral("1/4"));
        const QList<QLineEdit*> ends = weight->findChildren<QLineEdit*>();
        QCOMPARE(ends[0]->text(), QStringLiteral("3"));
        QCOMPARE(ends[1]->text(), QStringLiteral("8"));
        const QPoint end(bars->binRect(8).right(), 10); // its handle
        QTest::mousePress(bars, Qt::LeftButton, {}, end);
        const QPoint further(bars->binRect(9).right(), 10);
        QTest::mouseMove(bars, further);
        QTest::mouseRelease(bars, Qt::LeftButton, {}, further);
        QTRY_COMPARE(shown(), 7); // 3 to 9
        ends[0]->setFocus();
        ends[0]->selectAll();
        QTest::keyClicks(ends[0], QStringLiteral("5"));
        QTest::keyClick(ends[0], Qt::Key_Return);
        QTRY_COMPARE(shown(), 5);
        m_fixture->services->edits.undoStack()
            .undo(); // of one range all that was dragged; keys are the field's
        QTRY_COMPARE(shown(), 12);
        QVERIFY(view().filter().ranges.empty());
        QTest::keyClick(&window(), Qt::Key_Y, Qt::ControlModifier);
        QTRY_COMPARE(shown(), 5);
        QTest::mouseDClick(bars, Qt::LeftButton, {}, at(6));
        QTRY_COMPARE(shown(), 12);
        undo(); // taking it away is a step of its own
        QTRY_COMPARE(shown(), 5);
    }

    void theCurrentRunIsAFacet() {
        openTable(true);
        state().setCurrentRun({1});
        QTRY_VERIFY(value("Right or wrong", "✗ wrong").isValid());
        click(value("Right or wrong", "✗ wrong"));
        QTRY_COMPARE(shown(), 3);
        QTRY_COMPARE(counts("Prediction", "cat"), QStringLiteral("3/8"));
        RangeHistogram* confidence = bar().histogramOf(QStringLiteral("Confidence"));
        QVERIFY(confidence);
        QCOMPARE(confidence->findChildren<QLineEdit*>()[0]->text(),
                 QStringLiteral("0.05")); // not 0.050000000745
        auto* runs = bar().findChild<QComboBox*>();
        QVERIFY(runs->isVisible());
        runs->setCurrentIndex(0); // without results: their conditions go
        QTRY_COMPARE(shown(), 12);
        QTRY_VERIFY(!facet("Prediction").isValid());
        workspace().removeRun({1});
        view().setFilter({.outcome = OutcomeFilter{{1}, Verdict::Right}});
        auto* page = window().page(QStringLiteral("datasets"));
        const auto says = [page] {
            for (const QLabel* label : page->findChildren<QLabel*>())
                if (label->isVisible() && label->text().contains(QStringLiteral("Run 1")))
                    return true;
            return false;
        };
        QTRY_VERIFY(says()); // a filter that cannot be answered is not an empty dataset
    }

    void aListIsNarrowedAndCounted() {
        openTable();
        const auto list = std::make_shared<const std::vector<SampleId>>(
            std::vector<SampleId>{m_ids[7], m_ids[2], m_ids[1]});
        state().showDatasetFiltered({state().currentDataset(), {}, list, QStringLiteral("Some"), {}});
        QTRY_COMPARE(shown(), 3);
        QTRY_COMPARE(counts("Class", "dog"), QStringLiteral("2/6"));
        click(value("Class", "dog"));
        QTRY_COMPARE(shown(), 2);
        QCOMPARE(*view().samples(), (std::vector<SampleId>{m_ids[7], m_ids[1]}));
    }

    void viewsAreSavedAppliedRenamedAndRemoved() {
        openTable();
        view().setFilter({.labels = {0}, .ranges = {{"weight", {4, {}}}}});
        QTRY_COMPARE(shown(), 4);
        views().saveFilter(QStringLiteral("heavy cats"));
        QTRY_COMPARE(views().text(), QStringLiteral("heavy cats"));
        state().selection(state().currentDataset()).set({m_ids[0], m_ids[1]}, m_ids[0]);
        views().saveSamples(QStringLiteral("pair"), state().selection(state().currentDataset()).samples());
        view().clear();
        QTRY_COMPARE(shown(), 12);
        QCOMPARE(views().text(), QStringLiteral("Views"));
        QTRY_COMPARE(views().names(), (QStringList{QStringLiteral("heavy cats"), QStringLiteral("pair")}));
        QTimer::singleShot(0, this, [this] {
            QMenu* menu = views().menu();
            QVERIFY(menu->isVisible());
            QCOMPARE(menu->actions().at(0)->text(), QStringLiteral("heavy cats"));
            QVERIFY(menu->actions().at(1)->text().startsWith(QStringLiteral("pair")));
            menu->setActiveAction(menu->actions().at(0));
            QTest::keyClick(menu, Qt::Key_Return);
        });
        QTest::mouseClick(&views(), Qt::LeftButton);
        QTRY_COMPARE(shown(), 4);
        QTRY_COMPARE(value("Class", "cat").data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        QUndoStack& stack = m_fixture->services->edits.undoStack(); // keys are still the menu's, offscreen
        stack.undo();
        QTRY_COMPARE(shown(), 12);
        views().apply(QStringLiteral("pair"));
        QTRY_COMPARE(shown(), 2);
        workspace().removeView(workspace().findView(state().currentDataset(), "pair")->id);
        state().notifySavedViewsChanged();
        view().setFilter({.text = "nothing is called so"});
        QTRY_COMPARE(shown(), 0);
        stack.undo(); // back to what is gone: said, not a crash
        QTRY_COMPARE(view().filter().text, std::string());
    }

    void theInspectorStepsThroughTheFilter() {
        openTable();
        view().setFilter({.labels = {1}});
        QTRY_COMPARE(shown(), 6);
        grid().setFocus();
        grid().setCurrentIndex(grid().model()->index(2, 0));
        QTest::keyClick(&grid(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QWidget* page = window().page(QStringLiteral("inspector"));
        const auto says = [page](const QString& text) {
            for (const QLabel* label : page->findChildren<QLabel*>())
                if (label->isVisible() && label->text() == text)
                    return true;
            return false;
        };
        QTRY_VERIFY(says(QStringLiteral("3 of 6")));
        view().setFilter({.labels = {1}, .ranges = {{"weight", {5, {}}}}}); // 5, 7, 9, 11
        QTRY_VERIFY(says(QStringLiteral("1 of 4")));
        view().setFilter({.labels = {0}});
        QTRY_VERIFY(says(QStringLiteral("not in the filter (6)")));
        QTest::mouseClick(m_fixture->find<QToolButton>("nextExample"), Qt::LeftButton);
        QTRY_VERIFY(says(QStringLiteral("1 of 6")));
        QCOMPARE(state().currentSample(), view().samples()->front());
    }
};

QTEST_MAIN(FiltersTest)
#include "tst_filters.moc"
