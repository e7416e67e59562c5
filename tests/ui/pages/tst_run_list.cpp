// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/models/run_models.h"
#include "ui/widgets/table_view.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// The list of runs: names, notes and stars given in it, and its columns.
class RunListTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;

    TableView* runs() { return m_fixture->find<TableView>("runsTable"); }
    QModelIndex cell(int row, int column) { return runs()->model()->index(row, column); }
    QString text(int row, int column) { return cell(row, column).data().toString(); }
    RunMarks stored(int64_t run) {
        return m_fixture->services->state.session()->workspace().run({run}).marks;
    }
    int columnOf(const QString& title) {
        for (int column = 0; column < runs()->model()->columnCount(); ++column)
            if (runs()->model()->headerData(column, Qt::Horizontal).toString() == title)
                return column;
        return -1;
    }
    void click(int row, int column) {
        runs()->scrollTo(cell(row, column));
        QTest::mouseClick(runs()->viewport(), Qt::LeftButton, {},
                          runs()->visualRect(cell(row, column)).center());
    }
    /// Chooses an entry of the header's menu.
    void chooseColumn(const QString& title) {
        QWidget* header = runs()->horizontalHeader()->viewport();
        QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(4, 4), header->mapToGlobal(QPoint(4, 4)));
        QApplication::sendEvent(header, &event);
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        QVERIFY(menu);
        for (QAction* action : menu->actions())
            if (action->text() == title)
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
        menu->close();
    }
    void open() {
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->window->showPage(QStringLiteral("runs"));
        QTRY_COMPARE(runs()->model()->rowCount(), 2);
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
        for (const char* prompts : {"a {}", "the <b>{}</b>"}) {
            RunRecord run;
            run.task = "zero-shot";
            run.datasetId = session->workspace().datasets().front().id;
            run.datasetName = "animals";
            run.modelName = "tiny";
            run.classNames = {"cat", "dog"};
            run.metrics = {{"top1", 0.5, {}, 4, true, {}}};
            run.spec = {{"task", "zero-shot"},
                        {"params", {{"templates", Json::array({prompts})}, {"keep", 5}}}};
            run.details = Json::object();
            run.startedAt = "2026-01-02T03:04:05Z";
            session->workspace().addRun(run, {});
        }
    }
    void cleanup() { m_fixture.reset(); }

    void aClickGivesAStarAndTakesIt() {
        open();
        click(1, RunsModel::Star);
        QTRY_VERIFY(stored(1).starred);
        QTRY_COMPARE(text(1, RunsModel::Star), QStringLiteral("★"));
        QVERIFY(!stored(2).starred);
        click(1, RunsModel::Star);
        QTRY_VERIFY(!stored(1).starred);
        runs()->selectAll();
        QTest::keyClick(runs(), Qt::Key_S);
        QTRY_VERIFY(stored(1).starred && stored(2).starred);
    }

    void namesAndNotesAreEditedInPlace() {
        open();
        QVERIFY(runs()->isColumnHidden(RunsModel::Name) && runs()->isColumnHidden(RunsModel::Note));
        click(1, RunsModel::Task);
        QTest::keyClick(runs(), Qt::Key_F2);
        auto* editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("base <i>line"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(text(1, RunsModel::Name), QStringLiteral("base <i>line"));
        QCOMPARE(stored(1).name, std::string("base <i>line"));
        QVERIFY(!runs()->isColumnHidden(RunsModel::Name));
        QTest::keyClick(runs(), Qt::Key_F2, Qt::ShiftModifier);
        editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("again tomorrow"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(text(1, RunsModel::Note), QStringLiteral("again tomorrow"));
        QCOMPARE(stored(1).note, std::string("again tomorrow"));
        // Found by what somebody wrote, and given up with Esc.
        click(1, RunsModel::Name);
        QTest::mouseDClick(runs()->viewport(), Qt::LeftButton, {},
                           runs()->visualRect(cell(1, RunsModel::Name)).center());
        editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("other"));
        QTest::keyClick(editor, Qt::Key_Escape);
        QTRY_VERIFY(!qobject_cast<QLineEdit*>(QApplication::focusWidget()));
        QCOMPARE(stored(1).name, std::string("base <i>line"));
    }

    void columnsAreChosenAndRemembered() {
        open();
        const int prompts = columnOf(QStringLiteral("Prompts")), split = columnOf(QStringLiteral("Split"));
        QVERIFY(prompts > 0 && !runs()->isColumnHidden(prompts)); // it differs
        QVERIFY(split > 0 && runs()->isColumnHidden(split));      // it does not
        QCOMPARE(text(0, prompts), QStringLiteral("the <b>{}</b>"));
        chooseColumn(QStringLiteral("Split"));
        chooseColumn(QStringLiteral("Prompts"));
        QVERIFY(!runs()->isColumnHidden(split) && runs()->isColumnHidden(prompts));
        m_fixture->close();
        open();
        QVERIFY(!runs()->isColumnHidden(columnOf(QStringLiteral("Split"))));
        QVERIFY(runs()->isColumnHidden(columnOf(QStringLiteral("Prompts"))));
        chooseColumn(QStringLiteral("As by itself"));
        QVERIFY(!runs()->isColumnHidden(columnOf(QStringLiteral("Prompts"))));
    }

    void everyColumnSorts() {
        open();
        const int prompts = columnOf(QStringLiteral("Prompts"));
        runs()->sortByColumn(prompts, Qt::AscendingOrder);
        QCOMPARE(text(0, prompts), QStringLiteral("a {}"));
        click(0, RunsModel::Star);
        QTRY_VERIFY(stored(1).starred);
        runs()->sortByColumn(RunsModel::Star, Qt::AscendingOrder);
        QTRY_COMPARE(text(1, RunsModel::Number), QStringLiteral("1"));
        runs()->sortByColumn(RunsModel::Star, Qt::DescendingOrder);
        QTRY_COMPARE(text(0, RunsModel::Number), QStringLiteral("1"));
    }
};

QTEST_MAIN(RunListTest)
#include "tst_run_list.moc"
