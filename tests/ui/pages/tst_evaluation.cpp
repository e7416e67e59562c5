// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/support/window_fixture.h"
#include "ui/models/run_models.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/plots/heat_map.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// The main job, by hand: choose, edit the prompts, run, look at the numbers, click a cell, open an example.
class EvaluationTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    template<class T>
    T* find(const char* name) {
        T* found = m_fixture->find<T>(name);
        if (!found)
            qFatal("no widget named %s", name);
        return found;
    }
    void press(const char* button) { QTest::mouseClick(find<QPushButton>(button), Qt::LeftButton); }

    void openWorkspaceWithModel() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(window().showPage(QStringLiteral("evaluate")));
        QTRY_COMPARE(find<QComboBox>("model")->count(), 1);
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
    }
    void runOnce() {
        QSignalSpy changed(&state(), &AppState::runsChanged);
        press("run");
        QTRY_COMPARE_WITH_TIMEOUT(changed.count(), 1, 60000);
        QTRY_COMPARE(window().currentPage(), QStringLiteral("runs"));
        QTRY_VERIFY(!find<QLabel>("runTitle")->text().isEmpty());
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void saysWhatIsMissing() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("evaluate"));
        QTRY_VERIFY(find<QLabel>("problem")->text().contains(QStringLiteral("Models page")));
        QVERIFY(!find<QPushButton>("run")->isEnabled());
    }

    void runsAndShowsTheNumbers() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        runOnce();
        const auto runs = state().session()->workspace().runs();
        QCOMPARE(runs.size(), size_t{1});
        QCOMPARE(runs[0].exampleCount, int64_t{12});
        QCOMPARE(find<TableView>("runsTable")->model()->rowCount(), 1);
        // The views are those the task names, no more and no less.
        QCOMPARE(find<QTabWidget>("resultTabs")->count(),
                 static_cast<int>(findTask("zero-shot").info.views.size()));
        const Metric* top1 = findMetric(runs[0].metrics, "top1");
        QVERIFY(top1 && top1->interval);
    }

    void importedResultsStandBesideOnesOwn() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        runOnce();
        const QString file = m_fixture->path(QStringLiteral("theirs.json"));
        writeFileAtomically(
            file.toStdString(),
            std::string_view(R"({"dataset": "pets", "model": "ViT-B-32", "pretrained": "openai",
                                "task": "zeroshot_classification", "metrics": {"acc1": 0.893}})"));
        auto* page = window().findChild<RunsPage*>();
        QVERIFY(page);
        const QString broken = m_fixture->path(QStringLiteral("broken.json"));
        writeFileAtomically(broken.toStdString(), std::string_view("{"));
        page->importResults({broken, file});
        QTRY_COMPARE(find<TableView>("runsTable")->model()->rowCount(), 2);
        QTRY_VERIFY(find<QLabel>("runTitle")->text().contains(QStringLiteral("89.3 %")));
        QCOMPARE(find<QTabWidget>("resultTabs")->count(), 1); // there are numbers, nothing else
        find<TableView>("runsTable")->setCurrentSourceRow(1);
        QTRY_COMPARE(find<QTabWidget>("resultTabs")->count(),
                     static_cast<int>(findTask("zero-shot").info.views.size()));
    }

    void predictionsAreWrittenAsTheChallengeTakesThem() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            RunRecord run;
            run.task = "hateful-memes";
            run.startedAt = "2026-01-01T00:00:00Z";
            run.datasetId = session->workspace().datasets().front().id;
            run.classNames = {"no", "yes"};
            ExampleResult example;
            example.sample = session->workspace().sampleIds(run.datasetId).front();
            example.extras = {{"id", "01235"}, {"proba", 0.75}, {"label", 1}};
            session->workspace().addRun(run, std::vector{example});
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("runs"));
        QTRY_VERIFY(!find<QLabel>("runTitle")->text().isEmpty());
        const QString file = m_fixture->path(QStringLiteral("predictions.csv"));
        window().findChild<RunsPage*>()->exportPredictions(file);
        QTRY_VERIFY(QFile::exists(file));
        QCOMPARE(readTextFile(file.toStdString()), std::string("id,proba,label\n01235,0.75,1\n"));
    }

    void windowAndFacadeGiveTheSameBytes() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        runOnce();
        auto& workspace = state().session()->workspace();
        const RunRecord fromWindow = workspace.run(workspace.runs().front().id);
        const RunId again = state().session()->run(RunSpec::fromJson(fromWindow.spec, "spec"), {});
        const RunRecord fromFacade = workspace.run(again);
        QCOMPARE(toJson(fromFacade.metrics).dump(), toJson(fromWindow.metrics).dump());
        QCOMPARE(fromFacade.spec.dump(), fromWindow.spec.dump());
        QCOMPARE(fromFacade.details.dump(), fromWindow.details.dump());
    }

    void previewFollowsThePrompts() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        QTRY_VERIFY(find<QPushButton>("encode")->isVisible()); // nothing encoded yet: it says so
        QVERIFY(!m_fixture->find<QLabel>("preview_top1"));
        press("encode");
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->find<QLabel>("preview_top1"), 60000);
        QVERIFY(!find<QPushButton>("encode")->isVisible());

        auto* editor = find<QPlainTextEdit>("promptTemplates");
        QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(editor, QStringLiteral("a drawing of one {}"));
        QCOMPARE(find<QComboBox>("promptSet")->currentText(), QStringLiteral("Your own"));
        QTRY_VERIFY(m_fixture->find<QLabel>("preview_top1"));
        QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(editor, QStringLiteral("no place for the class"));
        QTRY_VERIFY(!m_fixture->find<QLabel>("preview_top1"));
        QVERIFY(state().session()->workspace().runs().empty()); // a preview stores nothing
    }

    void cellShowsItsImagesAndImageItsPredictions() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        runOnce();
        auto* tabs = find<QTabWidget>("resultTabs");
        auto* map = find<HeatMap>("confusionMap");
        for (int i = 0; i < tabs->count(); ++i)
            if (tabs->widget(i)->isAncestorOf(map))
                tabs->setCurrentIndex(i);
        QTRY_VERIFY(map->isVisible());
        int row = 0, column = 0;
        for (int cell = 0; cell < 9; ++cell)
            if (map->count(cell / 3, cell % 3) > 0) {
                row = cell / 3;
                column = cell % 3;
            }
        const int expected = map->count(row, column);
        QVERIFY(expected > 0);
        QTest::mouseClick(
            map->childAt(map->cellCenter(row, column)), Qt::LeftButton, {},
            map->childAt(map->cellCenter(row, column))->mapFrom(map, map->cellCenter(row, column)));
        auto* grid = find<ThumbnailGrid>("exampleGrid");
        QTRY_VERIFY(grid->isVisible());
        QTRY_COMPARE(grid->model()->rowCount(), expected);

        grid->setFocus();
        grid->setCurrentIndex(grid->model()->index(0, 0));
        QTest::keyClick(grid, Qt::Key_Return);
        QTRY_COMPARE(window().currentPage(), QStringLiteral("inspector"));
        QTRY_COMPARE(find<TableView>("predictions")->model()->rowCount(), 3);
        QCOMPARE(find<TableView>("sampleRuns")->model()->rowCount(), 1);
        QVERIFY(find<QLabel>("inspectorFacts")->text().contains(QStringLiteral("Class:")));
    }

    void unreadableImagesAreCountedNotFatal() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 3);
        test::writeText(m_fixture->path(QStringLiteral("animals/cat/cat_000.png")), "no picture");
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("evaluate"));
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
        runOnce();
        QCOMPARE(state().session()->workspace().runs().front().failureCount, int64_t{1});
        find<QComboBox>("verdict")->setCurrentIndex(3);
        Q_EMIT find<QComboBox>("verdict")->activated(3);
        QTRY_COMPARE(find<ThumbnailGrid>("exampleGrid")->model()->rowCount(), 1);
    }

    void badModelFolderIsExplained() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        m_fixture->openWith(QStringLiteral("w"));
        const auto session = state().session();
        const std::string folder = m_fixture->path(QStringLiteral("animals")).toStdString();
        m_fixture->services->jobs.start(
            JobSpec(QStringLiteral("Add model")),
            [session, folder](const RunContext& context) { return session->addModel(folder, context); }, this,
            [](ModelId) {});
        QTRY_VERIFY(find<ErrorBanner>("errorBanner")->text().contains(QStringLiteral("config.json")));
    }
};

QTEST_MAIN(EvaluationTest)
#include "tst_evaluation.moc"
