// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/file_drags.h"
#include "tests/support/window_fixture.h"
#include "tests/support/window_menus.h"
#include "ui/state/selection.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/thumbnail_grid.h"
#include "ui/widgets/toast.h"

#include <QAccessible>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// What can be done with a picture wherever it is shown, through the real window.
class SampleActionsTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_ids;

    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    SampleActions& actions() { return m_fixture->services->actions; }
    Workspace& workspace() { return state().session()->workspace(); }
    ThumbnailGrid& grid() { return *m_fixture->find<ThumbnailGrid>("thumbnailGrid"); }
    Toast& toast() { return *m_fixture->find<Toast>("toast"); }
    QStringList tagsOf(size_t i) {
        QStringList tags;
        for (const std::string& tag : workspace().sample(m_ids[i]).tags)
            tags << QString::fromStdString(tag);
        return tags;
    }
    void openAnimals() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 6);
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("datasets"));
        QTRY_COMPARE(grid().model()->rowCount(), 18);
        m_ids = workspace().sampleIds(state().currentDataset());
        grid().setFocus();
        QTRY_VERIFY(grid().hasFocus());
        QTest::keyClick(&grid(), Qt::Key_Home);
    }
    QStringList menuOf(QWidget* view, QPoint point) {
        QStringList texts = test::contextMenuOf(view, point);
        texts.removeAll(QStringLiteral("Select all")); // of grids alone
        return texts;
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void taggedPicturesBearBadges() {
        openAnimals();
        m_fixture->services->edits.addTag({m_ids[1], m_ids[4]}, QStringLiteral("blurry"));
        QTRY_COMPARE(tagsOf(4), QStringList{QStringLiteral("blurry")});
        grid().setCurrentIndex(
            grid().model()->index(3, 0)); // what is selected has the badges' colour around it
        // Pixels in the colour of badges in a picture's cell.
        const auto badge = [this](int row) {
            const QImage shot =
                grid().viewport()->grab(grid().visualRect(grid().model()->index(row, 0))).toImage();
            int count = 0;
            for (int y = 0; y < shot.height(); ++y)
                for (int x = 0; x < shot.width(); ++x)
                    count += shot.pixelColor(x, y) == theme::colors().accentSoft ? 1 : 0;
            return count;
        };
        QTRY_VERIFY(badge(1) > 50 && badge(4) > 50);
        QCOMPARE(badge(0), 0);
        QCOMPARE(badge(2), 0);
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(badge(1), 0);
    }

    void aKeyTagsAndTakesOffAndUndoes() {
        openAnimals();
        QTest::keyClick(&grid(), Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(&grid(), Qt::Key_3); // has no tag yet: asks
        auto* question = window().findChild<QInputDialog*>(QStringLiteral("keyTag"));
        QVERIFY(question);
        question->setTextValue(QStringLiteral("blurry"));
        question->accept();
        QTRY_COMPARE(tagsOf(1), QStringList{QStringLiteral("blurry")});
        QTRY_COMPARE(toast().text(), QStringLiteral("2 tagged “blurry”"));
        grid().setFocus();
        QTest::keyClick(&grid(), Qt::Key_Right, Qt::ShiftModifier); // a third, that has it not
        QTest::keyClick(&grid(), Qt::Key_3);
        QTRY_COMPARE(toast().text(), QStringLiteral("1 tagged “blurry”"));
        QCOMPARE(tagsOf(2), QStringList{QStringLiteral("blurry")});
        QTest::keyClick(&grid(), Qt::Key_3); // now all have it
        QTRY_COMPARE(toast().text(), QStringLiteral("3 no longer tagged “blurry”"));
        QVERIFY(tagsOf(0).isEmpty());
        QTest::mouseClick(toast().findChild<QPushButton*>(), Qt::LeftButton);
        QTRY_COMPARE(tagsOf(0), QStringList{QStringLiteral("blurry")});
        window().activateWindow(); // a question had it
        QVERIFY(QTest::qWaitForWindowActive(&window()));
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier); // takes back the second step alone
        QTRY_VERIFY(tagsOf(2).isEmpty());
        QCOMPARE(tagsOf(1), QStringList{QStringLiteral("blurry")});
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(tagsOf(2), QStringList{QStringLiteral("blurry")});
    }

    void undoTakesBackOnlyWhatChanged() {
        openAnimals();
        workspace().addTag(std::vector{m_ids[0]}, "kept");
        grid().selectAll();
        actions().edits().addTag(grid().selectedSamples(), QStringLiteral("kept"));
        QTRY_COMPARE(toast().text(), QStringLiteral("17 tagged “kept”"));
        m_fixture->services->edits.undoStack().undo();
        QTRY_VERIFY(tagsOf(5).isEmpty());
        QCOMPARE(tagsOf(0), QStringList{QStringLiteral("kept")});
    }

    void notesAreWrittenAndUndone() {
        openAnimals();
        QTest::keyClick(&grid(), Qt::Key_N);
        auto* question = window().findChild<QInputDialog*>(QStringLiteral("note"));
        QVERIFY(question);
        question->setTextValue(QStringLiteral("the label is wrong"));
        question->accept();
        QTRY_COMPARE(workspace().sample(m_ids[0]).note, std::string("the label is wrong"));
        QTRY_COMPARE(toast().text(), QStringLiteral("Note stored"));
        m_fixture->services->edits.undoStack().undo();
        QTRY_VERIFY(workspace().sample(m_ids[0]).note.empty());
    }

    void theMenuIsTheSameEverywhere() {
        openAnimals();
        const QStringList here = menuOf(grid().viewport(), grid().visualRect(grid().currentIndex()).center());
        QVERIFY(here.contains(QStringLiteral("Tag")) && here.contains(QStringLiteral("Export…")));
        QVERIFY(here.size() >= 8);
        QContextMenuEvent byKey(QContextMenuEvent::Keyboard, QPoint(), QPoint());
        QApplication::sendEvent(&grid(), &byKey);
        QVERIFY(QApplication::activePopupWidget());
        QApplication::activePopupWidget()->close();
        QTest::keyClick(&grid(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        auto* page = window().page(QStringLiteral("inspector"));
        auto* strip = page->findChild<QWidget*>(QStringLiteral("neighbours"));
        QTRY_VERIFY(strip->isVisible());
        QCOMPARE(menuOf(page->findChild<ImageView*>(), {20, 20}), here);
        QCOMPARE(menuOf(strip->findChild<SamplePicture*>(), {20, 20}), here);
        QCOMPARE(test::picturesWithoutMenu(page), QStringList());
    }

    void copiesPathAndImage() {
        openAnimals();
        QTest::keyClick(&grid(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(QGuiApplication::clipboard()->text().endsWith(QStringLiteral("cat/cat_000.png")));
        QTest::keyClick(&grid(), Qt::Key_C, Qt::ControlModifier);
        QTRY_COMPARE(QGuiApplication::clipboard()->image().size(), QSize(48, 32));
    }

    void dragsFilesOut() {
        openAnimals();
        QTest::keyClick(&grid(), Qt::Key_Right, Qt::ShiftModifier);
        const QPoint from = grid().visualRect(grid().currentIndex()).center();
        QCOMPARE(test::filesDragged(actions(), grid().viewport(), from),
                 (QStringList{QStringLiteral("cat_000.png"), QStringLiteral("cat_001.png")}));
        // And a picture that is shown alone, which is no click on it then.
        state().showSample(m_ids[2]);
        auto* strip =
            window().page(QStringLiteral("inspector"))->findChild<QWidget*>(QStringLiteral("neighbours"));
        QTRY_VERIFY(strip->isVisible());
        auto* picture = strip->findChild<SamplePicture*>();
        QTRY_VERIFY(picture->sample());
        const SampleId before = state().currentSample();
        const QString name =
            QFileInfo(QString::fromStdString(workspace().sample(picture->sample()).path.string())).fileName();
        QCOMPARE(test::filesDragged(actions(), picture, {20, 20}), QStringList{name});
        QCOMPARE(state().currentSample(), before);
    }

    void correctsALabelAndTakesItBack() {
        openAnimals();
        grid().setFocus();
        grid().setCurrentIndex(grid().model()->index(0, 0));
        const SampleId sample = grid().sampleOf(grid().currentIndex());
        const DatasetId dataset = workspace().sample(sample).dataset;
        QTest::keyClick(&grid(), Qt::Key_C);
        QInputDialog* dialog = nullptr;
        QTRY_VERIFY((dialog = window().findChild<QInputDialog*>(QStringLiteral("correctLabel"))));
        QCOMPARE(dialog->textValue(), QStringLiteral("cat"));
        QVERIFY(!dialog->isComboBoxEditable());
        dialog->setTextValue(QStringLiteral("owl"));
        dialog->accept();
        const auto corrected = [&] { return workspace().correctedLabels(dataset); };
        QTRY_COMPARE(corrected(), (std::map<SampleId, int>{{sample, 2}}));
        QUndoStack& undo = m_fixture->services->edits.undoStack();
        QTRY_VERIFY(undo.canUndo());
        for (int i = 0; i < 2; ++i) { // made again, it has another number
            undo.undo();
            QTRY_VERIFY(corrected().empty());
            undo.redo();
            QTRY_COMPARE(corrected(), (std::map<SampleId, int>{{sample, 2}}));
        }
        QCOMPARE(workspace().labelCorrections(dataset).size(), size_t(1));
        QCOMPARE(workspace().sample(sample).label, 0); // as imported
    }

    void exportsAListOrAFolder() {
        openAnimals();
        workspace().addTag(std::vector{m_ids[1]}, "odd");
        const QString file = m_fixture->path(QStringLiteral("list.csv"));
        actions().exportTo({m_ids[1], m_ids[0]}, file, ExportForm::Csv);
        QTRY_VERIFY(QFile::exists(file));
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = written.readAll().split('\n');
        QCOMPARE(lines[0], QByteArray("image,key,class,tags"));
        QVERIFY(lines[1].endsWith(",cat/cat_001.png,cat,odd"));
        QVERIFY(lines[2].endsWith(",cat/cat_000.png,cat,"));
        const QString folder = m_fixture->path(QStringLiteral("chosen"));
        actions().exportTo({m_ids[1]}, folder, ExportForm::Folder);
        QTRY_VERIFY(QFile::exists(folder + QStringLiteral("/cat/cat_001.png")));
        QVERIFY(QFileInfo(folder + QStringLiteral("/cat/cat_001.png")).isSymLink());
        actions().exportTo({m_ids[0]}, folder, ExportForm::Folder); // would mix with what is there
        QTRY_VERIFY([this] {
            for (const ErrorBanner* banner : window().findChildren<ErrorBanner*>())
                if (banner->isVisible() && banner->text().contains(QStringLiteral("not an empty folder")))
                    return true;
            return false;
        }());
    }

    void theExportIsAskedFor() {
        openAnimals();
        actions().askExport({m_ids[0]}, &window());
        auto* dialog = window().findChild<QFileDialog*>(QStringLiteral("exportSamples"));
        QVERIFY(dialog);
        QCOMPARE(dialog->defaultSuffix(), QStringLiteral("csv"));
        dialog->selectNameFilter(QStringLiteral("New folder of copies (*)"));
        Q_EMIT dialog->filterSelected(QStringLiteral("New folder of copies (*)"));
        QCOMPARE(dialog->defaultSuffix(), QString());
        Q_EMIT dialog->fileSelected(m_fixture->path(QStringLiteral("copies")));
        QTRY_VERIFY(QFile::exists(m_fixture->path(QStringLiteral("copies/cat/cat_000.png"))));
        dialog->reject();
    }

    void oneSelectionForAllViews() {
        openAnimals();
        Selection& selection = state().selection(state().currentDataset());
        QTest::keyClick(&grid(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(selection.samples(), (std::vector{m_ids[0], m_ids[1]}));
        QCOMPARE(selection.current(), m_ids[1]);
        ThumbnailGrid other(m_fixture->services->thumbnails);
        other.setModel(grid().model());
        other.bindSelection(&selection);
        other.show();
        QTRY_COMPARE(other.selectedSamples(), (std::vector{m_ids[0], m_ids[1]}));
        selection.set({m_ids[7], m_ids[3]}, m_ids[7]); // as a view that paints points would
        QCOMPARE(grid().selectedSamples(), (std::vector{m_ids[3], m_ids[7]}));
        QCOMPARE(grid().sampleOf(grid().currentIndex()), m_ids[7]);
        QCOMPARE(other.selectedSamples(), (std::vector{m_ids[3], m_ids[7]}));
        QCOMPARE(state().currentSample(), m_ids[7]);
        window().showPage(QStringLiteral("inspector"));
        QTRY_COMPARE(m_fixture->find<QLabel>("inspectorTitle")->text(), QStringLiteral("dog_001.png"));
    }

    void theInspectorStepsWithArrowsAndTags() {
        openAnimals();
        QTest::keyClick(&grid(), Qt::Key_Return);
        auto* title = m_fixture->find<QLabel>("inspectorTitle");
        QTRY_COMPARE(title->text(), QStringLiteral("cat_000.png"));
        QWidget* page = window().page(QStringLiteral("inspector"));
        QTest::keyClick(page, Qt::Key_Right);
        QTRY_COMPARE(title->text(), QStringLiteral("cat_001.png"));
        QTest::keyClick(page, Qt::Key_Right);
        QTRY_COMPARE(title->text(), QStringLiteral("cat_002.png"));
        QTest::keyClick(page, Qt::Key_Left);
        QTRY_COMPARE(title->text(), QStringLiteral("cat_001.png"));
        QTRY_COMPARE(state().selection(state().currentDataset()).current(), m_ids[1]); // the grid follows
        auto* newTag = m_fixture->find<QLineEdit>("addTag");
        newTag->setFocus();
        QTest::keyClicks(newTag, QStringLiteral("from here"));
        QTest::keyClick(newTag, Qt::Key_Return);
        QTRY_COMPARE(tagsOf(1), QStringList{QStringLiteral("from here")});
        auto* tags = m_fixture->find<QLabel>("inspectorTags");
        QTRY_VERIFY(tags->isVisible() && tags->text().contains(QStringLiteral("from here")));
        Q_EMIT tags->linkActivated(QStringLiteral("remove:0"));
        QTRY_VERIFY(tagsOf(1).isEmpty());
        SamplePicture* last = nullptr; // the strip leads further
        for (auto* picture : page->findChildren<SamplePicture*>(QStringLiteral("neighbour")))
            if (picture->isVisible())
                last = picture;
        QVERIFY(last);
        const SampleId there = last->sample();
        QTest::mouseClick(last, Qt::LeftButton);
        QTRY_COMPARE(state().currentSample(), there);
    }

    void theInspectorShowsTheModelsCrop() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        state().showSample(workspace().sampleIds(workspace().datasets().front().id).front());
        auto* view = window().page(QStringLiteral("inspector"))->findChild<ImageView*>();
        QTRY_COMPARE(view->image().size(), QSize(48, 32));
        QTest::mouseClick(m_fixture->find<QToolButton>("modelCrop"), Qt::LeftButton);
        QTRY_VERIFY(view->image().width() == view->image().height() && !view->image().isNull());
        QTest::mouseClick(m_fixture->find<QToolButton>("modelCrop"), Qt::LeftButton);
        QTRY_COMPARE(view->image().size(), QSize(48, 32));
    }

    void picturesHaveRolesAndNames() {
        openAnimals();
        QTRY_VERIFY(!grid().model()->index(0, 0).data().toString().isEmpty());
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&grid());
        QVERIFY(list);
        QCOMPARE(list->role(), QAccessible::List);
        QCOMPARE(list->text(QAccessible::Name), QStringLiteral("Images"));
        QCOMPARE(list->childCount(), 18);
        QAccessibleInterface* second = list->child(1);
        QVERIFY(second && second->isValid());
        QCOMPARE(second->role(), QAccessible::ListItem);
        QCOMPARE(second->text(QAccessible::Name), QStringLiteral("cat/cat_001.png"));
        QTRY_VERIFY(second->text(QAccessible::Description).contains(QStringLiteral("Class: cat")));
        QCOMPARE(list->indexOfChild(second), 1);
        QVERIFY(!second->state().selected);
        second->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
        QVERIFY(second->state().selected && second->state().focused);
        QCOMPARE(list->focusChild(), second);
        const QPoint centre = second->rect().center();
        QCOMPARE(list->childAt(centre.x(), centre.y()), second);
        second->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        auto* picture = window().findChild<SamplePicture*>(QStringLiteral("neighbour"));
        QTRY_VERIFY(picture->isVisible());
        QAccessibleInterface* neighbour = QAccessible::queryAccessibleInterface(picture);
        QCOMPARE(neighbour->role(), QAccessible::Button);
        QVERIFY(!neighbour->text(QAccessible::Name).isEmpty());
    }
};

QTEST_MAIN(SampleActionsTest)
#include "tst_sample_actions.moc"
