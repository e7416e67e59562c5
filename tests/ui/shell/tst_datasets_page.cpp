// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/models/dataset_list_model.h"
#include "ui/pages/datasets/filter_bar.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/pages/datasets/problems_dialog.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/multi_choice.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

class DatasetsPageTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    ThumbnailGrid& grid() { return *m_fixture->find<ThumbnailGrid>("thumbnailGrid"); }
    FilterBar& filter() { return *window().findChild<FilterBar*>(); }
    QString count() { return m_fixture->find<QLabel>("sampleCount")->text(); }
    int shown() { return grid().model()->rowCount(); }
    QLineEdit* search() { return filter().findChildren<QLineEdit*>().front(); }
    QComboBox* box(const char* accessibleName) {
        for (QComboBox* candidate : filter().findChildren<QComboBox*>())
            if (candidate->accessibleName() == QLatin1String(accessibleName))
                return candidate;
        return nullptr;
    }
    ErrorBanner* pageBanner() { return window().page(QStringLiteral("datasets"))->findChild<ErrorBanner*>(); }

    /// With the filters above the pictures, not beside them.
    void openAnimals(int perClass = 6) {
        m_fixture->makeWorkspace(QStringLiteral("w"), perClass);
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->find<QToolButton>("facetsButton")->setChecked(false);
        window().showPage(QStringLiteral("datasets"));
        QTRY_COMPARE(shown(), 3 * perClass);
    }

    void drop(const QString& path) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        const QPoint point(600, 400);
        QDragEnterEvent enter(point, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(point, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &event);
        QVERIFY(event.isAccepted());
    }
    ImportDialog* dialog() { return window().findChild<ImportDialog*>(); }
    QPushButton* acceptButton() { return dialog()->findChild<QPushButton*>(QStringLiteral("acceptImport")); }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void emptyWorkspaceInvites() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 0);
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("datasets"));
        auto* empty = window().page(QStringLiteral("datasets"))->findChild<EmptyState*>();
        QTRY_VERIFY(empty->isVisible() && empty->button()->isEnabled());
        QTest::mouseClick(empty->button(), Qt::LeftButton);
        QVERIFY(dialog());
    }

    void showsTheFirstDataset() {
        openAnimals();
        QCOMPARE(m_fixture->find<QLabel>("datasetTitle")->text(), QStringLiteral("animals"));
        QCOMPARE(count(), QStringLiteral("18 images"));
        QTRY_VERIFY(grid().model()->index(0, 0).data().toString().endsWith(QStringLiteral("cat_000.png")));
    }

    /// Also beside the filters, where the list has little room.
    void theShownDatasetIsInSight() {
        m_fixture->makeWorkspace(QStringLiteral("w"));
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            for (int i = 0; i < 12; ++i)
                session->importDataset(m_fixture->path(QStringLiteral("animals")).toStdString(),
                                       "more " + std::to_string(10 + i), {}, {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        auto* list = m_fixture->find<QListView>("datasetList");
        auto* facets = m_fixture->find<QToolButton>("facetsButton");
        QTRY_COMPARE(list->model()->rowCount(), 13);
        state().setCurrentDataset(state().session()->workspace().findDataset("more 21")->id);
        QTRY_COMPARE(m_fixture->find<QLabel>("datasetTitle")->text(), QStringLiteral("more 21"));
        const auto inSight = [&] {
            return list->viewport()->rect().contains(list->visualRect(list->currentIndex()));
        };
        for (const bool beside : {false, true}) {
            facets->setChecked(beside);
            QTRY_VERIFY(inSight());
        }
        state().session()->importDataset(m_fixture->path(QStringLiteral("animals")).toStdString(), "other",
                                         {}, {});
        window().page(QStringLiteral("datasets"))->refresh();
        QTRY_COMPARE(list->model()->rowCount(), 14);
        QTRY_COMPARE(list->currentIndex().row(), 12);
        QVERIFY(inSight());
    }

    void filtersByText() {
        openAnimals();
        QTest::keyClick(&window(), Qt::Key_F, Qt::ControlModifier);
        QVERIFY(search()->hasFocus());
        QTest::keyClicks(search(), QStringLiteral("DOG_00"));
        QTRY_COMPARE(shown(), 6);
        QTRY_COMPARE(count(), QStringLiteral("6 of 18 images"));
        QTest::keyClicks(search(), QStringLiteral("zzz"));
        QTRY_COMPARE(shown(), 0);
        EmptyState* noMatch = nullptr;
        for (EmptyState* candidate : window().findChildren<EmptyState*>())
            if (candidate->isVisible())
                noMatch = candidate;
        QVERIFY(noMatch);
        QTest::mouseClick(noMatch->button(), Qt::LeftButton);
        QTRY_COMPARE(shown(), 18);
    }

    void filtersByClassAndEscapeClears() {
        openAnimals();
        auto* classes = m_fixture->find<MultiChoice>("classFilter");
        QTRY_COMPARE(classes->list()->count(), 3);
        QCOMPARE(classes->list()->item(0)->text(), QStringLiteral("cat  (6)"));
        classes->setFocus();
        QTest::keyClick(classes, Qt::Key_Space);
        auto* find = classes->findChild<QLineEdit*>();
        QTRY_VERIFY(find->isVisible());
        QTest::keyClicks(find, QStringLiteral("dog"));
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(shown(), 6);
        QTest::keyClicks(find, QStringLiteral("owl"));
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(shown(), 12); // several at once
        QCOMPARE(classes->text(), QStringLiteral("2 classes"));
        QTest::keyClicks(find, QStringLiteral("dog"));
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(shown(), 6);
        QTest::keyClick(find, Qt::Key_Escape);
        QVERIFY(!find->isVisible());
        QCOMPARE(classes->text(), QStringLiteral("owl")); // closed, not cleared
        QTRY_VERIFY(grid().model()->index(0, 0).data().toString().contains(QStringLiteral("owl")));
        grid().setFocus();
        QTest::keyClick(&grid(), Qt::Key_Escape);
        QTRY_COMPARE(shown(), 18);
        QVERIFY(classes->chosen().isEmpty());
    }

    void sorts() {
        openAnimals();
        QComboBox* order = box("Order");
        order->setFocus();
        QTest::keyClick(order, Qt::Key_Down);
        QTest::keyClick(order, Qt::Key_Down); // Z to A
        QTRY_VERIFY(grid().model()->index(0, 0).data().toString().endsWith(QStringLiteral("owl_005.png")));
    }

    void picksAndOpensWithKeys() {
        openAnimals();
        grid().setFocus();
        QTest::keyClick(&grid(), Qt::Key_Home);
        QTest::keyClick(&grid(), Qt::Key_Right);
        const SampleId second{grid().model()->index(1, 0).data(ThumbnailGrid::kSampleRole).toLongLong()};
        QCOMPARE(state().currentSample(), second);
        QSignalSpy requested(&state(), &AppState::sampleRequested);
        QTest::keyClick(&grid(), Qt::Key_Return);
        QCOMPARE(requested.count(), 1);
        QCOMPARE(state().lastSampleRequest().sample, second);
        QCOMPARE(state().lastSampleRequest().siblings->size(), size_t{18});
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
    }

    void tagsWhatIsSelected() {
        openAnimals();
        grid().setFocus();
        QTest::keyClick(&grid(), Qt::Key_Home);
        QTest::keyClick(&grid(), Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY(count().contains(QStringLiteral("2 selected")));
        std::vector<SampleId> ids;
        for (const QModelIndex& index : grid().selectionModel()->selectedIndexes())
            ids.push_back({index.data(ThumbnailGrid::kSampleRole).toLongLong()});
        state().session()->workspace().addTag(ids, "odd");
        state().notifyTagsChanged();
        auto* tags = m_fixture->find<MultiChoice>("tagFilter");
        QTRY_VERIFY(tags->isVisible());
        QCOMPARE(grid().selectionModel()->selectedIndexes().size(), 2); // kept over the reload
        tags->list()->item(0)->setCheckState(Qt::Checked);
        QTRY_COMPARE(shown(), 2);
    }

    void ownColumnsFilterAndSort() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 1);
        test::writeText(m_fixture->path(QStringLiteral("table.csv")),
                        "image,label,weight,camera\nanimals/cat/cat_000.png,cat,10,north\n"
                        "animals/dog/dog_000.png,dog,9,south\nanimals/owl/owl_000.png,owl,100,north\n");
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->importDataset(m_fixture->path(QStringLiteral("table.csv")).toStdString(), "a table", {},
                                   {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->find<QToolButton>("facetsButton")->setChecked(false);
        window().showPage(QStringLiteral("datasets"));
        QTRY_COMPARE(shown(), 3);
        QTRY_COMPARE(m_fixture->find<QLabel>("datasetTitle")->text(), QStringLiteral("a table"));
        auto* columns = m_fixture->find<MultiChoice>("columnFilter");
        QTRY_VERIFY(columns->isVisible());
        const auto rowOf = [&](const QString& text) {
            for (int row = 0; row < columns->list()->count(); ++row)
                if (columns->list()->item(row)->text() == text)
                    return columns->list()->item(row);
            return static_cast<QListWidgetItem*>(nullptr);
        };
        QListWidgetItem* north = rowOf(QStringLiteral("camera: north  (2)"));
        QVERIFY(north);
        north->setCheckState(Qt::Checked);
        QTRY_COMPARE(shown(), 2);
        QComboBox* order = box("Order");
        order->setCurrentIndex(order->findText(QStringLiteral("weight, most first")));
        QTRY_VERIFY(grid().model()->index(0, 0).data().toString().contains(QStringLiteral("owl")));
        QTRY_VERIFY(grid().describe(grid().model()->index(0, 0)).contains(QStringLiteral("weight: 100")));
        QTest::keyClick(&grid(), Qt::Key_Escape);
        QTRY_COMPARE(shown(), 3);
        QTRY_VERIFY(grid().model()->index(2, 0).data().toString().contains(QStringLiteral("dog"))); // 9 < 10
    }

    void oneFilterTakesNoLineOfItsOwn() {
        theme::apply(*qApp, theme::Mode::Light);
        FilterBar bar;
        FilterBar::Choices choices;
        choices.columns = {{"camera", false, 2, {{"north", 2}, {"south", 1}}}};
        bar.setChoices(choices);
        const auto* columns = bar.findChild<MultiChoice*>();
        const auto* search = bar.findChild<QLineEdit*>();
        for (const auto* choice : bar.findChildren<MultiChoice*>())
            if (choice->objectName() == QStringLiteral("columnFilter"))
                columns = choice;
        bar.resize(620, bar.sizeHint().height()); // beside the list of datasets at 1024 pixels
        bar.show();
        QVERIFY(QTest::qWaitForWindowExposed(&bar));
        QTRY_VERIFY(std::abs(columns->geometry().center().y() - search->geometry().center().y()) < 4);
        bar.resize(420, 80); // below it, and no wider than it needs to be
        QTRY_VERIFY(columns->y() > search->geometry().bottom());
        QVERIFY(columns->width() < 300);
    }

    void aMissingFolderIsShownAtOnce() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        QVERIFY(QDir().rename(m_fixture->path(QStringLiteral("animals")),
                              m_fixture->path(QStringLiteral("moved"))));
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("datasets"));
        auto* bar = m_fixture->find<QWidget>("missingBar");
        QTRY_VERIFY(bar->isVisible());
        QVERIFY(m_fixture->find<QPushButton>("locateDataset")->isEnabled());
        auto* list = m_fixture->find<QListView>("datasetList");
        QVERIFY(list->model()
                    ->index(0, 0)
                    .data(DatasetListModel::SummaryRole)
                    .toString()
                    .contains(QStringLiteral("not found")));
        state().session()->workspace().relocateDataset(
            state().currentDataset(), m_fixture->path(QStringLiteral("moved")).toStdString());
        state().notifyDatasetsChanged();
        QTRY_VERIFY(!bar->isVisible());
    }

    void showsASetOfSamples() {
        openAnimals();
        const DatasetId dataset = state().currentDataset();
        const auto all = state().session()->workspace().sampleIds(dataset);
        auto some =
            std::make_shared<const std::vector<SampleId>>(std::vector<SampleId>{all[5], all[1], all[9]});
        state().showDatasetFiltered({dataset, {}, some, QStringLiteral("Truth cat, predicted dog"), {}});
        QTRY_COMPARE(shown(), 3);
        QCOMPARE(grid().model()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong(), all[5].value);
        QVERIFY(filter().isVisible()); // narrows the list further
        search()->setText(QStringLiteral("cat"));
        QTRY_COMPARE(shown(), 2);
        QCOMPARE(grid().model()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong(), all[5].value);
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(shown(), 3);
        QCOMPARE(search()->text(), QString());
        QTest::keyClick(&grid(), Qt::Key_Escape);
        QTRY_COMPARE(shown(), 18);
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(shown(), 3);
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(shown(), 18);
        SampleFilter onlyDogs;
        onlyDogs.labels = {1};
        state().showDatasetFiltered({dataset, onlyDogs, nullptr, {}, {}});
        QTRY_COMPARE(shown(), 6);
        QCOMPARE(m_fixture->find<MultiChoice>("classFilter")->text(), QStringLiteral("dog"));
    }

    void importsADroppedFolder() {
        openAnimals(2);
        test::writeImageFolder(m_fixture->path(QStringLiteral("birds")),
                               {QStringLiteral("robin"), QStringLiteral("wren")}, 4);
        test::writeText(m_fixture->path(QStringLiteral("birds/wren/notes.txt")), "no picture");
        drop(m_fixture->path(QStringLiteral("birds")));
        QTRY_VERIFY(dialog());
        auto* summary = dialog()->findChild<QLabel*>(QStringLiteral("importSummary"));
        QTRY_COMPARE(summary->text(), QStringLiteral("8 images, 2 classes"));
        QCOMPARE(dialog()->findChild<QLineEdit*>(QStringLiteral("importName"))->text(),
                 QStringLiteral("birds"));
        QVERIFY(dialog()->findChild<QTableView*>()->model()->rowCount() == 8);
        QVERIFY(acceptButton()->isEnabled());
        QTest::mouseClick(acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(m_fixture->find<QLabel>("datasetTitle")->text(), QStringLiteral("birds"));
        QTRY_COMPARE(shown(), 8);
        QCOMPARE(m_fixture->find<QListView>("datasetList")->model()->rowCount(), 2);
    }

    void readsAChangedSourceAgain() {
        openAnimals(2);
        const DatasetId id = state().currentDataset();
        Workspace& workspace = state().session()->workspace();
        const SampleId kept = workspace.sampleIds(id).front();
        workspace.addTag(std::span(&kept, 1), "mine");
        test::writePicture(m_fixture->path(QStringLiteral("animals/dog/dog_777.png")));
        QFile::remove(m_fixture->path(QStringLiteral("animals/owl/owl_000.png")));
        QFile::remove(m_fixture->path(QStringLiteral("animals/owl/owl_001.png")));
        auto* again = m_fixture->find<QAction>("readAgain");
        QVERIFY(again && again->isEnabled());
        again->trigger();
        QTRY_VERIFY(dialog());
        QTRY_COMPARE(dialog()->findChild<QLabel*>(QStringLiteral("importSummary"))->text(),
                     QStringLiteral("5 images, 2 classes"));
        QVERIFY(dialog()->findChild<QLineEdit*>(QStringLiteral("importName"))->isReadOnly());
        QTest::mouseClick(acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(shown(), 5);
        QCOMPARE(state().currentDataset(), id);
        QCOMPARE(workspace.datasets().size(), size_t{1});
        QVERIFY(workspace.sample(kept).tags == std::vector<std::string>{"mine"});
    }

    void aLongPathGivesWayInTheMiddle() {
        openAnimals(1);
        auto* source = m_fixture->find<ElidedLabel>("datasetSource");
        QCOMPARE(source->text(), m_fixture->path(QStringLiteral("animals")));
        QCOMPARE(source->shownText(), source->text());
        source->setFullText(QStringLiteral("/start") + QString(400, QLatin1Char('x')) +
                            QStringLiteral("/end"));
        QVERIFY(source->shownText().startsWith(QStringLiteral("/start")));
        QVERIFY(source->shownText().contains(QChar(0x2026)));
        QVERIFY(source->shownText().endsWith(QStringLiteral("/end")));
        QCOMPARE(source->toolTip(), source->text());
    }

    void namesAreKeptApart() {
        openAnimals(2);
        state().requestImportDataset(m_fixture->path(QStringLiteral("animals")));
        QTRY_VERIFY(dialog());
        auto* name = dialog()->findChild<QLineEdit*>(QStringLiteral("importName"));
        QTRY_VERIFY(acceptButton()->isEnabled());
        QCOMPARE(name->text(), QStringLiteral("animals (2)"));
        name->setText(QStringLiteral("animals"));
        QVERIFY(!acceptButton()->isEnabled());
        name->setText(QString());
        QVERIFY(!acceptButton()->isEnabled());
    }

    void choosesColumnsOfATable() {
        openAnimals(2);
        test::writeText(m_fixture->path(QStringLiteral("list.csv")),
                        "file,kind,words\nanimals/cat/cat_000.png,cat,a small cat\n"
                        "animals/owl/owl_001.png,owl,an owl at night\nanimals/none.png,owl,missing\n");
        state().requestImportDataset(m_fixture->path(QStringLiteral("list.csv")));
        QTRY_VERIFY(dialog());
        QComboBox* label = nullptr;
        auto columnBox = [this](const QString& title) -> QComboBox* {
            for (QLabel* candidate : dialog()->findChildren<QLabel*>())
                if (candidate->text() == title)
                    return qobject_cast<QComboBox*>(candidate->buddy());
            return nullptr;
        };
        QTRY_VERIFY((label = columnBox(QStringLiteral("Class"))) && label->isVisible());
        QTRY_COMPARE(label->count(), 5); // automatic, none, the columns
        label->setCurrentIndex(label->findText(QStringLiteral("kind")));
        Q_EMIT label->activated(label->currentIndex());
        QComboBox* caption = columnBox(QStringLiteral("Caption"));
        caption->setCurrentIndex(caption->findText(QStringLiteral("words")));
        Q_EMIT caption->activated(caption->currentIndex());
        auto* table = dialog()->findChild<QTableView*>();
        QTRY_COMPARE(table->model()->index(0, 2).data().toString(), QStringLiteral("a small cat"));
        QTRY_COMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("cat"));
        QTRY_VERIFY(acceptButton()->isEnabled());
        QTest::mouseClick(acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(m_fixture->find<QLabel>("datasetTitle")->text(), QStringLiteral("list"));
        const auto info = state().session()->workspace().findDataset("list");
        QVERIFY(info);
        QCOMPARE(info->classCount, 2);
        QVERIFY(info->captionCount >= 2);
    }

    void saysWhyASourceCannotBeImported_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("absent") << "absent" << QByteArray();
        QTest::newRow("empty table") << "empty.csv" << QByteArray("");
        QTest::newRow("not json") << "broken.jsonl" << QByteArray("{\"image\": \n\x00\xff");
    }
    void saysWhyASourceCannotBeImported() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        openAnimals(1);
        if (name != QStringLiteral("absent"))
            test::writeText(m_fixture->path(name), content);
        state().requestImportDataset(m_fixture->path(name));
        QTRY_VERIFY(dialog());
        auto* banner = dialog()->findChild<ErrorBanner*>();
        QTRY_VERIFY(!banner->text().isEmpty() || !acceptButton()->isEnabled());
        QTRY_VERIFY(!banner->text().isEmpty());
        QVERIFY(!acceptButton()->isEnabled());
        QTest::keyClick(dialog(), Qt::Key_Escape);
    }

    void unreadablePicturesAreShownAsSuch() {
        openAnimals(2);
        test::writeText(m_fixture->path(QStringLiteral("animals/cat/cat_000.png")), "broken");
        m_fixture->services->thumbnails.clear();
        grid().viewport()->repaint();
        const SampleId first{grid().model()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong()};
        QTRY_COMPARE(m_fixture->services->thumbnails.thumbnail(first, 144).status,
                     ThumbnailProvider::Status::Failed);
        grid().viewport()->repaint();
    }

    void readOnlyOffersNoChanges() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->open();
        window().workspaces().open(m_fixture->path(QStringLiteral("w")), WorkspaceController::Mode::ReadOnly);
        QTRY_COMPARE(shown(), 6);
        state().requestImportDataset(m_fixture->path(QStringLiteral("animals")));
        QVERIFY(!dialog());
        grid().selectAll();
        for (QToolButton* button : window().page(QStringLiteral("datasets"))->findChildren<QToolButton*>())
            if (button->text().trimmed() == QStringLiteral("Add tag"))
                QVERIFY(!button->isEnabled());
    }

    void removedDatasetLeavesNothing() {
        openAnimals(2);
        state().session()->workspace().removeDataset(state().currentDataset());
        state().notifyDatasetsChanged();
        QTRY_COMPARE(shown(), 0);
        QTRY_VERIFY(!state().currentDataset());
        QTRY_VERIFY(window().page(QStringLiteral("datasets"))->findChild<EmptyState*>()->isVisible());
    }

    void switchingWorkspacesForgetsTheOld() {
        openAnimals(2);
        window().workspaces().create(m_fixture->path(QStringLiteral("other")));
        QTRY_COMPARE(state().workspacePath(), m_fixture->path(QStringLiteral("other")));
        QTRY_COMPARE(shown(), 0);
        QCOMPARE(m_fixture->find<QListView>("datasetList")->model()->rowCount(), 0);
    }

    void problemsCanBeCopied() {
        ProblemsDialog dialog(QStringLiteral("birds"), {{"list.csv:3", "no such file"}, {"x.png", "empty"}});
        for (QPushButton* button : dialog.findChildren<QPushButton*>())
            if (button->text().contains(QStringLiteral("Copy")))
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("list.csv:3\tno such file\nx.png\tempty"));
    }
};

QTEST_MAIN(DatasetsPageTest)
#include "tst_datasets_page.moc"
