// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pdf_report.h"

#include "ui/print/report_pages.h"

#include <QGuiApplication>
#include <QLocale>
#include <QtGlobal>

void writePdfReport(const diptych::ReportModel& report, const std::filesystem::path& file,
                    const diptych::RunContext& context) {
    // What Qt has to say of a machine without a desktop is nothing to whoever wants a file.
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
    // Fonts and painting come with a QGuiApplication; the platform "offscreen" has both and asks for no
    // display.
    char name[] = "diptych", option[] = "-platform", platform[] = "offscreen";
    char* arguments[] = {name, option, platform, nullptr};
    int count = 3;
    const QGuiApplication application(count, arguments);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    diptych::ui::print::writePdf(report, file, context);
}
