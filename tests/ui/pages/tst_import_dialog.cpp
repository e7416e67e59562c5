// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/image_folders.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/shell/new_folder_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// What an import would make of a source, and how a person says it otherwise.
class ImportDialogTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<ImportDialog> m_dialog;

    template<class T>
    T* find(const char* name) const {
        return m_dialog->findChild<T*>(QString::fromLatin1(name));
    }
    QString path(const QString& name) const { return m_folder->filePath(name); }
    QPushButton* acceptButton() const { return find<QPushButton>("acceptImport"); }
    QLabel* summary() const { return find<QLabel>("importSummary"); }
    QLabel* found() const { return find<QLabel>("importFound"); }
    TableView* table() const { return m_dialog->findChild<TableView*>(); }
    QString header(int column) const {
        return table()->model()->headerData(column, Qt::Horizontal).toString();
    }

    void write(const QString& name, const QByteArray& content) {
        QDir().mkpath(QFileInfo(path(name)).path());
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    void pictures(const QStringList& names) {
        for (const QString& name : names)
            write(name, "x");
    }
    void show(const QString& source) {
        m_dialog = std::make_unique<ImportDialog>(*m_jobs, QStringList());
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
        m_dialog->setSource(path(source));
    }
    void showUpdated(const DatasetInfo& dataset) {
        m_dialog = std::make_unique<ImportDialog>(*m_jobs, QStringList());
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
        m_dialog->setUpdated(dataset);
    }
    /// Chooses as a person does with the keyboard.
    void choose(QComboBox* box, const QString& text) {
        const int index = box->findText(text);
        QVERIFY2(index >= 0, qPrintable(text));
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < index; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentText(), text);
    }

private Q_SLOTS:
    void initTestCase() { theme::apply(*qApp, theme::Mode::Light); }
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_jobs = std::make_unique<JobRunner>();
    }
    void cleanup() {
        m_dialog.reset();
        m_jobs->shutdown();
        m_jobs.reset();
    }

    void splitsAndClassesAreShownAndChanged() {
        pictures({QStringLiteral("set/Training/a/1.png"), QStringLiteral("set/Training/b/1.png"),
                  QStringLiteral("set/Testing/a/1.png")});
        show(QStringLiteral("set"));
        QTRY_COMPARE(found()->text(), QStringLiteral("Splits: Testing, Training\nClasses: a, b"));
        auto* folders = find<QComboBox>("importFolders");
        QVERIFY(folders->isVisible());
        QVERIFY(!find<QLineEdit>("importImageRoot")->isVisible());
        choose(folders, QStringLiteral("Classes"));
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: Testing, Training"));
        choose(folders, QStringLiteral("Classes, one level down"));
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: a, b"));
        QSignalSpy spy(m_dialog.get(), &ImportDialog::importRequested);
        QTest::mouseClick(acceptButton(), Qt::LeftButton);
        QCOMPARE(spy.count(), 1);
        QCOMPARE(spy[0][0].value<ImportRequest>().options.folders, std::string("-/class"));
    }

    void aTableWithoutKnownColumnsCanBeExplained() {
        pictures({QStringLiteral("1.png"), QStringLiteral("2.png")});
        write(QStringLiteral("t.csv"), "wo,was,wie\n1.png,Katze,schlafend\n2.png,Hund,wach\n");
        show(QStringLiteral("t.csv"));
        // It cannot be imported yet; columns and rows are there all the same.
        auto* image = find<QComboBox>("column-image");
        QTRY_VERIFY(image->isVisible());
        QVERIFY(m_dialog->findChild<ErrorBanner*>()->isVisible());
        QVERIFY(!acceptButton()->isEnabled());
        QCOMPARE(table()->model()->rowCount(), 2);
        QCOMPARE(header(0), QStringLiteral("wo"));
        choose(image, QStringLiteral("wo"));
        QTRY_VERIFY(acceptButton()->isEnabled());
        QVERIFY(!m_dialog->findChild<ErrorBanner*>()->isVisible());
        QCOMPARE(header(0), QStringLiteral("Image file: wo"));
        // A click on a header gives its column a role.
        QHeaderView* bar = table()->horizontalHeader();
        QTest::mouseClick(bar->viewport(), Qt::LeftButton, {},
                          QPoint(bar->sectionViewportPosition(1) + 8, bar->height() / 2));
        QMenu* menu = nullptr;
        QTRY_VERIFY((menu = m_dialog->findChild<QMenu*>(QStringLiteral("columnMenu"))) && menu->isVisible());
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions()[1]).center());
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: Hund, Katze"));
        QCOMPARE(header(1), QStringLiteral("Class: was"));
        QCOMPARE(find<QComboBox>("column-label")->currentText(), QStringLiteral("was"));
    }

    void imagesElsewhereCanBePointedAt() {
        pictures({QStringLiteral("far/away/1.png")});
        write(QStringLiteral("tables/t.csv"), "image,label\n1.png,cat\n");
        show(QStringLiteral("tables/t.csv"));
        auto* root = find<QLineEdit>("importImageRoot");
        QTRY_VERIFY(root->isVisible());
        QVERIFY(!acceptButton()->isEnabled());
        root->setFocus();
        QTest::keyClicks(root, path(QStringLiteral("far/away")));
        QTRY_VERIFY(acceptButton()->isEnabled());
        QCOMPARE(summary()->text(), QStringLiteral("1 image, 1 class"));
    }

    void anotherFilesColumnsAreForgotten() {
        pictures({QStringLiteral("1.png"), QStringLiteral("set/a/1.png"), QStringLiteral("set/b/1.png")});
        write(QStringLiteral("one.csv"), "image,label,kind\n1.png,cat,fur\n");
        write(QStringLiteral("two.csv"), "image,label\n1.png,cat\n");
        show(QStringLiteral("one.csv"));
        auto* label = find<QComboBox>("column-label");
        QTRY_VERIFY(label->isVisible());
        choose(label, QStringLiteral("kind"));
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: fur"));
        auto* source = find<QLineEdit>("importSource");
        source->setFocus();
        source->selectAll();
        QTest::keyClicks(source, path(QStringLiteral("two.csv")));
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: cat"));
        QCOMPARE(label->findText(QStringLiteral("kind")), -1);
        QCOMPARE(label->currentText(), QStringLiteral("Automatic: label"));
        m_dialog->setSource(path(QStringLiteral("set")));
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: a, b"));
        QVERIFY(!label->isVisible());
    }

    void aSourceReadAgainKeepsWhatWasSaidOfIt() {
        pictures({QStringLiteral("1.png"), QStringLiteral("2.png")});
        write(QStringLiteral("t.csv"), "image,label,kind\n1.png,cat,fur\n2.png,dog,coat\n");
        DatasetInfo dataset;
        dataset.name = "mine";
        dataset.format = "csv";
        dataset.source = path(QStringLiteral("t.csv")).toStdString();
        dataset.root = m_folder->path().toStdString();
        dataset.options.columns = {{"label", "kind"}, {"caption", ""}};
        showUpdated(dataset);
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: coat, fur"));
        QCOMPARE(find<QComboBox>("column-label")->currentText(), QStringLiteral("kind"));
        QCOMPARE(find<QComboBox>("column-caption")->currentText(), QStringLiteral("None"));
        QSignalSpy spy(m_dialog.get(), &ImportDialog::importRequested);
        QTest::mouseClick(acceptButton(), Qt::LeftButton);
        QCOMPARE(spy.count(), 1);
        QVERIFY(spy[0][0].value<ImportRequest>().options.columns == dataset.options.columns);

        pictures({QStringLiteral("set/x/y/z/a/1.png"), QStringLiteral("set/x/y/z/b/1.png")});
        dataset.format = "imagefolder";
        dataset.source = dataset.root = path(QStringLiteral("set")).toStdString();
        dataset.options = {};
        dataset.options.folders = "-/-/-/class"; // as the command line can say and the list does not offer
        showUpdated(dataset);
        QTRY_COMPARE(found()->text(), QStringLiteral("Classes: a, b"));
        QCOMPARE(find<QComboBox>("importFolders")->currentText(), QStringLiteral("-/-/-/class"));
    }

    void notesAreNoProblems() {
        pictures({QStringLiteral("1.png"), QStringLiteral("2.png")});
        write(QStringLiteral("t.csv"), "image,label\n1.png,caf\xe9\n2.png,the\n");
        show(QStringLiteral("t.csv"));
        auto* button = find<QPushButton>("importProblems");
        QTRY_VERIFY(button->isVisible());
        QCOMPARE(button->text().trimmed(), QStringLiteral("1 note"));
        write(QStringLiteral("t.csv"), "image,label\n1.png,caf\xe9\n3.png,the\n");
        m_dialog->setSource(path(QStringLiteral("t.csv")));
        QTRY_COMPARE(button->text().trimmed(), QStringLiteral("1 problem, 1 note"));
    }

    void aNewFolderNeedNotExist() {
        NewFolderDialog dialog(QStringLiteral("New"));
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.setDirectory(m_folder->path());
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        QSignalSpy spy(&dialog, &NewFolderDialog::folderChosen);
        auto* name = dialog.findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, QStringLiteral("my work"));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_COMPARE(spy.count(), 1);
        QCOMPARE(spy[0][0].toString(), path(QStringLiteral("my work")));
        QVERIFY(!dialog.isVisible());
    }
};

QTEST_MAIN(ImportDialogTest)
#include "tst_import_dialog.moc"
