// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/result_view_fixture.h"
#include "tests/support/window_menus.h"
#include "ui/results/slice_models.h"
#include "ui/state/selection.h"
#include "ui/widgets/interval_delegate.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTimer>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

namespace {

constexpr int kPictures = 40;

QString cell(const QTableView* table, int row, int column) {
    return table->model()->index(row, column).data().toString();
}

/// The first half is tagged "night" and mostly wrong; every second picture has a note.
struct SlicesWorld : ResultViewFixture {
    QTableView* table = nullptr;

    SlicesWorld() : ResultViewFixture(kPictures) {
        Workspace& workspace = session->workspace();
        workspace.addTag(std::span(samples).first(kPictures / 2), "night");
        std::vector<SampleNote> notes;
        for (size_t i = 0; i < kPictures; i += 2)
            notes.push_back({samples[i], "seen"});
        workspace.setNotes(notes);
        std::vector<ExampleResult> examples;
        double right = 0;
        for (size_t i = 0; i < kPictures; ++i) {
            ExampleResult result;
            result.sample = samples[i];
            result.target = static_cast<int>(i % 2);
            result.correct = i >= kPictures / 2 || i % 5 == 0;
            result.predictions = {{*result.correct ? result.target : 1 - result.target, 0.75F}};
            right += *result.correct;
            examples.push_back(std::move(result));
        }
        for (const char* name : {"top1", "accuracy"}) {
            Metric metric;
            metric.name = name;
            metric.value = right / kPictures;
            metric.n = kPictures;
            metrics.push_back(metric);
        }
        show(QStringLiteral("slices"), {}, examples);
        table = find<QTableView>("slicesTable");
    }

    void waitForRows(int rows) {
        QTRY_COMPARE(table->model()->rowCount(), rows);
        QTRY_VERIFY(!find<QLabel>("slicesNote")->text().isEmpty());
    }
    /// As a person does: opens the box by key and types.
    void choose(const char* box, const QString& text) {
        auto* combo = find<QComboBox>(box);
        const int index = combo->findText(text);
        QVERIFY2(index >= 0, qPrintable(text));
        combo->setFocus();
        combo->setCurrentIndex(index);
        Q_EMIT combo->activated(index);
    }
};

} // namespace

class SlicesViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void worstSlicesComeFirst() {
        SlicesWorld world;
        world.waitForRows(2); // by class
        QCOMPARE(world.find<QComboBox>("sliceBy")->currentText(), QStringLiteral("Class"));
        world.choose("sliceBy", QStringLiteral("Tag"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("night"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("20"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Value), QStringLiteral("20.0 %"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Difference), QStringLiteral("-80.0 points"));
        QCOMPARE(cell(world.table, 0, SlicesModel::PValue), QStringLiteral("< 0.001"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Verdict), QStringLiteral("worse than the rest"));
        QCOMPARE(cell(world.table, 1, SlicesModel::Name), QStringLiteral("no tag"));
        QCOMPARE(cell(world.table, 1, SlicesModel::Verdict), QStringLiteral("better than the rest"));
        const auto shown =
            world.table->model()->index(0, SlicesModel::Range).data(kIntervalRole).value<ShownInterval>();
        QVERIFY(shown.low <= 0.2 && shown.high >= 0.2);
        QCOMPARE(shown.value, 0.2);
        QCOMPARE(shown.reference, 0.6);
        QAbstractItemModelTester tester(world.table->model());
    }

    void twoKeysCross() {
        SlicesWorld world;
        world.waitForRows(2);
        world.choose("sliceBy", QStringLiteral("Tag"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("night"));
        world.choose("sliceAndBy", QStringLiteral("Note"));
        QTRY_COMPARE(world.table->model()->rowCount(), 4);
        QVERIFY(cell(world.table, 0, SlicesModel::Name).startsWith(QStringLiteral("night · ")));
        QVERIFY(world.table->model()
                    ->headerData(SlicesModel::Name, Qt::Horizontal)
                    .toString()
                    .contains(QStringLiteral("tag · note")));
    }

    void aSliceIsAClickAwayFromItsPictures() {
        SlicesWorld world;
        world.waitForRows(2);
        world.choose("sliceBy", QStringLiteral("Tag"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("night"));
        auto* show = world.find<QPushButton>("showSlice");
        QVERIFY(!show->isEnabled());
        QSignalSpy requested(&world.services->state, &AppState::pageRequested);
        const QPoint place = world.table->visualRect(world.table->model()->index(0, 0)).center();
        QTest::mouseClick(world.table->viewport(), Qt::LeftButton, {}, place);
        QVERIFY(show->isEnabled());
        QTest::mouseDClick(world.table->viewport(), Qt::LeftButton, {}, place);
        QCOMPARE(requested.count(), 1);
        QCOMPARE(requested.last().front().toString(), QStringLiteral("datasets"));
        QCOMPARE(world.services->state.currentDataset(), world.dataset);
        const ViewSpec& shown = world.services->state.view(world.dataset).spec();
        QCOMPARE(shown.title, QStringLiteral("night"));
        QCOMPARE(*shown.ids, std::vector<SampleId>(world.samples.begin(), world.samples.begin() + 20));
        world.table->setFocus();
        QTest::keyClick(world.table, Qt::Key_Return);
        QCOMPARE(requested.count(), 2);
    }

    void selectingReachesEveryView() {
        SlicesWorld world;
        world.waitForRows(2);
        world.choose("sliceBy", QStringLiteral("Tag"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("night"));
        world.table->selectRow(0);
        QTest::mouseClick(world.find<QPushButton>("selectSlice"), Qt::LeftButton);
        const Selection& selection = world.services->state.selection(world.dataset);
        QCOMPARE(selection.samples().size(), size_t{20});
        QCOMPARE(selection.samples().front(), world.samples.front());
        world.table->selectAll(); // several slices at once
        QSignalSpy page(&world.services->state, &AppState::pageRequested);
        for (QAction* action : world.table->actions())
            if (action->objectName() == QLatin1String("mapSliceAction"))
                action->trigger();
        QCOMPARE(selection.samples().size(), size_t{kPictures});
        QCOMPARE(page.count(), 1);
        // And what is selected can be a slice.
        world.services->state.selection(world.dataset)
            .set(std::vector<SampleId>(world.samples.begin(), world.samples.begin() + 12), {});
        world.choose("sliceBy", QStringLiteral("Selected or not"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("selected"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("12"));
    }

    void selectionFilterAndSavedViewsCut() {
        SlicesWorld world;
        world.waitForRows(2);
        AppState& state = world.services->state;
        Workspace& workspace = world.session->workspace();
        QVERIFY(world.find<QComboBox>("sliceBy")->findText(QStringLiteral("Saved view")) < 0);
        workspace.saveView(world.dataset, "noted", {.noted = true});
        workspace.saveSelection(world.dataset, "mine", std::span(world.samples).first(10));
        state.notifySavedViewsChanged();
        QTRY_VERIFY(world.find<QComboBox>("sliceBy")->findText(QStringLiteral("Saved view")) > 0);
        world.choose("sliceBy", QStringLiteral("Saved view"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("mine"));
        QCOMPARE(world.table->model()->rowCount(), 3); // noted, mine, in no view
        world.choose("sliceBy", QStringLiteral("Saved selection"));
        QTRY_COMPARE(world.table->model()->rowCount(), 2);
        QTRY_COMPARE(cell(world.table, 1, SlicesModel::Name), QStringLiteral("in no selection"));

        // What is selected and filtered is followed, and so is what Ctrl+Z makes of it.
        state.view(world.dataset).setFilter({.tags = {"night"}});
        world.choose("sliceBy", QStringLiteral("In the filter or not"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("in the filter"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("20"));
        state.view(world.dataset).setFilter({.tags = {"night"}, .noted = true});
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("10"));
        QUndoStack& undo = world.services->edits.undoStack();
        undo.undo();
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("20"));
        state.selection(world.dataset).set({world.samples.begin(), world.samples.begin() + 15}, {});
        world.choose("sliceAndBy", QStringLiteral("Selected or not"));
        QTRY_COMPARE(world.table->model()->rowCount(), 3);
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("in the filter · selected"));
        QCOMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("15"));
        state.selection(world.dataset).set({world.samples.begin(), world.samples.begin() + 12}, {});
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("12"));
        undo.undo();
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Count), QStringLiteral("15"));
    }

    void slicesAreWritten_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("begin");
        QTest::newRow("page") << "s.html" << QByteArray("<!DOCTYPE html>");
        QTest::newRow("markdown") << "s.md" << QByteArray("# Slices of run 1 by tag");
        QTest::newRow("table") << "s.csv" << QByteArray("tag,n,metric,value");
    }
    void slicesAreWritten() {
        QFETCH(QString, name);
        QFETCH(QByteArray, begin);
        SlicesWorld world;
        world.waitForRows(2);
        world.choose("sliceBy", QStringLiteral("Tag"));
        QTRY_COMPARE(cell(world.table, 0, SlicesModel::Name), QStringLiteral("night"));
        const QString file = world.folder.filePath(name);
        QTimer::singleShot(0, this, [file] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            auto* line = dialog->findChild<QLineEdit*>();
            line->setText(file);
            QTest::keyClick(line, Qt::Key_Return);
        });
        QTest::mouseClick(world.find<QPushButton>("reportSlices"), Qt::LeftButton);
        QTRY_VERIFY(world.find<QLabel>("slicesNote")->text().contains(file));
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray text = written.readAll();
        QVERIFY2(text.startsWith(begin), text.left(80));
        QVERIFY(text.contains("night") && text.contains("no tag"));
    }

    void theMetricIsChosen() {
        SlicesWorld world;
        world.waitForRows(2);
        QCOMPARE(world.find<QComboBox>("sliceMetric")->count(), 2);
        world.choose("sliceMetric", world.find<QComboBox>("sliceMetric")->itemText(1));
        QTRY_VERIFY(world.table->model()
                        ->headerData(SlicesModel::Value, Qt::Horizontal)
                        .toString()
                        .startsWith(QStringLiteral("Accuracy")));
    }

    void whatCannotBeCutIsSaid() {
        ResultViewFixture world(3);
        world.show(QStringLiteral("slices"), {}, {});
        QTRY_VERIFY(
            world.find<QLabel>("slicesNote")->text().contains(QStringLiteral("no results by example")));
        QCOMPARE(world.find<QTableView>("slicesTable")->model()->rowCount(), 0);
        QVERIFY(!world.find<QPushButton>("selectSlice")->isEnabled());
    }
};

QTEST_MAIN(SlicesViewTest)
#include "tst_slices_view.moc"
