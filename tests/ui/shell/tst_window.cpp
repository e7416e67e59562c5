// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/shell/job_panel.h"
#include "ui/shell/navigation_bar.h"
#include "ui/widgets/error_banner.h"

#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>
#include <QToolButton>

#include <atomic>

using namespace diptych;
using namespace diptych::ui;

class WindowTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    JobRunner& jobs() { return m_fixture->services->jobs; }
    QString bannerText() { return m_fixture->find<ErrorBanner>("errorBanner")->text(); }
    QString labelText(const char* name) { return m_fixture->find<QLabel>(name)->text(); }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void startsWithoutWorkspace() {
        m_fixture->open();
        QVERIFY(!state().session());
        QCOMPARE(labelText("workspaceLabel"), QStringLiteral("No workspace"));
        QVERIFY(window().minimumSizeHint().width() <= 1024);
    }

    void navigatesByMouseAndKeys() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        const auto& entries = pageEntries();
        for (const PageEntry& entry : entries) {
            auto* button = m_fixture->find<QToolButton>(qPrintable(QStringLiteral("navigate-") + entry.icon));
            QVERIFY(button);
            QVERIFY(!button->accessibleName().isEmpty());
            QTest::mouseClick(button, Qt::LeftButton);
            QCOMPARE(window().currentPage(), entry.id);
            QVERIFY(window().page(entry.id)->isVisible());
        }
        for (size_t i = 0; i < entries.size(); ++i) {
            const int digit = (static_cast<int>(i) + 1) % 10; // the tenth by 0
            QTest::keyClick(&window(), static_cast<Qt::Key>(Qt::Key_0 + digit), Qt::AltModifier);
            QCOMPARE(window().currentPage(), entries[i].id);
        }
        QTest::keyClick(&window(), Qt::Key_PageDown, Qt::ControlModifier);
        QCOMPARE(window().currentPage(), entries.front().id);
        QTest::keyClick(&window(), Qt::Key_PageUp, Qt::ControlModifier);
        QCOMPARE(window().currentPage(), entries.back().id);
        QTest::keyClick(&window(), Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(window().currentPage(), entries.front().id);
    }

    void requestsBringPagesForward() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        const DatasetId dataset = state().session()->workspace().datasets().front().id;
        const SampleId sample = state().session()->workspace().sampleIds(dataset).front();
        state().showSample(sample);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QCOMPARE(state().currentSample(), sample);
        state().showEvaluate(dataset, {});
        QCOMPARE(window().currentPage(), QStringLiteral("evaluate"));
        state().showDatasetFiltered({dataset, {}, nullptr, {}, {}});
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QVERIFY(!window().showPage(QStringLiteral("no such page")));
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
    }

    void opensAndRemembersWorkspaces() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(labelText("workspaceLabel").contains(m_fixture->path(QStringLiteral("w"))));
        QCOMPARE(m_fixture->services->settings.lastWorkspace(), m_fixture->path(QStringLiteral("w")));
        window().workspaces().create(m_fixture->path(QStringLiteral("new")));
        QTRY_COMPARE(state().workspacePath(), m_fixture->path(QStringLiteral("new")));
        QCOMPARE(m_fixture->services->settings.recentWorkspaces().size(), 2);
        // The first is let go of, so that it can be opened again.
        window().workspaces().open(m_fixture->path(QStringLiteral("w")));
        QTRY_COMPARE(state().workspacePath(), m_fixture->path(QStringLiteral("w")));
    }

    void windowStateIsRemembered() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        m_fixture->openWith(QStringLiteral("w"));
        window().resize(1000, 640);
        window().showPage(pageEntries().back().id);
        window().close();
        m_fixture->close();
        m_fixture->openWith(QStringLiteral("w"));
        QCOMPARE(window().currentPage(), pageEntries().back().id);
    }

    void brokenWorkspacesAreExplained_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("expected");
        QTest::newRow("absent") << "absent"
                                << "could not be opened";
        QTest::newRow("corrupt") << "corrupt"
                                 << "could not be opened";
        QTest::newRow("a file") << "file"
                                << "could not be opened";
    }
    void brokenWorkspacesAreExplained() {
        QFETCH(QString, kind);
        QFETCH(QString, expected);
        m_fixture->makeWorkspace(QStringLiteral("good"), 1);
        const QString bad = m_fixture->path(QStringLiteral("bad"));
        if (kind == QStringLiteral("corrupt")) {
            QDir().mkpath(bad);
            test::writeText(bad + QStringLiteral("/workspace.sqlite"), QByteArray(8192, 'x'));
        } else if (kind == QStringLiteral("file")) {
            test::writeText(bad, "no folder");
        }
        m_fixture->openWith(QStringLiteral("good"));
        window().workspaces().open(bad);
        QTRY_VERIFY(bannerText().contains(expected));
        QVERIFY(bannerText().contains(QStringLiteral("bad")));
        // Still usable, still on the workspace it had.
        QCOMPARE(state().workspacePath(), m_fixture->path(QStringLiteral("good")));
        QTest::keyClick(&window(), Qt::Key_Escape);
        QVERIFY(bannerText().isEmpty());
        QTest::keyClick(&window(), Qt::Key_1, Qt::AltModifier);
        QCOMPARE(window().currentPage(), pageEntries().front().id);
    }

    void lockedWorkspaceOpensReadOnly() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        const auto other =
            Session::open(m_fixture->path(QStringLiteral("w")).toStdString(), WorkspaceMode::ReadWrite);
        m_fixture->open();
        window().workspaces().open(m_fixture->path(QStringLiteral("w")));
        QTRY_VERIFY(!bannerText().isEmpty());
        QVERIFY(!state().session());
        auto* banner = m_fixture->find<ErrorBanner>("errorBanner");
        QPushButton* action = banner->findChild<QPushButton*>();
        QVERIFY(action->isVisible());
        QTest::mouseClick(action, Qt::LeftButton);
        QTRY_VERIFY(state().session() != nullptr);
        QVERIFY(state().readOnly());
        QVERIFY(labelText("workspaceLabel").contains(QStringLiteral("read only")));
    }

    void jobsShowAndCanBeStopped() {
        m_fixture->open();
        auto* panel = m_fixture->find<JobPanel>("jobPanel");
        QVERIFY(!panel->isVisible());
        std::atomic<bool> stopped{false};
        jobs().start(
            JobSpec(QStringLiteral("Encode birds")),
            [&](const RunContext& context) {
                context.begin("Encoding images", 1000, 0);
                context.advance(250);
                while (!context.cancelled()) {
                    QThread::msleep(5);
                    context.advance(0); // tells again how far it is
                }
                stopped = true;
                context.throwIfCancelled();
            },
            &window(), [] {});
        QTRY_VERIFY(panel->isVisible());
        QTRY_COMPARE(panel->findChild<QProgressBar*>()->value(), 250);
        QTest::mouseClick(m_fixture->find<QToolButton>("cancelJob"), Qt::LeftButton);
        QTRY_VERIFY(stopped.load());
        QTRY_VERIFY(!panel->isVisible());
        QCOMPARE(panel->rowCount(), 0);
        QVERIFY(window().statusBar()->currentMessage().contains(QStringLiteral("stopped")));
    }

    void quietJobsDoNotShow() {
        m_fixture->open();
        bool done = false;
        jobs().start(
            JobSpec(QStringLiteral("Query")).setShown(false), [](const RunContext&) {}, &window(),
            [&] { done = true; });
        QTRY_VERIFY(done);
        QCOMPARE(m_fixture->find<JobPanel>("jobPanel")->rowCount(), 0);
    }

    void failedJobsAreReported() {
        m_fixture->open();
        jobs().start(
            JobSpec(QStringLiteral("Evaluate birds")),
            [](const RunContext&) {
                throw Error(ErrorCode::Corrupt, "model.safetensors: 'logit_scale' is missing");
            },
            &window(), [] {});
        QTRY_VERIFY(bannerText().contains(QStringLiteral("logit_scale")));
        QVERIFY(bannerText().startsWith(QStringLiteral("Evaluate birds")));
    }

    void closingStopsWhatRuns() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        m_fixture->openWith(QStringLiteral("w"));
        std::atomic<bool> begun{false}, stopped{false};
        bool called = false;
        jobs().start(
            JobSpec(QStringLiteral("Train"), JobLane::Model),
            [&](const RunContext& context) {
                begun = true;
                while (!context.cancelled())
                    QThread::yieldCurrentThread();
                stopped = true;
            },
            &window(), [&] { called = true; });
        QTRY_VERIFY(begun.load());
        window().close();
        QVERIFY(stopped.load());
        m_fixture->close();
        QCoreApplication::processEvents();
        QVERIFY(!called);
        // The workspace was let go of.
        QVERIFY(Session::open(m_fixture->path(QStringLiteral("w")).toStdString(), WorkspaceMode::ReadWrite));
    }

    void themeChangesWhileOpen() {
        m_fixture->open();
        const QColor light = window().grab().toImage().pixelColor(500, 5);
        theme::apply(*qApp, theme::Mode::Dark);
        const QColor dark = window().grab().toImage().pixelColor(500, 5);
        QVERIFY(light.lightness() > dark.lightness() + 100);
        theme::apply(*qApp, theme::Mode::Light);
    }

    void everyMenuActionHasText() {
        m_fixture->open();
        QSet<QString> shortcuts;
        for (const QAction* menu : window().menuBar()->actions())
            for (const QAction* action : menu->menu()->actions()) {
                QVERIFY(action->isSeparator() || !action->text().isEmpty());
                const QString keys = action->shortcut().toString();
                QVERIFY2(keys.isEmpty() || !shortcuts.contains(keys), qPrintable(keys));
                shortcuts.insert(keys);
            }
        for (const char* keys : {"Ctrl+O", "Ctrl+F", "F5", "Ctrl+I"})
            QVERIFY2(shortcuts.contains(QString::fromLatin1(keys)), keys);
    }

    void everyControlHasAName() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        for (const QAbstractButton* button : window().findChildren<QAbstractButton*>()) {
            if (button->objectName().startsWith(QStringLiteral("qt_")) ||
                button->metaObject()->className() == QByteArray("QTableCornerButton"))
                continue;
            if (button->isHidden())
                continue; // an action there is none for now
            const bool inLineEdit = qobject_cast<QLineEdit*>(button->parentWidget()) != nullptr;
            const QByteArray what = QByteArray(button->metaObject()->className()) + " in " +
                                    button->parentWidget()->metaObject()->className();
            QVERIFY2(inLineEdit || !button->text().isEmpty() || !button->accessibleName().isEmpty(), what);
        }
    }
};

QTEST_MAIN(WindowTest)
#include "tst_window.moc"
