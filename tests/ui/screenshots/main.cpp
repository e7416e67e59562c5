// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a picture of every page of the window, light and dark, for the README and to look at. Nothing of the
// user's settings is read or changed. With QT_QPA_PLATFORM=offscreen it needs no display; QT_SCALE_FACTOR=2
// makes pictures for dense screens.
#include "core/session/session.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/plots/point_canvas.h"
#include "ui/plots/score_histogram.h"
#include "ui/shell/main_window.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QApplication>
#include <QComboBox>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListWidget>
#include <QMouseEvent>
#include <QPushButton>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QThread>
#include <QToolButton>

#include <cmath>
#include <vector>

namespace {

using namespace diptych;
using namespace diptych::ui;

constexpr int kPatienceMs = 60000;

/// Until nothing is under way for a while.
void settle(Services& services) {
    QElapsedTimer all, quiet;
    all.start();
    quiet.start();
    while (all.elapsed() < kPatienceMs && quiet.elapsed() < 600) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        QThread::msleep(5);
        if (services.jobs.activeCount() > 0 || services.thumbnails.pendingCount() > 0)
            quiet.restart();
    }
}

/// Something to see on every page: the first dataset, through the saved view if one is named, the run wished
/// for or the newest, one of its examples.
void choose(Services& services, RunId wished, const QString& dataset, const QString& view) {
    Workspace& workspace = services.state.session()->workspace();
    const auto datasets = workspace.datasets();
    const auto runs = workspace.runs();
    const auto named = workspace.findDataset(dataset.toStdString());
    if (named || !datasets.empty())
        services.state.setCurrentDataset(named ? named->id : datasets.front().id);
    if (const auto saved = workspace.findView(services.state.currentDataset(), view.toStdString()))
        services.state.view(saved->dataset).set({workspace.viewFilter(*saved)});
    if (!runs.empty()) {
        const RunId run = wished ? wished : runs.front().id;
        const auto examples = workspace.exampleIds(run);
        services.state.setCurrentRun(run);
        if (!examples.empty())
            services.state.showSample(examples[examples.size() / 3], run,
                                      std::make_shared<const std::vector<SampleId>>(examples));
        services.state.showRun(run);
    } else if (!datasets.empty()) {
        const auto samples = workspace.sampleIds(datasets.front().id);
        if (!samples.empty())
            services.state.showSample(samples.front());
    }
}

QString pictureName(const QString& what, bool dark) {
    return what + (dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png"));
}

/// The other tabs of a page that has any.
void grabTabs(Services& services, MainWindow& window, const QString& pageId, const QDir& folder, bool dark) {
    auto* tabs = window.page(pageId)->findChild<QTabWidget*>();
    for (int i = 1; tabs && i < tabs->count(); ++i) {
        tabs->setCurrentIndex(i);
        settle(services);
        window.grab().save(folder.filePath(pictureName(QStringLiteral("%1-%2").arg(pageId).arg(i), dark)));
    }
    if (tabs)
        tabs->setCurrentIndex(0);
}

/// The map by every method, then what a lasso selects, and pictures where there is room for them.
void grabMap(Services& services, MainWindow& window, const QDir& folder, bool dark) {
    window.showPage(QStringLiteral("map"));
    auto* method = window.findChild<QComboBox*>(QStringLiteral("mapMethod"));
    auto* canvas = window.findChild<PointCanvas*>(QStringLiteral("mapCanvas"));
    settle(services);
    const auto grab = [&](const QString& what) {
        settle(services);
        window.grab().save(folder.filePath(pictureName(QStringLiteral("map-") + what, dark)));
    };
    for (int i = 0; i < method->count(); ++i) {
        method->setCurrentIndex(i);
        settle(services);
        if (!canvas->isVisible()) // too large to be made without being asked for
            window.findChild<QPushButton*>(QStringLiteral("makeMap"))->click();
        grab(method->itemText(i).toLower().replace(QLatin1Char(' '), QLatin1Char('-')));
    }
    if (canvas->pointCount() == 0)
        return;
    method->setCurrentIndex(method->findText(QStringLiteral("t-SNE")));
    auto* content = window.findChild<QComboBox*>(QStringLiteral("mapContent"));
    content->setCurrentIndex(content->count() - 1);
    grab(QStringLiteral("both"));
    content->setCurrentIndex(0);
    settle(services);
    const QPointF corner(canvas->width() * 0.15, canvas->height() * 0.3);
    const QPointF size(canvas->width() * 0.4, canvas->height() * 0.5);
    std::vector<QPoint> way;
    for (int i = 0; i < 60; ++i) {
        const double turn = i * 0.104;
        way.push_back((corner + QPointF(size.x() * (0.5 + 0.5 * std::cos(turn)),
                                        size.y() * (0.5 + 0.4 * std::sin(turn))))
                          .toPoint());
    }
    const auto send = [&](QEvent::Type type, const QPoint& at, Qt::MouseButtons held) {
        QMouseEvent event(type, at, canvas->mapToGlobal(at), Qt::LeftButton, held, Qt::NoModifier);
        QApplication::sendEvent(canvas, &event);
    };
    send(QEvent::MouseButtonPress, way.front(), Qt::LeftButton);
    for (const QPoint& at : way)
        send(QEvent::MouseMove, at, Qt::LeftButton);
    grab(QStringLiteral("lasso"));
    send(QEvent::MouseButtonRelease, way.back(), Qt::NoButton);
    send(QEvent::MouseMove, canvas->position(static_cast<int>(canvas->pointCount()) / 2).toPoint(),
         Qt::NoButton);
    window.findChild<QPushButton*>(QStringLiteral("mapName"))->click();
    auto* place = window.findChild<QLineEdit*>(QStringLiteral("mapPlace"));
    place->setText(QStringLiteral("a red cube"));
    Q_EMIT place->returnPressed();
    grab(QStringLiteral("selected"));
    window.page(QStringLiteral("map"))->cancel();
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(canvas, &leave);
    for (int i = 0; i < 12 && canvas->pictures().empty(); ++i)
        canvas->zoom(1.1, QPointF(canvas->width() / 2.0, canvas->height() / 2.0));
    grab(QStringLiteral("pictures"));
    canvas->fit();
}

/// What every check of the Curate page finds.
void grabCuration(Services& services, MainWindow& window, const QDir& folder, bool dark) {
    window.showPage(QStringLiteral("curate"));
    auto* check = window.findChild<QComboBox*>(QStringLiteral("curateCheck"));
    settle(services);
    for (int i = 0; i < check->count(); ++i) {
        check->setCurrentIndex(i);
        window.findChild<QPushButton*>(QStringLiteral("curateFind"))->click();
        settle(services);
        window.grab().save(folder.filePath(pictureName(QStringLiteral("curate-%1").arg(i), dark)));
    }
}

/// A search of several terms, cut.
void grabSearch(Services& services, MainWindow& window, const QDir& folder, bool dark) {
    window.showPage(QStringLiteral("search"));
    auto* words = window.findChild<QLineEdit*>(QStringLiteral("searchText"));
    auto* scores = window.findChild<ScoreHistogram*>(QStringLiteral("searchScores"));
    settle(services);
    window.findChild<QToolButton*>(QStringLiteral("addWords"))->click();
    words->setText(QStringLiteral("something small"));
    window.findChild<QToolButton*>(QStringLiteral("subtractWords"))->click();
    settle(services);
    if (auto* grid = window.findChild<ThumbnailGrid*>(QStringLiteral("searchGrid"));
        grid->model()->rowCount())
        services.state.showSimilar(grid->sampleOf(grid->model()->index(0, 0)),
                                   services.state.currentDataset());
    settle(services);
    words->setText(QStringLiteral("a large thing"));
    Q_EMIT words->returnPressed();
    settle(services);
    scores->setCut(scores->scores().quantile(0.9));
    settle(services);
    window.grab().save(folder.filePath(pictureName(QStringLiteral("search-terms"), dark)));
    scores->setCut(std::nullopt);
    window.page(QStringLiteral("search"))->cancel();
}

/// Where in the example the words are, and back.
void grabWhere(Services& services, MainWindow& window, const QDir& folder, const QString& words, bool dark) {
    window.showPage(QStringLiteral("inspector"));
    window.findChild<QLineEdit*>(QStringLiteral("scoreText"))->setText(words);
    settle(services);
    auto* where = window.findChild<QToolButton*>(QStringLiteral("where"));
    where->click();
    settle(services);
    window.grab().save(folder.filePath(pictureName(QStringLiteral("inspector-where"), dark)));
    where->click();
}

/// The newest two runs on one dataset side by side, their spaces, and all runs as a table.
void grabComparison(Services& services, MainWindow& window, const QDir& folder, bool dark) {
    window.showPage(QStringLiteral("compare"));
    settle(services);
    auto* tabs = window.findChild<QTabWidget*>(QStringLiteral("compareTabs"));
    const auto grab = [&](const char* name) {
        settle(services);
        window.grab().save(folder.filePath(pictureName(QString::fromLatin1(name), dark)));
    };
    grab("comparison");
    tabs->setCurrentIndex(1);
    grab("comparison-spaces");
    if (auto* moved = window.findChild<QPushButton*>(QStringLiteral("selectMoved")); moved->isEnabled()) {
        moved->click();
        window.findChild<QComboBox*>(QStringLiteral("spacesArrangement"))->setCurrentIndex(1);
        grab("comparison-overlaid");
    }
    tabs->setCurrentIndex(2);
    auto* runs = window.findChild<QListWidget*>(QStringLiteral("tableRuns"));
    for (int row = 0; row < std::min(8, runs->count()); ++row)
        runs->item(row)->setCheckState(Qt::Checked);
    grab("comparison-table");
    tabs->setCurrentIndex(0);
}

/// The window with a message and jobs under way, and the import dialog for @p source.
void showExtras(Services& services, MainWindow& window, const QDir& folder, const QString& source,
                bool dark) {
    window.showPage(QStringLiteral("datasets"));
    for (const JobLane lane : {JobLane::Model, JobLane::Model})
        services.jobs.start(
            JobSpec(QStringLiteral("Evaluate tiny-clip on shapes"), lane),
            [](const RunContext& context) {
                context.begin("Encoding images", 1000);
                for (int i = 0; i < 420 && !context.cancelled(); ++i) {
                    context.advance();
                    QThread::msleep(2);
                }
                while (!context.cancelled())
                    QThread::msleep(5);
            },
            &window, [] {});
    Q_EMIT services.jobs.errorRaised(
        QStringLiteral("Import birds"),
        Error(ErrorCode::DiskFull, "/data/birds.sqlite could not be written: no space left on device"),
        window.page(QStringLiteral("datasets")));
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 1500)
        QApplication::processEvents(QEventLoop::AllEvents, 20);
    window.grab().save(folder.filePath(pictureName(QStringLiteral("jobs"), dark)));
    services.jobs.cancelAll();
    settle(services);
    ImportDialog dialog(services.jobs, {}, &window);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    if (!source.isEmpty())
        dialog.setSource(source);
    settle(services);
    dialog.grab().save(folder.filePath(pictureName(QStringLiteral("import"), dark)));
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption workspace(QStringLiteral("workspace"), QStringLiteral("Workspace to show."),
                                       QStringLiteral("folder"));
    const QCommandLineOption output(QStringLiteral("output"), QStringLiteral("Where the pictures go."),
                                    QStringLiteral("folder"), QStringLiteral("."));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window."),
                                  QStringLiteral("WxH"), QStringLiteral("1280x800"));
    const QCommandLineOption extras(QStringLiteral("extras"),
                                    QStringLiteral("Also messages, jobs and the import of this source."),
                                    QStringLiteral("source"));
    const QCommandLineOption writable(QStringLiteral("writable"), QStringLiteral("Open it for writing."));
    const QCommandLineOption run(QStringLiteral("run"), QStringLiteral("Run to show; else the newest."),
                                 QStringLiteral("number"));
    const QCommandLineOption only(QStringLiteral("only"), QStringLiteral("This page alone."),
                                  QStringLiteral("page"));
    const QCommandLineOption search(QStringLiteral("search"), QStringLiteral("Words to search for."),
                                    QStringLiteral("words"));
    const QCommandLineOption dataset(QStringLiteral("dataset"),
                                     QStringLiteral("Dataset to show; else the first."),
                                     QStringLiteral("name"));
    const QCommandLineOption view(QStringLiteral("view"), QStringLiteral("Saved view to look through."),
                                  QStringLiteral("name"));
    const QCommandLineOption text(QStringLiteral("text"), QStringLiteral("Size of text."),
                                  QStringLiteral("percent"), QStringLiteral("100"));
    parser.addOptions({workspace, output, size, only, extras, writable, run, search, dataset, view, text});
    parser.process(app);

    const QTemporaryDir scratch;
    Services services(scratch.filePath(QStringLiteral("settings.ini")));
    theme::apply(app, theme::Mode::Light);
    theme::setTextPercent(parser.value(text).toInt());
    MainWindow window(services);
    const QStringList sides = parser.value(size).split(QLatin1Char('x'));
    window.resize(sides.value(0).toInt(), sides.value(1).toInt());
    window.show();
    if (parser.isSet(workspace)) {
        window.workspaces().open(parser.value(workspace), parser.isSet(writable)
                                                              ? WorkspaceController::Mode::ReadWrite
                                                              : WorkspaceController::Mode::ReadOnly);
        settle(services);
        if (!services.state.session())
            return 1;
        choose(services, {parser.value(run).toLongLong()}, parser.value(dataset), parser.value(view));
    }
    const QDir folder(parser.value(output));
    folder.mkpath(QStringLiteral("."));
    for (const bool dark : {false, true}) {
        theme::apply(app, dark ? theme::Mode::Dark : theme::Mode::Light);
        if (parser.value(only) == QLatin1String("compare")) {
            grabComparison(services, window, folder, dark);
            continue;
        }
        for (const PageEntry& entry : pageEntries()) {
            if (parser.isSet(only) && parser.value(only) != entry.id)
                continue;
            window.showPage(entry.id);
            if (auto* words = window.page(entry.id)->findChild<QLineEdit*>(QStringLiteral("searchText"));
                words && parser.isSet(search) && !dark) {
                settle(services); // until there is something to search
                words->setText(parser.value(search));
                Q_EMIT words->returnPressed();
            }
            settle(services);
            window.grab().save(folder.filePath(pictureName(entry.id, dark)));
            grabTabs(services, window, entry.id, folder, dark);
        }
        if (parser.isSet(only))
            continue;
        grabMap(services, window, folder, dark);
        grabCuration(services, window, folder, dark);
        if (parser.isSet(search)) {
            grabSearch(services, window, folder, dark);
            grabWhere(services, window, folder, parser.value(search), dark);
        }
        window.showPage(QStringLiteral("runs"));
        grabComparison(services, window, folder, dark);
        if (parser.isSet(extras))
            showExtras(services, window, folder, parser.value(extras), dark);
    }
    window.close();
    return 0;
}
