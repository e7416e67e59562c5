// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/report/report_model.h"
#include "ui/print/page_flow.h"

#include <QImage>

#include <filesystem>

class QPagedPaintDevice;

namespace diptych::ui::print {

/// A report on pages of A4. Needs a QGuiApplication, any platform; any one thread at a time.
PageFlow reportPages(const ReportModel& report);

/// A page as a picture, for looking at. @param width in pixels
QImage pageImage(const PageFlow& pages, int page, int width);

/// All pages onto a printer or a PDF; false where it cannot be written to.
bool printPages(const PageFlow& pages, QPagedPaintDevice& device, const RunContext& context);

/// The report as PDF, charts as vectors and fonts embedded, @p file appears, or changes, when it is whole.
/// @throws Error Unreadable; Cancelled
void writePdf(const ReportModel& report, const std::filesystem::path& file, const RunContext& context);

} // namespace diptych::ui::print
