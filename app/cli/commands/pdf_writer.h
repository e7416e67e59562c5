// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/report/report_model.h"

#include <filesystem>

namespace diptych::cli {

/// Writes a report as PDF. @throws Error, Cancelled
using PdfWriter = void (*)(const ReportModel& report, const std::filesystem::path& file,
                           const RunContext& context);

/// Pages are drawn by Qt, which commands do not know: the program hands in who draws them, before any command
/// runs. Null in a program that was built without the window.
void setPdfWriter(PdfWriter writer);
/// @throws Error Unsupported where there is none, with what to do instead
PdfWriter pdfWriter();

} // namespace diptych::cli
