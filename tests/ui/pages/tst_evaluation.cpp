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
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>

#include <atomic>
#include <future>

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
    ErrorBanner* notice() { return find<ErrorBanner>("notice"); }
    QPushButton* showButton() { return notice()->findChild<QPushButton*>(); }
    void choose(const char* box, int index) { find<QComboBox>(box)->setCurrentIndex(index); }
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
        // A finished run changes nothing that is looked at; it offers itself.
        QCOMPARE(window().currentPage(), QStringLiteral("evaluate"));
        QTRY_VERIFY(notice()->text().startsWith(QStringLiteral("Finished: Zero-shot")));
        QTest::mouseClick(showButton(), Qt::LeftButton);
        QTRY_COMPARE(window().currentPage(), QStringLiteral("runs"));
        QVERIFY(notice()->isHidden());
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
        // The views are those the task names, and the two that every run has.
        QCOMPARE(find<QTabWidget>("resultTabs")->count(),
                 static_cast<int>(findTask("zero-shot").info.views.size()) + 2);
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
        // There are numbers, and what is said of those of every run.
        QCOMPARE(find<QTabWidget>("resultTabs")->count(), 3);
        find<TableView>("runsTable")->setCurrentSourceRow(1);
        QTRY_COMPARE(find<QTabWidget>("resultTabs")->count(),
                     static_cast<int>(findTask("zero-shot").info.views.size()) + 2);
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
            example.parts = {{"id", "01235"}, {"proba", 0.75}, {"label", 1}};
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

    void warningsLeadToTheirPictures() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            RunRecord run;
            run.task = "knn-probe";
            run.startedAt = "2026-01-01T00:00:00Z";
            run.datasetId = session->workspace().datasets().front().id;
            const auto ids = session->workspace().sampleIds(run.datasetId);
            run.details = {{"warnings",
                            {{{"text", "1 of 2 test images has a near-duplicate"},
                              {"samples", {ids[4].value, ids[1].value}}}}}};
            session->workspace().addRun(run, {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("runs"));
        QTRY_VERIFY(find<QWidget>("runNotices")->isVisible());
        press("showWarned");
        QTRY_COMPARE(window().currentPage(), QStringLiteral("datasets"));
        QTRY_COMPARE(find<ThumbnailGrid>("thumbnailGrid")->model()->rowCount(), 2);
        QVERIFY(!find<QPushButton>("evaluateAgain")->isEnabled()); // nothing says how it was run
    }

    void onlyTasksThatKeepPredictionsOfferThem() {
        QVERIFY(canExport("hateful-memes", "predictions-csv"));
        QVERIFY(!canExport("zero-shot", "predictions-csv"));
        QVERIFY(!canExport("no-such-task", "predictions-csv"));
    }

    void evaluateAgainRepeatsTheRunAndMarksWhatVaries() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        RunSpec spec;
        spec.task = "linear-probe";
        spec.dataset = "animals";
        spec.model = "openai";
        spec.device = Device::Cpu;
        spec.precision = Precision::Bf16;
        spec.seed = 18446744073709551615ULL;
        spec.alpha = Alpha::White;
        spec.params = {{"c", 0.1234567}, {"resamples", 150}, {"feature", "pooled"}, {"sweep", false}};
        const auto session = state().session();
        const RunId id = session->run(spec, {});
        state().notifyRunsChanged();
        state().showRun(id);
        QTRY_VERIFY(!find<QLabel>("runTitle")->text().isEmpty());
        press("evaluateAgain");
        QTRY_VERIFY(find<QFrame>("againBar")->isVisible());
        QCOMPARE(window().currentPage(), QStringLiteral("evaluate"));
        QCOMPARE(find<QComboBox>("task")->currentData().toString(), QStringLiteral("linear-probe"));
        QCOMPARE(find<QLineEdit>("seed")->text(), QStringLiteral("18446744073709551615"));
        QCOMPARE(find<QComboBox>("alpha")->currentText(), QStringLiteral("Over white"));
        QVERIFY(find<QLabel>("againText")->text().contains(QStringLiteral("As in run")));
        QVERIFY(!find<QPushButton>("restoreRun")->isVisible());

        QSignalSpy changed(&state(), &AppState::runsChanged);
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
        press("run");
        QTRY_COMPARE_WITH_TIMEOUT(changed.count(), 1, 60000);
        const auto& workspace = session->workspace();
        QCOMPARE(workspace.runs().front().spec.dump(), workspace.run(id).spec.dump());

        find<QSpinBox>("param_resamples")->setValue(200);
        choose("precision", 0);
        choose("alpha", 0);
        QVERIFY(find<QLabel>("againText")->text().contains(QStringLiteral("Transparency")));
        QVERIFY(find<QLabel>("againText")->text().contains(QStringLiteral("precision")));
        QVERIFY(find<QLabel>("againText")->text().contains(QStringLiteral("Bootstrap resamples")));
        press("restoreRun");
        QCOMPARE(find<QSpinBox>("param_resamples")->value(), 150);
        QCOMPARE(find<QComboBox>("alpha")->currentText(), QStringLiteral("Over white"));
        QVERIFY(!find<QPushButton>("restoreRun")->isVisible());
    }

    void whatWasChosenWhenRunWasPressedStaysInTheQueue() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        QSignalSpy changed(&state(), &AppState::runsChanged);
        choose("alpha", 1);
        press("run");
        choose("alpha", 0);
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
        press("run");
        choose("alpha", 1); // changes nothing that waits
        QTRY_COMPARE_WITH_TIMEOUT(changed.count(), 2, 60000);
        const auto runs = state().session()->workspace().runs(); // newest first
        QCOMPARE(runs.at(0).spec["alpha"].get<std::string>(), std::string("drop"));
        QCOMPARE(runs.at(1).spec["alpha"].get<std::string>(), std::string("white"));
    }

    void ownPromptsSurviveAChangeOfTaskAndAreReadInRuns() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        auto* text = find<QPlainTextEdit>("promptTemplates");
        QTest::keyClick(text, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(text, QStringLiteral("my own {}"));
        for (const char* task : {"zero-shot-multilabel", "retrieval", "zero-shot"})
            choose("task", find<QComboBox>("task")->findData(QString::fromLatin1(task)));
        QCOMPARE(find<QPlainTextEdit>("promptTemplates")->toPlainText(), QStringLiteral("my own {}"));
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
        runOnce();
        bool readable = false;
        for (const QLabel* label : find<QTabWidget>("resultTabs")->findChildren<QLabel*>())
            readable = readable || label->text() == QStringLiteral("my own {}");
        QVERIFY(readable);
    }

    void suitabilityIsSaidBeforeRunByTheTaskItself() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        // The counts suit it: there are images. The task wants pairs.
        choose("task", find<QComboBox>("task")->findData(QStringLiteral("winoground")));
        QTRY_VERIFY(!find<QPushButton>("run")->isEnabled());
        QVERIFY2(find<QLabel>("problem")->text().contains(QStringLiteral("pairs")),
                 qPrintable(find<QLabel>("problem")->text()));
        QTRY_VERIFY(!find<QLabel>("previewNote")->text().contains(QStringLiteral("not been encoded")));
        QTRY_VERIFY(!find<QLabel>("previewNote")->text().isEmpty());
        QVERIFY(!find<QPushButton>("encode")->isVisible());
    }

    void anUnfitModelIsNamedWithThoseThatFit() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/families/dinov2", {});
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("evaluate"));
        QTRY_COMPARE(find<QComboBox>("model")->count(), 2);
        choose("task", find<QComboBox>("task")->findData(QStringLiteral("zero-shot")));
        choose("model", find<QComboBox>("model")->findText(QStringLiteral("dinov2")));
        QTRY_VERIFY(find<QLabel>("problem")->text().contains(QStringLiteral("no text embeddings")));
        QVERIFY(find<QLabel>("problem")->text().endsWith(QStringLiteral("Models that fit: openai.")));
        QVERIFY(!find<QPushButton>("run")->isEnabled());
        choose("task", find<QComboBox>("task")->findData(QStringLiteral("linear-probe")));
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
    }

    /// Ten visits to Evaluate and a search while a run has the model: lists and pictures load all the same.
    void lightJobsEndWhileAModelJobRuns() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        const auto session = state().session();
        std::promise<void> release;
        auto released = release.get_future().share();
        std::atomic<bool> runs{false};
        auto& jobs = m_fixture->services->jobs;
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "animals";
        spec.model = "openai";
        jobs.start(
            JobSpec(QStringLiteral("hold"), JobLane::Model),
            [session, spec, released, &runs](const RunContext&) {
                Progress progress([&](const ProgressUpdate&) {
                    runs = true;
                    released.wait();
                });
                RunContext held;
                held.progress = &progress;
                session->run(spec, held);
            },
            this, [] {});
        QTRY_VERIFY(runs);
        for (int i = 0; i < 10; ++i) {
            window().showPage(QStringLiteral("search"));
            window().showPage(QStringLiteral("evaluate"));
            QTRY_VERIFY(find<QLabel>("previewNote")->text().contains(QStringLiteral("busy")));
            QTest::keyClicks(find<QLineEdit>("searchText"), QStringLiteral("dog "));
        }
        QTRY_VERIFY(find<QLabel>("searchNote")->text().contains(QStringLiteral("busy")));
        bool ended = false;
        jobs.start(
            JobSpec(QStringLiteral("light")),
            [session](const RunContext&) { session->workspace().datasets(); }, this, [&] { ended = true; });
        QTRY_VERIFY(ended);
        QVERIFY(runs);
        release.set_value();
        // What was wanted comes by itself once the model is free.
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->find<QLabel>("preview_top1"), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("searchNote")->text().contains(QStringLiteral("nearest")),
                                 30000);
    }

    void errorsStandAboveTheirPageAndGoWithTheirCause() {
        openWorkspaceWithModel();
        if (QTest::currentTestFailed())
            return;
        auto* banner = find<ErrorBanner>("errorBanner");
        QWidget* page = window().page(QStringLiteral("runs"));
        bool fails = true;
        const auto start = [&] {
            m_fixture->services->jobs.start(
                JobSpec(QStringLiteral("Write report")),
                [fails](const RunContext&) {
                    if (fails)
                        throw Error(ErrorCode::DiskFull, "no room left");
                },
                page, [] {});
        };
        start();
        QTRY_VERIFY(notice()->text().contains(QStringLiteral("Write report")));
        QVERIFY(banner->isHidden()); // Evaluate has no trouble
        QTest::mouseClick(showButton(), Qt::LeftButton);
        QCOMPARE(window().currentPage(), QStringLiteral("runs"));
        QVERIFY(banner->text().contains(QStringLiteral("no room left")));
        window().showPage(QStringLiteral("evaluate"));
        QVERIFY(banner->isHidden());
        window().showPage(QStringLiteral("runs"));
        QVERIFY(!banner->isHidden());
        fails = false;
        start();
        QVERIFY(banner->isHidden()); // it is being tried again
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
        const QString tip = m_fixture->find<QLabel>("preview_top1")->toolTip();
        QVERIFY2(tip.contains(QStringLiteral("Formula: ")) && tip.contains(QStringLiteral("Source: ")),
                 qPrintable(tip));

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
        QVERIFY(find<TableView>("runsTable")
                    ->model()
                    ->index(0, RunsModel::Examples)
                    .data()
                    .toString()
                    .contains(QStringLiteral("1 unreadable")));
        QVERIFY(find<QWidget>("runNotices")->isVisible());
        press("showWarned");
        QTRY_COMPARE(find<ThumbnailGrid>("exampleGrid")->model()->rowCount(), 1);
        find<QComboBox>("verdict")->setCurrentIndex(0);
        Q_EMIT find<QComboBox>("verdict")->activated(0);
        QTRY_VERIFY(find<ThumbnailGrid>("exampleGrid")->model()->rowCount() > 1);
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
