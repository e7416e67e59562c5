// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/classification_details.h"
#include "tests/support/window_fixture.h"
#include "ui/plots/heat_map.h"
#include "ui/state/selection.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QLabel>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// The filter and the selection of a dataset on the pages Runs and Datasets, and Ctrl+Z from either.
class LinkedPagesTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    DatasetId m_dataset;
    std::vector<SampleId> m_samples;

    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    ThumbnailGrid& examples() { return *m_fixture->find<ThumbnailGrid>("exampleGrid"); }
    ThumbnailGrid& grid() { return *m_fixture->find<ThumbnailGrid>("thumbnailGrid"); }
    QString line() {
        auto* view = m_fixture->find<QTabWidget>("resultTabs")->currentWidget();
        auto* text = view->findChild<QLabel*>(QStringLiteral("runFilterText"));
        return text->isVisible() ? text->text() : QString();
    }
    void undo() { QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier); }
    void openTab(const char* title) {
        auto* tabs = m_fixture->find<QTabWidget>("resultTabs");
        for (int i = 0; i < tabs->count(); ++i)
            if (tabs->tabText(i) == QLatin1String(title))
                QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(i).center());
        QCOMPARE(tabs->tabText(tabs->currentIndex()), QLatin1String(title));
    }
    void click(ThumbnailGrid& view, int row, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers,
                          view.visualRect(view.model()->index(row, 0)).center());
    }
    /// Every third cat is taken for a dog.
    void addRun(Workspace& workspace) {
        m_dataset = workspace.datasets().front().id;
        m_samples = workspace.sampleIds(m_dataset);
        RunRecord run;
        run.task = "zero-shot";
        run.modelName = "tiny";
        run.datasetId = m_dataset;
        run.spec = Json::object();
        run.classNames = workspace.classNames(m_dataset);
        std::vector<ExampleResult> results;
        ClassificationResults tables;
        for (const Sample& sample : workspace.samples(m_samples)) {
            ExampleResult& example = results.emplace_back();
            example.sample = sample.id;
            example.target = sample.label;
            const bool right = sample.label != 0 || results.size() % 3 != 0;
            example.predictions = {{right ? sample.label : 1, 0.5F}};
            example.correct = right;
            tables.labels.push_back(sample.label);
            tables.predictions.push_back(example.predictions.front().index);
            tables.correct.push_back(right);
        }
        run.details = classificationDetails(tables, run.classNames);
        workspace.addRun(run, results);
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 6);
        addRun(Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString())->workspace());
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(window().showPage(QStringLiteral("datasets")));
        QTRY_COMPARE(grid().model()->rowCount(), 18);
        state().showRun({1});
        QVERIFY(window().showPage(QStringLiteral("runs")));
        QTRY_VERIFY(m_fixture->find<ThumbnailGrid>("exampleGrid"));
        openTab("Examples");
        QTRY_COMPARE(examples().model()->rowCount(), 18);
    }
    void cleanup() { m_fixture.reset(); }

    void bothPagesShowTheSame() {
        state().view(m_dataset).setFilter({.labels = {0, 1}});
        QTRY_COMPARE(examples().model()->rowCount(), 12);
        QTRY_COMPARE(line(), QStringLiteral("Filtered: 12 of 18 examples · class cat or dog"));
        click(examples(), 1);
        click(examples(), 3, Qt::ControlModifier);
        const std::vector<SampleId> two = {m_samples[1], m_samples[3]};
        QCOMPARE(state().selection(m_dataset).samples(), two);
        QVERIFY(window().showPage(QStringLiteral("datasets")));
        QCOMPARE(grid().selectedSamples(), two);
        grid().setFocus();
        QTest::keyClick(&grid(), Qt::Key_A, Qt::ControlModifier);
        QVERIFY(window().showPage(QStringLiteral("runs")));
        QCOMPARE(examples().selectedSamples().size(), size_t{12});
        undo();
        QCOMPARE(examples().selectedSamples(), two);
        undo(); // one alone is nobody's loss
        QCOMPARE(examples().selectedSamples(), std::vector<SampleId>{m_samples[1]});
        undo();
        QTRY_COMPARE(examples().model()->rowCount(), 18);
        QCOMPARE(line(), QString());
        QTest::keyClick(&window(), Qt::Key_Y, Qt::ControlModifier);
        QTRY_COMPARE(examples().model()->rowCount(), 12);
        QTest::mouseClick(m_fixture->find<QTabWidget>("resultTabs")
                              ->currentWidget()
                              ->findChild<QToolButton*>(QStringLiteral("clearRunFilter")),
                          Qt::LeftButton);
        QTRY_COMPARE(examples().model()->rowCount(), 18);
        undo();
        QTRY_COMPARE(examples().model()->rowCount(), 12);
        QVERIFY(window().showPage(QStringLiteral("datasets")));
        QTRY_COMPARE(grid().model()->rowCount(), 12);
    }

    void aCellSelectsWhatOfItIsInTheFilter() {
        const std::vector<SampleId> some(m_samples.begin(), m_samples.begin() + 5);
        state().view(m_dataset).set({.ids = std::make_shared<const std::vector<SampleId>>(some),
                                     .title = QStringLiteral("The first five")});
        QTRY_COMPARE(examples().model()->rowCount(), 5);
        openTab("Confusion matrix");
        auto* map = m_fixture->find<HeatMap>("confusionMap");
        QTRY_COMPARE(map->count(0, 1), 1); // of two in all
        QTest::mouseClick(map->childAt(map->cellCenter(0, 1)), Qt::LeftButton, {},
                          map->childAt(map->cellCenter(0, 1))->mapFrom(map, map->cellCenter(0, 1)));
        QTRY_COMPARE(examples().model()->rowCount(), 1);
        QTRY_COMPARE(state().selection(m_dataset).samples(), std::vector<SampleId>{m_samples[2]});
        QTRY_COMPARE(line(), QStringLiteral("Filtered: 1 of 2 examples · The first five"));
        openTab("Confusion matrix");
        QTRY_COMPARE(map->markOf(0, 1), 1);
    }
};

QTEST_MAIN(LinkedPagesTest)
#include "tst_linked_pages.moc"
