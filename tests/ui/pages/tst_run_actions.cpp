// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/support/window_fixture.h"
#include "ui/pages/runs/report_dialog.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"

#include <QAction>
#include <QMessageBox>
#include <QPushButton>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QTimer>

using namespace diptych;
using namespace diptych::ui;

/// Report and Delete on the runs that are selected.
class RunActionsTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    bool m_noIsDefault = false;
    QString m_question;

    TableView* runs() { return m_fixture->find<TableView>("runsTable"); }
    QPushButton* button(const char* name) { return m_fixture->find<QPushButton>(name); }
    RunsPage* page() { return static_cast<RunsPage*>(m_fixture->window->page(QStringLiteral("runs"))); }
    ErrorBanner* notice() { return page()->findChild<ErrorBanner*>(); }
    int count() { return runs()->model()->rowCount(); }
    std::vector<int64_t> stored() {
        std::vector<int64_t> ids;
        for (const RunRecord& run : m_fixture->services->state.session()->workspace().runs())
            ids.push_back(run.id.value);
        return ids;
    }

    int64_t current() { return m_fixture->services->state.currentRun().value; }

    void clickRow(int row, Qt::KeyboardModifiers modifiers = {}) {
        const QRect rect = runs()->visualRect(runs()->model()->index(row, 0));
        QTest::mouseClick(runs()->viewport(), Qt::LeftButton, modifiers, rect.center());
    }

    /// Answers the question that comes next with this key.
    void answerWith(Qt::Key key) {
        auto* timer = new QTimer(this);
        connect(timer, &QTimer::timeout, this, [this, timer, key] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!box)
                return;
            timer->deleteLater();
            m_question = box->text();
            m_noIsDefault = box->defaultButton() == box->button(QMessageBox::No);
            if (key == Qt::Key_Return)
                QTest::keyClick(box, key);
            else
                QTest::mouseClick(box->button(QMessageBox::Yes), Qt::LeftButton);
        });
        timer->start(10);
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            for (int i = 0; i < 3; ++i) {
                RunRecord run;
                run.task = "zero-shot";
                run.datasetId = session->workspace().datasets().front().id;
                run.datasetName = "animals";
                run.modelName = "tiny";
                run.classNames = {"cat", "dog"};
                run.metrics = {{"top1", 0.5, {}, 4, true, {}}};
                run.spec = run.details = Json::object();
                run.startedAt = "2026-01-02T03:04:05Z";
                session->workspace().addRun(run, {});
            }
        }
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->window->showPage(QStringLiteral("runs"));
        QTRY_COMPARE(count(), 3);
    }
    void cleanup() { m_fixture.reset(); }

    void tablesAreATabOnlyWhereTheRunHasSome() {
        {
            const auto session = m_fixture->services->state.session();
            RunRecord run;
            run.task = "winoground";
            run.datasetId = session->workspace().datasets().front().id;
            run.spec = run.details = Json::object();
            run.startedAt = "2026-01-02T03:04:05Z";
            session->workspace().addRun(run, {}); // 4
            run.details["tables"] = {
                {{"title", "By tag"}, {"columns", Json::array()}, {"rows", Json::array()}}};
            session->workspace().addRun(run, {}); // 5
        }
        m_fixture->services->state.notifyRunsChanged();
        QTRY_COMPARE(count(), 5);
        auto* tabs = m_fixture->find<QTabWidget>("resultTabs");
        const auto hasTables = [&] {
            for (int i = 0; i < tabs->count(); ++i)
                if (tabs->tabText(i) == QStringLiteral("Tables"))
                    return tabs->isTabVisible(i);
            return false;
        };
        for (int row = 0; row < 2; ++row) {
            clickRow(row);
            QTRY_VERIFY(current() >= 4);
            QTRY_COMPARE(hasTables(), current() == 5);
        }
        clickRow(0);
        QTRY_COMPARE(hasTables(), current() == 5);
    }

    void aRunKeepsItsTabWhenAnotherIsChosen() {
        auto* tabs = m_fixture->find<QTabWidget>("resultTabs");
        clickRow(0);
        QTRY_VERIFY(tabs->count() > 2);
        QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(2).center());
        const QString chosen = tabs->tabText(2);
        QCOMPARE(tabs->tabText(tabs->currentIndex()), chosen);
        {
            const auto session =
                m_fixture->services->state.session(); // of a task that has another view there
            RunRecord run;
            run.task = "winoground";
            run.datasetId = session->workspace().datasets().front().id;
            run.spec = run.details = Json::object();
            run.startedAt = "2026-01-02T03:04:05Z";
            session->workspace().addRun(run, {});
        }
        m_fixture->services->state.notifyRunsChanged();
        QTRY_COMPARE(count(), 4);
        clickRow(2);
        QTRY_COMPARE(current(), int64_t{2});
        QCOMPARE(tabs->tabText(tabs->currentIndex()), chosen);
        clickRow(0); // the other task
        QTRY_COMPARE(current(), int64_t{4});
        clickRow(3);
        QTRY_COMPARE(current(), int64_t{1});
        QCOMPARE(tabs->tabText(tabs->currentIndex()), chosen);
    }

    void reportHoldsEverySelectedRun() {
        clickRow(0);
        clickRow(2, Qt::ControlModifier);
        QTRY_COMPARE(button("report")->text(), QStringLiteral("Report on 2 runs…"));
        const QString file = m_fixture->path(QStringLiteral("r.html"));
        QTest::mouseClick(button("report"), Qt::LeftButton);
        QTRY_VERIFY(page()->findChild<ReportDialog*>());
        page()->findChild<ReportDialog*>()->saveTo(file);
        QTRY_VERIFY(notice()->text().contains(file));
        const std::string html = readTextFile(file.toStdString());
        QVERIFY(html.find("id=\"run1\"") != std::string::npos);
        QVERIFY(html.find("id=\"run3\"") != std::string::npos);
        QVERIFY(html.find("id=\"run2\"") == std::string::npos);
    }

    void theMenuOpensTheReportToo() {
        m_fixture->window->showPage(QStringLiteral("datasets"));
        auto* action = m_fixture->window->findChild<QAction*>(QStringLiteral("reportMenuAction"));
        QVERIFY(action && action->isEnabled());
        action->trigger();
        QTRY_VERIFY(page()->findChild<ReportDialog*>());
        QVERIFY(page()->isVisible());
    }

    void deleteAsksAndTakesNoForReturn() {
        clickRow(1);
        QTRY_VERIFY(button("deleteRuns")->isEnabled());
        answerWith(Qt::Key_Return);
        QTest::mouseClick(button("deleteRuns"), Qt::LeftButton);
        QVERIFY(m_noIsDefault);
        QVERIFY(m_question.contains(QStringLiteral("run 2")));
        QCOMPARE(stored(), (std::vector<int64_t>{3, 2, 1}));
    }

    void deleteOfSeveralCanBeUndone() {
        clickRow(0);
        clickRow(1, Qt::ControlModifier);
        QTRY_COMPARE(button("deleteRuns")->text(), QStringLiteral("Delete 2 runs"));
        answerWith(Qt::Key_Y);
        QTest::keyClick(runs(), Qt::Key_Delete);
        QVERIFY(m_question.contains(QStringLiteral("2, 3")));
        QTRY_COMPARE(count(), 1);
        QCOMPARE(stored(), (std::vector<int64_t>{1}));
        QTRY_COMPARE(notice()->text(), QStringLiteral("2 runs are deleted"));
        for (QPushButton* undo : notice()->findChildren<QPushButton*>())
            if (undo->isVisible())
                QTest::mouseClick(undo, Qt::LeftButton);
        QTRY_COMPARE(count(), 3);
        QCOMPARE(stored(), (std::vector<int64_t>{3, 2, 1}));
        QVERIFY(notice()->text().isEmpty());
    }
};

QTEST_MAIN(RunActionsTest)
#include "tst_run_actions.moc"
