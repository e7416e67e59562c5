// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a picture of every page of the window, light and dark, for the README and to look at. Nothing of the
// user's settings is read or changed. With QT_QPA_PLATFORM=offscreen it needs no display; QT_SCALE_FACTOR=2
// makes pictures for dense screens.
#include "core/session/session.h"
#include "ui/shell/main_window.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QThread>

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

/// Something to see on every page: the first dataset, the newest run, one of its examples.
void choose(Services& services) {
    Workspace& workspace = services.state.session()->workspace();
    const auto datasets = workspace.datasets();
    const auto runs = workspace.runs();
    if (!datasets.empty())
        services.state.setCurrentDataset(datasets.front().id);
    if (!runs.empty()) {
        const auto examples = workspace.exampleIds(runs.front().id);
        services.state.setCurrentRun(runs.front().id);
        if (!examples.empty())
            services.state.showSample(examples[examples.size() / 3], runs.front().id,
                                      std::make_shared<const std::vector<SampleId>>(examples));
        services.state.showRun(runs.front().id);
    } else if (!datasets.empty()) {
        const auto samples = workspace.sampleIds(datasets.front().id);
        if (!samples.empty())
            services.state.showSample(samples.front());
    }
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
    parser.addOptions({workspace, output, size});
    parser.process(app);

    const QTemporaryDir scratch;
    Services services(scratch.filePath(QStringLiteral("settings.ini")));
    theme::apply(app, theme::Mode::Light);
    MainWindow window(services);
    const QStringList sides = parser.value(size).split(QLatin1Char('x'));
    window.resize(sides.value(0).toInt(), sides.value(1).toInt());
    window.show();
    if (parser.isSet(workspace)) {
        window.workspaces().open(parser.value(workspace), WorkspaceController::Mode::ReadOnly);
        settle(services);
        if (!services.state.session())
            return 1;
        choose(services);
    }
    QDir().mkpath(parser.value(output));
    for (const bool dark : {false, true}) {
        theme::apply(app, dark ? theme::Mode::Dark : theme::Mode::Light);
        for (const PageEntry& entry : pageEntries()) {
            window.showPage(entry.id);
            settle(services);
            const QString name =
                entry.id + (dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png"));
            window.grab().save(QDir(parser.value(output)).filePath(name));
        }
    }
    window.close();
    return 0;
}
