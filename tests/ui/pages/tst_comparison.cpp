// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QLabel>
#include <QPushButton>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// Two runs side by side, chosen and looked through by hand.
class ComparisonTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_samples;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    TableView* runs() { return m_fixture->find<TableView>("runsTable"); }
    QPushButton* compareButton() { return m_fixture->find<QPushButton>("compareRuns"); }
    QWidget* comparison() { return m_fixture->find<QWidget>("comparison"); }
    QString text(const char* label) { return m_fixture->find<QLabel>(label)->text(); }

    /// A run that takes sample i for class 0 or 1, which is right where @p right says so.
    void addRun(Workspace& workspace, const std::vector<bool>& right, size_t first = 0) {
        RunRecord run;
        run.task = "zero-shot";
        run.datasetId = workspace.datasets().front().id;
        run.datasetName = "animals";
        run.modelName = "tiny";
        run.classNames = {"cat", "dog", "owl"};
        run.spec = Json::object();
        run.startedAt = "2026-01-02T03:04:05Z";
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < right.size(); ++i) {
            ExampleResult example;
            example.sample = m_samples[first + i];
            example.target = 0;
            example.predictions = {{right[i] ? 0 : 1, 0.9F}};
            example.correct = right[i];
            examples.push_back(example);
        }
        workspace.addRun(run, examples);
    }

    void open() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            Workspace& workspace = session->workspace();
            m_samples = workspace.sampleIds(workspace.datasets().front().id);
            addRun(workspace, {true, true, true, true, false, false, true, true});
            addRun(workspace, {true, false, false, true, true, false, true, true});
            addRun(workspace, {true, true}, 10);
        }
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("runs"));
        QTRY_COMPARE(runs()->model()->rowCount(), 3);
        QTRY_VERIFY(!text("runTitle").isEmpty());
    }
    void click(int row, Qt::KeyboardModifiers modifiers = {}) {
        const QRect rect = runs()->visualRect(runs()->model()->index(row, 1));
        QTest::mouseClick(runs()->viewport(), Qt::LeftButton, modifiers, rect.center());
    }

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void twoRunsAreComparedAndTheirFlipsOpen() {
        open();
        click(1); // newest first: row 1 is run 2, row 2 is run 1
        QVERIFY(!compareButton()->isEnabled());
        click(2, Qt::ControlModifier);
        QVERIFY(compareButton()->isEnabled());
        QTest::mouseClick(compareButton(), Qt::LeftButton);
        QTRY_VERIFY(comparison()->isVisible());
        QCOMPARE(text("comparisonTitle"), QStringLiteral("Runs 1 and 2 on the 8 examples both judge"));
        // 6 of 8 and 5 of 8 right.
        QVERIFY2(text("comparisonNumbers").contains(QStringLiteral("+12.5 points")),
                 qPrintable(text("comparisonNumbers")));
        QVERIFY(text("comparisonNumbers").contains(QStringLiteral("p = 1.000")));
        const QString tip = m_fixture->find<QLabel>("comparisonNumbers")->toolTip();
        for (const char* part : {"Difference of two runs", "McNemar", "Range: ", "Formula: ", "Source: "})
            QVERIFY2(tip.contains(QString::fromLatin1(part)), part);
        QVERIFY(text("comparisonVerdict").contains(QStringLiteral("do not tell")));
        auto* first = m_fixture->find<ThumbnailGrid>("firstAlone");
        auto* second = m_fixture->find<ThumbnailGrid>("secondAlone");
        QCOMPARE(first->model()->rowCount(), 2);
        QCOMPARE(second->model()->rowCount(), 1);
        QCOMPARE(first->model()->index(0, 0).data().toString(), QStringLiteral("A: cat"));
        QCOMPARE(first->model()->index(0, 0).data(ThumbnailGrid::kSubtitleRole).toString(),
                 QStringLiteral("B: dog"));
        const QRect rect = first->visualRect(first->model()->index(1, 0));
        QTest::mouseClick(first->viewport(), Qt::LeftButton, {}, rect.center());
        QTest::keyClick(first, Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QCOMPARE(state().currentSample(), m_samples[2]);
        QCOMPARE(state().lastSampleRequest().siblings->size(), size_t{2});
    }

    void runsThatAgreeHaveNoFlips() {
        open();
        {
            const auto session = state().session();
            addRun(session->workspace(), {true, false, false, true, true, false, true, true}); // as run 2
        }
        state().notifyRunsChanged();
        QTRY_COMPARE(runs()->model()->rowCount(), 4);
        click(0);
        click(2, Qt::ControlModifier);
        QTest::mouseClick(compareButton(), Qt::LeftButton);
        QTRY_VERIFY(comparison()->isVisible());
        QVERIFY(text("comparisonVerdict").contains(QStringLiteral("agree")));
        QVERIFY(!m_fixture->find<ThumbnailGrid>("firstAlone")->isVisible());
        QVERIFY(!m_fixture->find<ThumbnailGrid>("secondAlone")->isVisible());
    }

    void escapeOrOneRunEndsTheComparison() {
        open();
        click(1);
        click(2, Qt::ControlModifier);
        QTest::mouseClick(compareButton(), Qt::LeftButton);
        QTRY_VERIFY(comparison()->isVisible());
        QTest::keyClick(&window(), Qt::Key_Escape);
        QVERIFY(!comparison()->isVisible());
        QTest::mouseClick(compareButton(), Qt::LeftButton);
        QTRY_VERIFY(comparison()->isVisible());
        click(0);
        QVERIFY(!comparison()->isVisible());
        QVERIFY(!compareButton()->isEnabled());
    }

    void runsWithoutACommonExampleAreExplained() {
        open();
        click(0);
        click(1, Qt::ControlModifier);
        QTest::mouseClick(compareButton(), Qt::LeftButton);
        auto* banner = m_fixture->find<ErrorBanner>("errorBanner");
        QTRY_VERIFY(banner->text().contains(QStringLiteral("no example in common")));
        QVERIFY(!comparison()->isVisible());
    }
};

QTEST_MAIN(ComparisonTest)
#include "tst_comparison.moc"
