// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/models/run_models.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/guide.h"
#include "ui/shell/preferences_dialog.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// What explains the program and leads around in it: guide, metric help, Ctrl+K, preferences.
class HelpTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    CommandPalette* palette() { return window().findChild<CommandPalette*>(); }

    CommandPalette* openPalette(const QString& words) {
        window().activateWindow(); // what closed before gives it back by and by
        if (!QTest::qWaitForWindowActive(&window()))
            return nullptr;
        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        CommandPalette* shown = palette();
        if (shown)
            QTest::keyClicks(shown->findChild<QLineEdit*>(), words);
        return shown;
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            RunRecord run;
            run.task = "zero-shot";
            run.title = "Zero-shot classification";
            run.datasetId = session->workspace().datasets().front().id;
            run.datasetName = "animals";
            run.modelName = "tiny";
            run.metrics = {{"top1", 0.5, {}, 4, true, {}}};
            run.spec = Json::object();
            run.startedAt = "2026-01-02T03:04:05Z";
            session->workspace().addRun(run, {});
        }
        m_fixture->openWith(QStringLiteral("w"));
    }
    void cleanup() {
        theme::setTextPercent(100);
        m_fixture.reset();
    }

    void ctrlKFindsActionsPagesDatasetsAndRuns() {
        CommandPalette* shown = openPalette(QStringLiteral("RUNS"));
        QVERIFY(shown);
        QVERIFY(shown->shown().contains(QStringLiteral("Runs")));
        QTest::keyClick(shown->findChild<QLineEdit*>(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("runs"));
        QTRY_VERIFY(!palette());

        shown = openPalette(QStringLiteral("anim data"));
        QVERIFY(shown);
        QTRY_COMPARE(shown->shown(), QStringList{QStringLiteral("animals")}); // words in any order
        QTest::keyClick(shown->findChild<QLineEdit*>(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QTRY_VERIFY(!palette());

        shown = openPalette(QStringLiteral("run 1 tiny"));
        QVERIFY(shown);
        QTRY_COMPARE(shown->shown().size(), 1);
        QVERIFY(shown->shown().front().startsWith(QStringLiteral("Run 1: Zero-shot")));
        QTest::keyClick(shown->findChild<QLineEdit*>(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("runs"));
        QTRY_VERIFY(!palette());

        shown = openPalette(QStringLiteral("import"));
        QVERIFY(shown->shown().contains(QStringLiteral("Import images…")));
        QTest::keyClick(shown->findChild<QLineEdit*>(), Qt::Key_Escape);
        QTRY_VERIFY(!palette());
    }

    void theGuideOpensAtThePage() {
        for (const PageEntry& entry : pageEntries()) {
            window().showPage(entry.id);
            auto* button = m_fixture->find<QToolButton>("guideButton");
            const QPoint centre = button->mapTo(&window(), button->rect().center());
            QCOMPARE(window().childAt(centre), button); // on top of the page
            Page* page = window().page(entry.id);
            QVERIFY(page->rect().contains(page->mapFrom(&window(), centre)));
            QTest::mouseClick(button, Qt::LeftButton);
            auto* guide = window().findChild<Guide*>();
            QVERIFY(guide && guide->isVisible());
            QCOMPARE(guide->currentHeading(), entry.title); // every page has its part
            guide->close();
        }
    }

    void metricsExplainThemselves() {
        MetricsModel metrics;
        metrics.setRows({{"ece", 0.1, {}, 4, false, {}}});
        const QString tip = metrics.index(0, MetricsModel::Name).data(Qt::ToolTipRole).toString();
        for (const char* part : {"<b>Calibration error (ECE)</b>", "15 bins",
                                 "Range: ", "Formula: ", "ICML 2017", "|share right - mean confidence|"})
            QVERIFY2(tip.contains(QString::fromLatin1(part)), part);
    }

    void preferencesTakeEffectAtOnce() {
        Settings& settings = m_fixture->services->settings;
        connect(&settings, &Settings::textPercentChanged, this,
                [](int percent) { theme::setTextPercent(percent); });
        auto* title = m_fixture->find<QLabel>("workspaceLabel");
        const double before = title->font().pointSizeF();
        QTest::keyClick(&window(), Qt::Key_Comma, Qt::ControlModifier);
        auto* dialog = window().findChild<PreferencesDialog*>();
        QVERIFY(dialog);
        auto* size = dialog->findChild<QComboBox*>(QStringLiteral("textSize"));
        size->setCurrentIndex(size->findData(150));
        QCOMPARE(settings.textPercent(), 150);
        QVERIFY(std::abs(title->font().pointSizeF() - 1.5 * before) < 0.1);
        auto* themes = dialog->findChild<QComboBox*>(QStringLiteral("themeChoice"));
        themes->setCurrentIndex(2);
        QCOMPARE(settings.theme(), ThemeChoice::Dark);
        dialog->close();
    }
};

QTEST_MAIN(HelpTest)
#include "tst_help.moc"
