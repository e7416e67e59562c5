// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/pages/compare/pair_list.h"
#include "ui/plots/point_canvas.h"
#include "ui/state/selection.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/table_view.h"

#include <QAbstractButton>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollBar>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// The page Diptych: two runs side by side, their spaces, and many in a table.
class ComparisonTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_samples;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    Selection& selection() { return state().selection(state().session()->workspace().datasets()[0].id); }
    TableView* runs() { return m_fixture->find<TableView>("runsTable"); }
    PairList* list() { return m_fixture->find<PairList>("pairList"); }
    QPushButton* button(const char* name) { return m_fixture->find<QPushButton>(name); }
    QString text(const char* label) { return m_fixture->find<QLabel>(label)->text(); }
    QComboBox* box(const char* name) { return m_fixture->find<QComboBox>(name); }
    SampleId at(int row) { return list()->sampleOf(list()->model()->index(row, 0)); }
    int rows() { return list()->model()->rowCount(); }

    /// A run that takes sample i for the class of that digit; its own is the first letter of @p truths.
    RunId addRun(Workspace& workspace, const std::string& truths, const std::string& answers,
                 const std::string& model = "tiny", const std::string& fingerprint = "") {
        RunRecord run;
        run.task = "zero-shot";
        run.datasetId = workspace.datasets().front().id;
        run.datasetName = "animals";
        run.modelName = model;
        run.modelFingerprint = fingerprint;
        run.precision = "fp32";
        run.classNames = {"<img src=x>&cat", "dog", "owl"};
        run.spec = {{"task", "zero-shot"}, {"dataset", "animals"}, {"model", model}};
        run.startedAt = "2026-01-02T03:04:05Z";
        std::vector<ExampleResult> examples;
        size_t right = 0;
        for (size_t i = 0; i < answers.size(); ++i) {
            if (answers[i] == '-')
                continue;
            ExampleResult& example = examples.emplace_back(exampleOf(m_samples[i]));
            example.target = truths[i] - '0';
            example.predictions = {{answers[i] - '0', 0.9F}};
            setVerdict(example, truths[i] == answers[i]);
            right += truths[i] == answers[i];
        }
        run.metrics = {
            {"top1", double(right) / double(examples.size()), Interval{0, 1}, examples.size(), true, {}}};
        return workspace.addRun(run, examples);
    }

    void open() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            Workspace& workspace = session->workspace();
            m_samples = workspace.sampleIds(workspace.datasets().front().id);
            addRun(workspace, "000011112222", "000011112211", "<b>first</b>");
            addRun(workspace, "000011112222", "001121112201", "second");
        }
        m_fixture->openWith(QStringLiteral("w"));
    }
    void openPair() {
        open();
        window().showPage(QStringLiteral("compare"));
        QTRY_COMPARE(rows(), 12);
    }
    void clickCell(const char* name) {
        QTest::mouseClick(m_fixture->find<QAbstractButton>(name), Qt::LeftButton);
    }

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void runsChosenInTheListStandSideBySide() {
        open();
        window().showPage(QStringLiteral("runs"));
        QTRY_COMPARE(runs()->model()->rowCount(), 2);
        const auto click = [&](int row, Qt::KeyboardModifiers modifiers) {
            const QRect rect = runs()->visualRect(runs()->model()->index(row, 1));
            QTest::mouseClick(runs()->viewport(), Qt::LeftButton, modifiers, rect.center());
        };
        click(0, {});
        QVERIFY(!button("compareRuns")->isEnabled());
        click(1, Qt::ControlModifier);
        QTest::mouseClick(button("compareRuns"), Qt::LeftButton);
        QCOMPARE(window().currentPage(), QStringLiteral("compare"));
        QTRY_COMPARE(rows(), 12);
        QCOMPARE(box("firstRun")->currentData().toLongLong(), qlonglong(1)); // the older one is A
        QCOMPARE(box("secondRun")->currentData().toLongLong(), qlonglong(2));
    }

    /// 10 and 7 of 12 right: flips at 2, 3 and 4; both wrong at 10 (0 and 1) and 11 (1 and 1).
    void theVerdictIsInWords() {
        openPair();
        QVERIFY2(text("verdict").startsWith(QStringLiteral("Not decided: ")), qPrintable(text("verdict")));
        QVERIFY2(text("verdict").contains(QStringLiteral("+25.0 points")), qPrintable(text("verdict")));
        QVERIFY2(text("verdictNumbers").contains(QStringLiteral("McNemar's test: p = 0.250")),
                 qPrintable(text("verdictNumbers")));
        QCOMPARE(text("leftLeaf"), QStringLiteral("A · <b>first</b> · 83.3 %"));
        QCOMPARE(m_fixture->find<QLabel>("leftLeaf")->textFormat(), Qt::PlainText);
        QCOMPARE(text("rightLeaf"), QStringLiteral("B · second · 58.3 %"));
    }

    void disagreementComesFirstAndCellsFilter() {
        openPair();
        for (int row = 0; row < 3; ++row)
            QVERIFY(at(row) == m_samples[2] || at(row) == m_samples[3] || at(row) == m_samples[4]);
        QVERIFY(at(3) == m_samples[10]); // other answers, both wrong
        clickCell("outcome-first-right");
        QCOMPARE(rows(), 3);
        QCOMPARE(text("pairCount"), QStringLiteral("3 of 12"));
        clickCell("outcome-second-right");
        QCOMPARE(rows(), 0);
        clickCell("outcome-both-wrong");
        QCOMPARE(rows(), 2);
        clickCell("outcome-both-wrong"); // which is down: all again
        QCOMPARE(rows(), 12);
        box("pairKind")
            ->setCurrentIndex(box("pairKind")->findText(QStringLiteral("Both wrong, same answer")));
        QCOMPARE(rows(), 1);
        QVERIFY(at(0) == m_samples[11]);
        QTest::mouseClick(button("showAllPairs"), Qt::LeftButton);
        QCOMPARE(rows(), 12);
        QTest::mouseClick(m_fixture->find<QCheckBox>("withoutCommonWrong"), Qt::LeftButton, {}, QPoint(8, 8));
        QCOMPARE(rows(), 10);
        QTest::keyClick(&window(), Qt::Key_Escape);
        QCOMPARE(rows(), 12);
        // The rows say in words what they show, and names stay names.
        const QModelIndex first = list()->model()->index(0, 0);
        const QString tip = first.data(Qt::ToolTipRole).toString();
        QVERIFY2(!tip.contains(QStringLiteral("<img")) &&
                     (at(0) == m_samples[4] || tip.contains(QStringLiteral("&lt;img src=x&gt;&amp;cat"))),
                 qPrintable(tip));
    }

    void classesFilter() {
        openPair();
        auto* classes = m_fixture->find<TableView>("classDifferences");
        QCOMPARE(classes->model()->rowCount(), 3);
        QCOMPARE(classes->model()->index(0, 1).data().toString(), QStringLiteral("+50.0")); // widest first
        const QRect rect = classes->visualRect(classes->model()->index(0, 0));
        QTest::mouseClick(classes->viewport(), Qt::LeftButton, {}, rect.center());
        QCOMPARE(rows(), 4);
        clickCell("outcome-first-right");
        QCOMPARE(rows(), 2);
        QTest::mouseClick(button("showAllPairs"), Qt::LeftButton);
        QCOMPARE(rows(), 12);
    }

    void swapTurnsTheSidesRound() {
        openPair();
        QTest::mouseClick(m_fixture->find<QToolButton>("swapRuns"), Qt::LeftButton);
        QTRY_COMPARE(text("leftLeaf"), QStringLiteral("A · second · 58.3 %"));
        QVERIFY2(text("verdict").contains(QStringLiteral("-25.0 points")), qPrintable(text("verdict")));
        clickCell("outcome-second-right");
        QCOMPARE(rows(), 3);
    }

    void theSelectionIsShared() {
        openPair();
        list()->setFocus();
        const QRect rect = list()->visualRect(list()->model()->index(1, 0));
        QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, rect.center());
        QVERIFY(selection().samples() == std::vector{at(1)});
        QVERIFY(selection().current() == at(1));
        QTest::keyClick(list(), Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(selection().samples().size(), size_t{2});
        selection().set({at(5), at(7)}, at(7)); // elsewhere, the map say
        QCOMPARE(list()->selectedSamples().size(), size_t{2});
        QCOMPARE(list()->currentIndex().row(), 7);
        QTest::keyClick(list(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QVERIFY(state().currentSample() == selection().current());
        QCOMPARE(state().lastSampleRequest().siblings->size(), size_t{12});
    }

    /// Whatever was looked at before, the list begins where the runs disagree.
    void theListBeginsAtItsTop() {
        open();
        window().resize(1024, 640);
        selection().set({m_samples[0]}, m_samples[0]); // both right: far below
        window().showPage(QStringLiteral("compare"));
        QTRY_COMPARE(rows(), 12);
        QVERIFY(list()->verticalScrollBar()->maximum() > 0);
        QCOMPARE(list()->verticalScrollBar()->value(), 0);
        QVERIFY(list()->selectedSamples() == std::vector{m_samples[0]});
    }

    void scoresAreHigherInOneOrEqual() {
        open();
        {
            const auto session = state().session();
            for (const double first : {0.75, 0.5}) {
                RunRecord run;
                run.task = "clipscore";
                run.datasetId = session->workspace().datasets().front().id;
                run.datasetName = "animals";
                run.modelName = "scores";
                run.startedAt = "2026-01-02T03:04:05Z";
                run.metrics = {{"clipscore", 0.7, {}, 3, true, {}, Unit::Number}};
                std::vector<ExampleResult> examples;
                for (const double score : {first, 0.25, 0.6}) {
                    examples.push_back(exampleOf(m_samples[examples.size()]));
                    examples.back().score = score;
                }
                session->workspace().addRun(run, examples);
            }
        }
        state().notifyRunsChanged();
        state().showComparison({RunId{3}, RunId{4}});
        QTRY_COMPARE(rows(), 3);
        QVERIFY2(text("verdictNumbers").contains(QStringLiteral("CLIPScore over 3 examples")),
                 qPrintable(text("verdictNumbers")));
        QVERIFY(m_fixture->find<QAbstractButton>("outcome-both-wrong")->isHidden());
        QCOMPARE(box("pairKind")->findText(QStringLiteral("Both wrong")), -1);
        clickCell("outcome-first-right");
        QCOMPARE(rows(), 1);
        QVERIFY(at(0) == m_samples[0]);
        QVERIFY(m_fixture->find<TableView>("classDifferences")->isHidden());
    }

    void whatCannotBeComparedIsExplained() {
        open();
        {
            const auto session = state().session();
            addRun(session->workspace(), "000011112222", "------------", "none");
            addRun(session->workspace(), "000011112222", "0-----------", "one");
            addRun(session->workspace(), "000011112222", "-0----------", "other");
        }
        state().notifyRunsChanged();
        state().showComparison({RunId{4}, RunId{5}});
        auto* tabs = m_fixture->find<QTabWidget>("compareTabs");
        QTRY_VERIFY(!tabs->findChildren<EmptyState*>().isEmpty() &&
                    tabs->currentWidget()->findChild<QLabel*>() != nullptr);
        const auto says = [&](const char* words) {
            for (const QLabel* label : tabs->currentWidget()->findChildren<QLabel*>())
                if (label->isVisible() && label->text().contains(QString::fromLatin1(words)))
                    return true;
            return false;
        };
        QTRY_VERIFY(says("no example in common"));
        QCOMPARE(box("firstRun")->findText(QStringLiteral("none"), Qt::MatchContains),
                 -1); // keeps no example
        QVERIFY(m_fixture->find<QLabel>("verdict")->isHidden());
    }

    void manyRunsAreATable() {
        open();
        {
            const auto session = state().session();
            addRun(session->workspace(), "000011112222", "111122220011", "all <i>wrong</i> & sure");
        }
        state().notifyRunsChanged();
        state().showComparison({RunId{1}, RunId{2}, RunId{3}});
        QCOMPARE(window().currentPage(), QStringLiteral("compare"));
        auto* table = m_fixture->find<QTableView>("runTable");
        QTRY_COMPARE(table->model()->rowCount(), 3);
        QCOMPARE(table->model()->columnCount(), 2);
        const auto bold = [&](int row) {
            return table->model()->index(row, 1).data(Qt::FontRole).value<QFont>().bold();
        };
        QVERIFY(bold(0) && bold(1) && !bold(2)); // 10 flips to none are no chance, 3 are
        QAction* latex = window().findChild<QAction*>(QStringLiteral("copy-latex"));
        latex->trigger();
        QVERIFY2(QGuiApplication::clipboard()->text().contains(
                     QStringLiteral("all \\textless{}i\\textgreater{}wrong")),
                 qPrintable(QGuiApplication::clipboard()->text()));
        // Two cells stand side by side.
        const auto click = [&](int row, Qt::KeyboardModifiers modifiers) {
            QTest::mouseClick(table->viewport(), Qt::LeftButton, modifiers,
                              table->visualRect(table->model()->index(row, 1)).center());
        };
        click(0, {});
        QCOMPARE(button("openCells")->text(), QStringLiteral("Open run"));
        click(2, Qt::ControlModifier);
        QTest::mouseClick(button("openCells"), Qt::LeftButton);
        QTRY_COMPARE(box("secondRun")->currentData().toLongLong(), qlonglong(3));
        QCOMPARE(m_fixture->find<QTabWidget>("compareTabs")->currentIndex(), 0);
        // What all got wrong, where pictures are.
        m_fixture->find<QTabWidget>("compareTabs")->setCurrentIndex(2);
        auto* wrong = button("allWrong-0");
        QVERIFY2(wrong->text().contains(QStringLiteral("2 of 12")), qPrintable(wrong->text()));
        QTest::mouseClick(wrong, Qt::LeftButton);
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QTRY_COMPARE(state().view(state().currentDataset()).members().size(), size_t{2});
        // Fewer than two ticked: nothing to test.
        window().showPage(QStringLiteral("compare"));
        auto* ticks = m_fixture->find<QListWidget>("tableRuns");
        ticks->item(0)->setCheckState(Qt::Unchecked);
        ticks->item(1)->setCheckState(Qt::Unchecked);
        QCOMPARE(table->model()->rowCount(), 0);
        QTest::mouseClick(button("tickAll"), Qt::LeftButton);
        QTRY_COMPARE(table->model()->rowCount(), 3);
    }

    void spacesStandBesideEachOther() {
        open();
        {
            const auto session = state().session();
            for (const char* folder : {"/clip/openai", "/clip/laion"}) {
                const ModelId id = session->addModel(std::string(DIPTYCH_FIXTURES) + folder, {});
                const ModelRecord model = session->workspace().model(id);
                addRun(session->workspace(), "000011112222", "000011112211", model.name, model.fingerprint);
            }
        }
        state().notifyRunsChanged();
        state().showComparison({RunId{3}, RunId{4}});
        QTRY_VERIFY(text("rightLeaf").startsWith(QStringLiteral("B · laion")));
        auto* tabs = m_fixture->find<QTabWidget>("compareTabs");
        tabs->setCurrentIndex(1);
        QPushButton* encode = nullptr;
        const auto offered = [&] {
            for (auto* one : tabs->currentWidget()->findChildren<QPushButton*>())
                if (one->isVisible() && one->text() == QStringLiteral("Encode and make maps"))
                    encode = one;
            return encode != nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(offered(), 30000);
        QTest::mouseClick(encode, Qt::LeftButton);
        auto* first = m_fixture->find<PointCanvas>("firstMap");
        auto* second = m_fixture->find<PointCanvas>("secondMap");
        auto* both = m_fixture->find<PointCanvas>("overlaidMap");
        QTRY_COMPARE_WITH_TIMEOUT(first->pointCount(), size_t{12}, 60000);
        QCOMPARE(second->pointCount(), size_t{12});
        QCOMPARE(both->pointCount(), size_t{24});
        QVERIFY2(text("spacesWords").contains(QStringLiteral("Linear CKA")), qPrintable(text("spacesWords")));
        QVERIFY2(text("spacesWords").contains(QStringLiteral("10 nearest neighbours")),
                 qPrintable(text("spacesWords")));
        // Linked: what is selected in one is in the others, and the pointer's picture is named beside.
        first->setPicturesShown(false);
        QTest::mouseClick(first, Qt::LeftButton, {}, first->position(4).toPoint());
        const auto chosen = [&](PointCanvas* canvas) {
            return std::ranges::count(canvas->selectedPoints(), uint8_t{1});
        };
        QCOMPARE(chosen(second), 1);
        QCOMPARE(chosen(both), 2); // A's place and B's
        QVERIFY(selection().samples().size() == 1);
        QTest::mouseMove(first, first->position(7).toPoint());
        QTRY_COMPARE(second->marks().size(), size_t{1});
        QVERIFY((second->positionOf(second->marks()[0]) - second->position(std::max(0, first->hovered())))
                    .manhattanLength() < 1);
        QTest::mouseClick(button("selectMoved"), Qt::LeftButton);
        QCOMPARE(chosen(first), 12); // of so few all are among the twenty
        box("spacesArrangement")->setCurrentIndex(1);
        QVERIFY(both->isVisible() && !first->isVisible());
    }
};

QTEST_MAIN(ComparisonTest)
#include "tst_comparison.moc"
