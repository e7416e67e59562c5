// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/widgets/error_banner.h"

#include <QDragEnterEvent>
#include <QFile>
#include <QLabel>
#include <QListView>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QUrl>

#include <sys/mount.h>

#include <fstream>

using namespace diptych;
using namespace diptych::ui;
namespace fs = std::filesystem;

/// What comes from outside: folders that are dropped, workspaces of a newer version, disks that are full.
class TroubleTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    QString m_mounted;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    QString bannerText() { return m_fixture->find<ErrorBanner>("errorBanner")->text(); }
    QMessageBox* offer() { return m_fixture->find<QMessageBox>("offerModel"); }
    QTableView* modelsTable() { return m_fixture->find<QTableView>("modelsTable"); }

    void drop(const QString& path) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(QPoint(600, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &event);
        QVERIFY(event.isAccepted());
    }
    void openAnimals() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
    }
    void writeBallast(const QString& file, uint64_t leave) {
        const uint64_t space = fs::space(m_mounted.toStdString()).available;
        std::ofstream out(file.toStdString(), std::ios::binary);
        const std::string block(4096, 'b');
        for (uint64_t done = 0; done + leave + block.size() <= space; done += block.size())
            out.write(block.data(), static_cast<std::streamsize>(block.size()));
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() {
        m_fixture->close();
        if (!m_mounted.isEmpty())
            QCOMPARE(::umount2(m_mounted.toUtf8().constData(), MNT_DETACH), 0);
        m_mounted.clear();
        m_fixture.reset();
    }

    void offersADroppedCheckpoint() {
        openAnimals();
        const QString folder = QStringLiteral(DIPTYCH_FIXTURES "/clip/openai");
        drop(folder);
        QTRY_VERIFY(offer());
        QCOMPARE(window().currentPage(), QStringLiteral("models"));
        QVERIFY(offer()->text().contains(QStringLiteral("openai")));
        QTest::keyClick(offer(), Qt::Key_Escape);
        QTRY_VERIFY(!offer());
        QCOMPARE(modelsTable()->model()->rowCount(), 0);
        drop(folder);
        QTRY_VERIFY(offer());
        QTest::mouseClick(offer()->defaultButton(), Qt::LeftButton);
        QTRY_COMPARE(modelsTable()->model()->rowCount(), 1);
        QVERIFY(state().session()->workspace().findModel("openai"));
        QVERIFY(bannerText().isEmpty());
    }

    void offersDroppedImages() {
        openAnimals();
        drop(m_fixture->path(QStringLiteral("animals")));
        QTRY_VERIFY(window().findChild<ImportDialog*>());
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QVERIFY(!offer());
    }

    void saysWhyNothingCanBeAdded() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->open();
        window().workspaces().open(m_fixture->path(QStringLiteral("w")), WorkspaceController::Mode::ReadOnly);
        QTRY_VERIFY(state().session() != nullptr);
        drop(m_fixture->path(QStringLiteral("animals")));
        QVERIFY(bannerText().contains(QStringLiteral("reading only")));
        QVERIFY(!window().findChild<ImportDialog*>());
    }

    void aNewerWorkspaceIsRefusedAndLeftAlone() {
        openAnimals();
        m_fixture->makeWorkspace(QStringLiteral("newer"), 0);
        const QString database = m_fixture->path(QStringLiteral("newer/workspace.sqlite"));
        QFile file(database);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(60)); // SQLite's user_version, big-endian
        QCOMPARE(file.write(QByteArray::fromHex("00002710")), qint64{4});
        QVERIFY(file.seek(0));
        const QByteArray before = file.readAll();
        file.close();
        window().workspaces().open(m_fixture->path(QStringLiteral("newer")));
        QTRY_VERIFY(bannerText().contains(QStringLiteral("newer could not be opened")));
        QVERIFY(bannerText().contains(QStringLiteral("newer version of Diptych")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), before);
        // The window goes on with what it had.
        QCOMPARE(state().workspacePath(), m_fixture->path(QStringLiteral("w")));
        window().showPage(QStringLiteral("datasets"));
        QTRY_COMPARE(m_fixture->find<QListView>("datasetList")->model()->rowCount(), 1);
    }

    void aFullDiskIsSaidAndEverythingStays() {
        const QString disk = m_fixture->path(QStringLiteral("disk"));
        QDir().mkpath(disk);
        if (::mount("tmpfs", disk.toUtf8().constData(), "tmpfs", 0, "size=4m") != 0)
            QSKIP("mounting a small tmpfs needs root");
        m_mounted = disk;
        m_fixture->makeWorkspace(QStringLiteral("disk/w"), 2);
        m_fixture->openWith(QStringLiteral("disk/w"));
        const QString many = m_fixture->path(QStringLiteral("many.csv"));
        QByteArray table = "image,caption\n";
        const QByteArray picture = m_fixture->path(QStringLiteral("animals/cat/cat_000.png")).toUtf8();
        for (int i = 0; i < 20; ++i)
            table += picture + "," + QByteArray(100'000, static_cast<char>('a' + i)) + "\n";
        test::writeText(many, table);
        const QString ballast = disk + QStringLiteral("/ballast");
        writeBallast(ballast, 256 << 10);
        const auto import = [&] {
            drop(many);
            QTRY_VERIFY(window().findChild<ImportDialog*>());
            auto* accept = window().findChild<QPushButton*>(QStringLiteral("acceptImport"));
            QTRY_VERIFY(accept->isEnabled());
            QTest::mouseClick(accept, Qt::LeftButton);
            QTRY_VERIFY(!window().findChild<ImportDialog*>());
        };
        import();
        auto* banner = window().page(QStringLiteral("datasets"))->findChild<ErrorBanner*>();
        QTRY_VERIFY(banner->text().contains(QStringLiteral("Free some space")));
        QVERIFY(banner->text().contains(QStringLiteral("many")));
        auto* list = m_fixture->find<QListView>("datasetList");
        QCOMPARE(list->model()->rowCount(), 1);
        // With room again the same import goes through.
        QVERIFY(QFile::remove(ballast));
        import();
        QTRY_COMPARE(list->model()->rowCount(), 2);
        QCOMPARE(state().session()->workspace().datasets().size(), size_t{2});
    }

    void previousAndNextStepThroughExamples() {
        openAnimals();
        const auto ids = std::make_shared<const std::vector<SampleId>>(
            state().session()->workspace().sampleIds(state().session()->workspace().datasets()[0].id));
        state().showSample(ids->front(), {}, ids);
        auto* previous = m_fixture->find<QToolButton>("previousExample");
        auto* next = m_fixture->find<QToolButton>("nextExample");
        QTRY_VERIFY(!previous->isEnabled());
        QVERIFY(next->isEnabled());
        QVERIFY(!next->icon().isNull() && !previous->icon().isNull());
        QCOMPARE(next->arrowType(), Qt::NoArrow);
        QTest::mouseClick(next, Qt::LeftButton);
        QTRY_COMPARE(state().currentSample(), (*ids)[1]);
        QTRY_VERIFY(previous->isEnabled());
    }
};

QTEST_MAIN(TroubleTest)
#include "tst_trouble.moc"
