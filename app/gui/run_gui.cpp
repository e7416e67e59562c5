// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/run_gui.h"

#include "core/session/session.h"
#include "ui/shell/main_window.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLocale>
#include <QMessageBox>

#include <cstdio>

namespace {

using diptych::ui::ThemeChoice;

diptych::ui::theme::Mode themeMode(ThemeChoice choice) {
    switch (choice) {
    case ThemeChoice::Light:
        return diptych::ui::theme::Mode::Light;
    case ThemeChoice::Dark:
        return diptych::ui::theme::Mode::Dark;
    case ThemeChoice::System:
        break;
    }
    return diptych::ui::theme::Mode::System;
}

ThemeChoice themeNamed(const QString& name, ThemeChoice otherwise) {
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    if (name == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return name == QLatin1String("system") ? ThemeChoice::System : otherwise;
}

/// Qt aborts where it finds no display; say it in the program's own words instead.
bool hasDisplay() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        if (!qEnvironmentVariableIsEmpty(name))
            return true;
    return false;
}

} // namespace

int runGui(int argc, char** argv) {
    if (!hasDisplay()) {
        std::fputs(
            "diptych: error: there is no display for the window; 'diptych --help' lists what works without "
            "one\n",
            stderr);
        return 1;
    }
    QApplication app(argc, argv);
    // The program's words are English, and so are its numbers, wherever it runs: "0.5", "1,000".
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QApplication::setApplicationName(QStringLiteral("diptych"));
    QApplication::setApplicationDisplayName(QStringLiteral("Diptych"));
    QApplication::setApplicationVersion(QString::fromStdString(diptych::programVersion()));
    QApplication::setDesktopFileName(QStringLiteral("diptych"));

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("The window of Diptych."));
    parser.addHelpOption();
    const QCommandLineOption workspace(QStringLiteral("workspace"), QStringLiteral("Workspace to open."),
                                       QStringLiteral("folder"));
    const QCommandLineOption page(QStringLiteral("page"), QStringLiteral("Page to show first."),
                                  QStringLiteral("id"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("light, dark or system."),
                                   QStringLiteral("name"));
    const QCommandLineOption settings(QStringLiteral("settings"),
                                      QStringLiteral("File of its own for what the window remembers."),
                                      QStringLiteral("file"));
    parser.addOptions({workspace, page, theme, settings});
    parser.process(app);

    try {
        diptych::ui::Services services(parser.value(settings));
        diptych::ui::theme::setTextPercent(services.settings.textPercent());
        QObject::connect(&services.settings, &diptych::ui::Settings::textPercentChanged, &app,
                         [](int percent) { diptych::ui::theme::setTextPercent(percent); });
        diptych::ui::theme::apply(app, themeMode(themeNamed(parser.value(theme), services.settings.theme())));
        QObject::connect(&services.settings, &diptych::ui::Settings::themeChanged, &app,
                         [&app](ThemeChoice choice) { diptych::ui::theme::apply(app, themeMode(choice)); });

        diptych::ui::MainWindow window(services);
        if (parser.isSet(page))
            window.showPage(parser.value(page));
        window.show();
        window.offerTour();
        if (parser.isSet(workspace))
            window.workspaces().open(parser.value(workspace));
        else if (services.settings.opensLast())
            window.workspaces().openLast();
        return QApplication::exec();
    } catch (const diptych::Error& error) { // what the program ships is not there, say
        std::fprintf(stderr, "diptych: error: %s\n", error.what());
        QMessageBox::critical(nullptr, QStringLiteral("Diptych cannot start"),
                              QString::fromUtf8(error.what()));
        return 1;
    }
}
