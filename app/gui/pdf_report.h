// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/report/report_model.h"

#include <filesystem>

/// The report as PDF from a program without a window; needs no display. @throws diptych::Error, Cancelled
void writePdfReport(const diptych::ReportModel& report, const std::filesystem::path& file,
                    const diptych::RunContext& context);
