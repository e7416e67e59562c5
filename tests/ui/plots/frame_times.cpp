// SPDX-License-Identifier: GPL-3.0-or-later
// How long the map and the grid take to draw: for each number of points, frames while moving and zooming, and
// a lasso round half of them; for as many pictures, frames while scrolling, and half of them selected. Prints
// milliseconds: median and 95th percentile. QT_QPA_PLATFORM=offscreen needs no display.
#include "core/base/file.h"
#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "tests/support/many_rows.h"
#include "tests/ui/plots/point_clouds.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTextStream>
#include <QWindow>

#include <algorithm>
#include <functional>

namespace {

using namespace diptych;
using namespace diptych::ui;

struct Times {
    double median = 0, most = 0;
};

Times measure(int repeats, const std::function<void(int)>& frame) {
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        QElapsedTimer clock;
        clock.start();
        frame(i);
        times.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], times[times.size() * 95 / 100]};
}

void send(PointCanvas& canvas, QEvent::Type type, const QPointF& at, Qt::MouseButton button) {
    const bool moves = type == QEvent::MouseMove;
    QMouseEvent event(type, at, canvas.mapToGlobal(at), moves ? Qt::NoButton : button,
                      type == QEvent::MouseButtonRelease ? Qt::NoButton : button, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &event);
}

/// Round the middle of the view, with as many corners as a hand makes.
void drawLasso(PointCanvas& canvas) {
    const QPointF middle(canvas.width() / 2.0, canvas.height() / 2.0);
    const auto corner = [&](int i) {
        const double turn = 2 * std::numbers::pi * i / 400;
        return middle +
               QPointF(std::cos(turn) * canvas.width() * 0.36, std::sin(turn) * canvas.height() * 0.36);
    };
    send(canvas, QEvent::MouseButtonPress, corner(0), Qt::LeftButton);
    for (int i = 1; i < 400; ++i)
        send(canvas, QEvent::MouseMove, corner(i), Qt::LeftButton);
    send(canvas, QEvent::MouseButtonRelease, corner(399), Qt::LeftButton);
}

void report(QTextStream& out, const char* what, const Times& times) {
    out << QString::fromLatin1(what).leftJustified(34)
        << QString::number(times.median, 'f', 2).rightJustified(9)
        << QString::number(times.most, 'f', 2).rightJustified(9) << Qt::endl;
}

void run(QTextStream& out, PointCanvas& canvas, size_t count, const QString& picture) {
    const test::PointCloud cloud(count, 24);
    out << "points " << count << ", " << canvas.width() << " x " << canvas.height() << Qt::endl;
    QElapsedTimer clock;
    clock.start();
    canvas.setPoints(cloud.x, cloud.y);
    PointColors colors;
    colors.of = cloud.cluster;
    for (int i = 0; i < 24; ++i)
        colors.palette.push_back(theme::chartColor(i).rgb());
    colors.hidden.assign(24, 0);
    canvas.setColors(colors);
    canvas.repaint();
    const double first = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    report(out, "first picture", {first, first});
    if (!picture.isEmpty())
        canvas.grab().save(picture.arg(count));
    report(out, "whole picture again", measure(20, [&](int) {
               canvas.setRaised(-1);
               canvas.setHidden(std::vector<uint8_t>(24, 0));
               canvas.repaint();
           }));
    for (const double closeness : {1.0, 4.0, 16.0}) {
        canvas.fit();
        canvas.zoom(closeness, QPointF(canvas.width() / 2.0, canvas.height() / 2.0));
        canvas.repaint();
        report(out, qPrintable(QStringLiteral("moving, zoomed %1 times").arg(closeness)),
               measure(120, [&](int i) {
                   canvas.panBy({i < 60 ? 7.0 : -6.0, i % 20 < 10 ? 3.0 : -2.0});
                   canvas.repaint();
               }));
    }
    canvas.fit();
    report(out, "a step of the wheel", measure(30, [&](int i) {
               canvas.zoom(i < 15 ? 1.2 : 1 / 1.2, QPointF(canvas.width() / 3.0, canvas.height() / 3.0));
               canvas.repaint();
           }));
    canvas.fit();
    canvas.repaint();
    size_t marked = 0;
    const auto connection =
        QObject::connect(&canvas, &PointCanvas::marked, &canvas, [&](const std::vector<int>& points) {
            std::vector<uint8_t> selected(canvas.pointCount(), 0);
            for (const int point : points)
                selected[static_cast<size_t>(point)] = 1;
            marked = points.size();
            canvas.setSelected(std::move(selected));
        });
    const Times lasso = measure(5, [&](int) {
        canvas.setSelected({});
        drawLasso(canvas);
        canvas.repaint();
    });
    QObject::disconnect(connection);
    report(out, qPrintable(QStringLiteral("lasso round %1, drawn").arg(marked)), lasso);
    if (!picture.isEmpty())
        canvas.grab().save(picture.arg(QStringLiteral("%1-selected").arg(count)));
}

/// The pictures of a grid: a few on disk, shown again and again, so that memory is not what is measured.
struct GridWorld {
    QTemporaryDir folder;
    JobRunner jobs;
    AppState state;
    ThumbnailProvider thumbnails{state, jobs};
    std::vector<SampleId> samples;

    GridWorld() {
        const QString images = folder.filePath(QStringLiteral("images"));
        QDir().mkpath(images);
        for (int i = 0; i < 240; ++i)
            test::writePicture(QStringLiteral("%1/%2.png").arg(images).arg(i), {200, 150});
        const auto session =
            Session::openOrCreate(folder.filePath(QStringLiteral("workspace")).toStdString());
        samples =
            session->workspace().sampleIds(session->importDataset(images.toStdString(), "images", {}, {}));
        state.setSession(session);
    }
};

void runGrid(QTextStream& out, GridWorld& world, const QSize& size, int count) {
    test::ManyRows rows(count, world.samples);
    ThumbnailGrid grid(world.thumbnails);
    grid.setModel(&rows);
    grid.resize(size);
    grid.show();
    grid.repaint();
    while (world.thumbnails.pendingCount() > 0)
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    out << "pictures " << count << ", " << size.width() << " x " << size.height() << Qt::endl;
    QScrollBar& bar = *grid.verticalScrollBar();
    report(out, "scrolling by a line", measure(120, [&](int) {
               bar.setValue(bar.value() + 40);
               grid.viewport()->repaint();
           }));
    report(out, "scrolling to anywhere", measure(60, [&](int i) {
               bar.setValue(static_cast<int>(static_cast<qint64>(bar.maximum()) * (i * 37 % 60) / 60));
               grid.viewport()->repaint();
           }));
    bar.setValue(0);
    const QItemSelection half(rows.index(0, 0), rows.index(count / 2 - 1, 0));
    report(out, qPrintable(QStringLiteral("selecting %1, drawn").arg(count / 2)), measure(5, [&](int) {
               grid.selectionModel()->clearSelection();
               grid.selectionModel()->select(half, QItemSelectionModel::Select);
               grid.viewport()->repaint();
           }));
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption points(QStringLiteral("points"), QStringLiteral("How many; may be given again."),
                                    QStringLiteral("number"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the map."),
                                  QStringLiteral("WxH"), QStringLiteral("1000x700"));
    const QCommandLineOption picture(QStringLiteral("picture"),
                                     QStringLiteral("Where pictures go; %1 becomes the number of points."),
                                     QStringLiteral("file"));
    parser.addOptions({points, size, picture});
    parser.process(app);
    theme::apply(app, theme::Mode::Light);
    PointCanvas canvas;
    const QStringList sides = parser.value(size).split(QLatin1Char('x'));
    canvas.resize(sides.value(0).toInt(), sides.value(1).toInt());
    canvas.show();
    while (!canvas.windowHandle() || !canvas.windowHandle()->isExposed())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QTextStream out(stdout);
    out << QString().leftJustified(34) << "   median      95%  ms" << Qt::endl;
    const QStringList counts = parser.isSet(points)
                                   ? parser.values(points)
                                   : QStringList{QStringLiteral("100000"), QStringLiteral("1000000")};
    for (const QString& count : counts)
        run(out, canvas, count.toULongLong(), parser.value(picture));
    GridWorld world;
    for (const QString& count : counts)
        runGrid(out, world, canvas.size(), count.toInt());
    return 0;
}
