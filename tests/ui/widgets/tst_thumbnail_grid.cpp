// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "tests/support/many_rows.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAbstractListModel>
#include <QApplication>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <ctime>

using namespace diptych;
using namespace diptych::ui;
using diptych::test::ManyRows;

namespace {

/// Time this thread has computed; what other programs do on the machine does not count.
double threadMilliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

class ThumbnailGridTest : public QObject {
    Q_OBJECT
private:
    static constexpr int kRows = 100000;
    QTemporaryDir m_folder;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<AppState> m_state;
    std::unique_ptr<ThumbnailProvider> m_thumbnails;
    std::unique_ptr<ManyRows> m_model;
    std::unique_ptr<ThumbnailGrid> m_grid;

private Q_SLOTS:
    void initTestCase() {
        theme::apply(*qApp, theme::Mode::Light);
        const QString images = m_folder.filePath(QStringLiteral("images"));
        QDir().mkpath(images);
        for (int i = 0; i < 240; ++i)
            test::writePicture(QStringLiteral("%1/%2.png").arg(images).arg(i), {200, 150});
        m_jobs = std::make_unique<JobRunner>();
        m_state = std::make_unique<AppState>();
        const auto session =
            Session::openOrCreate(m_folder.filePath(QStringLiteral("workspace")).toStdString());
        const DatasetId dataset = session->importDataset(images.toStdString(), "images", {}, {});
        m_state->setSession(session);
        m_thumbnails = std::make_unique<ThumbnailProvider>(*m_state, *m_jobs);
        m_model = std::make_unique<ManyRows>(kRows, session->workspace().sampleIds(dataset));
    }
    void cleanupTestCase() {
        m_grid.reset();
        m_jobs->shutdown();
    }

    void init() {
        m_grid = std::make_unique<ThumbnailGrid>(*m_thumbnails);
        m_grid->setModel(m_model.get());
        m_grid->resize(1000, 700);
        m_grid->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_grid.get()));
        m_grid->setFocus();
    }

    void asksOnlyForWhatIsInSight() {
        m_model->asked = 0;
        m_model->highestAsked = 0;
        m_grid->viewport()->repaint();
        const int visible = m_grid->visibleRows().second;
        QVERIFY(visible > 5 && visible < 100);
        QVERIFY(m_model->highestAsked < visible);
        QVERIFY2(m_model->asked <= 6 * visible, qPrintable(QString::number(m_model->asked)));
        m_grid->verticalScrollBar()->setValue(m_grid->verticalScrollBar()->maximum() / 2);
        m_model->asked = 0;
        m_grid->viewport()->repaint();
        QVERIFY(m_model->asked <= 6 * (m_grid->visibleRows().second - m_grid->visibleRows().first));
    }

    void cellsDoNotOverlapAndAreFound() {
        const auto [first, last] = m_grid->visibleRows();
        for (int row = first; row < last; ++row) {
            const QRect cell = m_grid->visualRect(m_model->index(row));
            QCOMPARE(m_grid->indexAt(cell.center()).row(), row);
            if (row > first)
                QVERIFY(!cell.intersects(m_grid->visualRect(m_model->index(row - 1))));
            QVERIFY(cell.left() >= 0 && cell.right() < m_grid->viewport()->width());
        }
        QVERIFY(!m_grid->indexAt(QPoint(1, 1)).isValid());
    }

    void keysMove() {
        const int columns = m_grid->columnsPerRow();
        QVERIFY(columns > 2);
        m_grid->setCurrentIndex(m_model->index(0));
        QTest::keyClick(m_grid.get(), Qt::Key_Right);
        QCOMPARE(m_grid->currentIndex().row(), 1);
        QTest::keyClick(m_grid.get(), Qt::Key_Down);
        QCOMPARE(m_grid->currentIndex().row(), 1 + columns);
        QTest::keyClick(m_grid.get(), Qt::Key_Left);
        QTest::keyClick(m_grid.get(), Qt::Key_Up);
        QCOMPARE(m_grid->currentIndex().row(), 0);
        QTest::keyClick(m_grid.get(), Qt::Key_Up);
        QCOMPARE(m_grid->currentIndex().row(), 0);
        QTest::keyClick(m_grid.get(), Qt::Key_End);
        QCOMPARE(m_grid->currentIndex().row(), kRows - 1);
        QVERIFY(m_grid->viewport()->rect().contains(m_grid->visualRect(m_grid->currentIndex())));
        QTest::keyClick(m_grid.get(), Qt::Key_PageUp);
        QVERIFY(m_grid->currentIndex().row() < kRows - 1);
        QCOMPARE(m_grid->currentIndex().row() % columns, (kRows - 1) % columns);
        QTest::keyClick(m_grid.get(), Qt::Key_Home);
        QCOMPARE(m_grid->currentIndex().row(), 0);
        QCOMPARE(m_grid->verticalScrollBar()->value(), 0);
    }

    void shiftSelectsInReadingOrder() {
        const int columns = m_grid->columnsPerRow();
        m_grid->setCurrentIndex(m_model->index(1));
        QTest::keyClick(m_grid.get(), Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(m_grid->selectionModel()->selectedIndexes().size(), columns + 1);
        QTest::mouseClick(m_grid->viewport(), Qt::LeftButton, {},
                          m_grid->visualRect(m_model->index(0)).center());
        QTest::mouseClick(m_grid->viewport(), Qt::LeftButton, Qt::ShiftModifier,
                          m_grid->visualRect(m_model->index(columns)).center());
        QCOMPARE(m_grid->selectionModel()->selectedIndexes().size(), columns + 1);
        QTest::mouseClick(m_grid->viewport(), Qt::LeftButton, Qt::ControlModifier,
                          m_grid->visualRect(m_model->index(1)).center());
        QCOMPARE(m_grid->selectionModel()->selectedIndexes().size(), columns);
    }

    void draggingSelectsABlock() {
        const int columns = m_grid->columnsPerRow();
        const QPoint from = m_grid->visualRect(m_model->index(0)).topLeft() - QPoint(3, 3);
        const QPoint to = m_grid->visualRect(m_model->index(columns + 1)).center();
        QTest::mousePress(m_grid->viewport(), Qt::LeftButton, {}, from);
        QTest::mouseMove(m_grid->viewport(), from + QPoint(40, 40));
        QMouseEvent move(QEvent::MouseMove, to, m_grid->viewport()->mapToGlobal(to), Qt::NoButton,
                         Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_grid->viewport(), &move);
        QApplication::sendEvent(m_grid->viewport(), &move);
        QTest::mouseRelease(m_grid->viewport(), Qt::LeftButton, {}, to);
        QList<int> rows;
        for (const QModelIndex& index : m_grid->selectionModel()->selectedIndexes())
            rows << index.row();
        std::sort(rows.begin(), rows.end());
        QCOMPARE(rows, (QList<int>{0, 1, columns, columns + 1}));
    }

    void selectingAllIsOneRange() {
        m_grid->selectAll();
        QCOMPARE(m_grid->selectionModel()->selection().size(), 1);
        QCOMPARE(m_grid->selectionModel()->selection().front().height(), kRows);
    }

    void sizeChangesKeepThePlace() {
        m_grid->scrollTo(m_model->index(50000), QAbstractItemView::PositionAtTop);
        QSignalSpy changed(m_grid.get(), &ThumbnailGrid::thumbnailSideChanged);
        m_grid->setThumbnailSide(96);
        QCOMPARE(changed.count(), 1);
        QVERIFY(m_grid->viewport()->rect().contains(m_grid->visualRect(m_model->index(50000)).center()));
        QVERIFY(m_grid->visualRect(m_model->index(50000)).top() < 50);
        m_grid->resize(700, 700);
        QVERIFY(m_grid->viewport()->rect().contains(m_grid->visualRect(m_model->index(50000)).center()));
        m_grid->setThumbnailSide(10000);
        QCOMPARE(m_grid->thumbnailSide(), ThumbnailGrid::kLargestSide);
    }

    void enterActivates() {
        QSignalSpy activated(m_grid.get(), &QAbstractItemView::activated);
        m_grid->setCurrentIndex(m_model->index(3));
        QTest::keyClick(m_grid.get(), Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        const QPoint second = m_grid->visualRect(m_model->index(2)).center();
        QTest::mouseClick(m_grid->viewport(), Qt::LeftButton, {}, second);
        QTest::mouseDClick(m_grid->viewport(), Qt::LeftButton, {}, second);
        QCOMPARE(activated.count(), 2);
    }

    void showsPicturesWhenReady() {
        m_grid->verticalScrollBar()->setValue(0);
        m_grid->viewport()->repaint();
        QTRY_COMPARE(m_thumbnails->pendingCount(), 0);
        m_grid->viewport()->repaint();
        const QRect cell = m_grid->visualRect(m_model->index(0));
        const QImage shot = m_grid->viewport()->grab(cell).toImage();
        const QColor centre = shot.pixelColor(shot.width() / 2, m_grid->thumbnailSide() / 2);
        QVERIFY(centre.saturation() > 80);
    }

    void namesShowWithAndWithoutASecondLine() {
        for (const bool second : {true, false}) {
            m_grid->setSubtitleShown(second);
            const QRect cell = m_grid->visualRect(m_model->index(0));
            // Below the square picture there is nothing but text.
            const QRect text(cell.left() + 6, cell.top() + cell.width(), cell.width() - 12,
                             cell.height() - cell.width());
            const QImage shot = m_grid->viewport()->grab(text).toImage();
            QSet<QRgb> colours;
            for (int y = 0; y < shot.height(); ++y)
                for (int x = 0; x < shot.width(); ++x)
                    colours.insert(shot.pixel(x, y));
            QVERIFY(colours.size() > 3);
        }
    }

    /// Prints what a frame costs; holds only that it does not grow with the number of rows.
    void framesWhileScrolling() {
        m_grid->resize(1280, 800);
        auto frames = [this](int rows) {
            std::vector<double> milliseconds;
            const int step = rows / 2;
            for (int frame = 0; frame < 200; ++frame) {
                m_grid->verticalScrollBar()->setValue(frame * step % m_grid->verticalScrollBar()->maximum());
                QCoreApplication::processEvents(); // pictures that have become ready
                const double before = threadMilliseconds();
                m_grid->viewport()->repaint();
                milliseconds.push_back(threadMilliseconds() - before);
            }
            std::sort(milliseconds.begin(), milliseconds.end());
            return milliseconds;
        };
        for (int i = 0; i < 240; ++i)
            m_thumbnails->thumbnail({m_model->index(i).data(ThumbnailGrid::kSampleRole).toLongLong()}, 144);
        QTRY_COMPARE_WITH_TIMEOUT(m_thumbnails->pendingCount(), 0, 60000);
        const std::vector<double> wheel = frames(160);   // about a notch of the wheel
        const std::vector<double> jumps = frames(40000); // dragging the scroll bar
        qInfo(
            "100,000 rows, 1280x800: wheel median %.2f ms, 95%% %.2f ms; jumps median %.2f ms, 95%% %.2f ms",
            wheel[100], wheel[190], jumps[100], jumps[190]);
        ManyRows few(400, {SampleId{m_model->index(0).data(ThumbnailGrid::kSampleRole).toLongLong()}});
        m_grid->setModel(&few);
        const std::vector<double> small = frames(160);
        m_grid->setModel(m_model.get());
        QVERIFY2(wheel[100] < 5 * small[100] + 1, "painting grows with the number of rows");
    }
};

QTEST_MAIN(ThumbnailGridTest)
#include "tst_thumbnail_grid.moc"
