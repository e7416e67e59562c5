// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_model.h"
#include "core/report/report_writers.h"
#include "core/session/slices.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

// Slices as people and other programs read them.

/// The slice less the rest, with its sign: "-12.5 points", "+0.031"; empty where there is no rest.
std::string differenceText(const Slice& slice);
/// "-20.1 to -5.0"; empty where it is not known.
std::string differenceIntervalText(const Slice& slice);
/// "0.012", "< 0.001"; empty where it was not tested.
std::string adjustedPText(const Slice& slice);
/// "differs", "too few to say", "everything", "undefined", or empty: nothing is shown to differ.
std::string verdictText(const Slice& slice);
/// What the table is about and how to read it, a sentence or two.
std::string slicesNote(const RunSlices& slices);

/// A table as runs keep them (detailTable()), the worst @p rows of it.
Json sliceTable(const RunSlices& slices, size_t rows);
/// A line a slice: its values, n, the metric, the difference, then value, low and high of every other metric.
std::string slicesCsv(const RunSlices& slices, CsvFormulas formulas = CsvFormulas::Escape);

/// What sliceRun() finds, as a file: "csv" as slicesCsv(); "html" and "md" a report that holds the run's
/// numbers, where they come from, and the table of slices. @throws Error InvalidArgument for another format;
/// as sliceRun()
std::string slicesDocument(Workspace& workspace, const SliceSpec& spec, const std::string& format,
                           const RunContext& context);

/// Adds to every run of the report its worst slices by each of @p by, as parts of section "slices". Runs that
/// keep no examples are passed over, where others do. @throws as sliceRun()
void addSlices(ReportModel& report, Workspace& workspace, std::span<const std::string> by,
               const RunContext& context);

} // namespace diptych
