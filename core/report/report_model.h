// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/store/workspace.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// One class of a run, as the task's details give it.
struct ReportClass {
    std::string name;
    int64_t support = 0;
    std::optional<double> recall;    ///< none without examples of the class
    std::optional<double> precision; ///< none where it was never predicted
    double f1 = 0;
};

/// Examples of one target that were given one prediction; rows of a confusion matrix.
struct ReportConfusion {
    int target = 0, prediction = 0;
    int64_t count = 0;
};

/// A bin of the reliability diagram.
struct ReportBin {
    double low = 0, high = 0, confidence = 0, accuracy = 0;
    int64_t count = 0;
};

/// An example with its picture embedded.
struct ReportExample {
    std::string key, target;
    std::string thumbnail; ///< data URI; empty where the image cannot be read any more
    std::vector<std::pair<std::string, double>> predictions; ///< best first
    bool correct = false;
};

/// What a report says of one run.
struct ReportRun {
    RunRecord record;
    std::vector<std::string> templates; ///< prompts, where the task has any
    std::vector<ReportClass> classes;
    std::vector<ReportConfusion> confusion;
    std::vector<ReportBin> calibration;
    std::vector<ReportExample> wrong, right; ///< chosen for the gallery, most confident first
    std::vector<std::pair<std::string, std::string>> failures; ///< image and why it could not be used
    int64_t failureCount = 0;                                  ///< all of them; failures holds the first
};

/// Everything a report says, as plain data; the writers only format. Nothing in it is computed anew: numbers
/// are those stored with the runs.
struct ReportModel {
    std::string title;
    std::string createdAt; ///< ISO 8601 UTC
    std::string workspace;
    std::vector<ReportRun> runs;
};

struct ReportOptions {
    std::string title;    ///< empty = made from the runs
    size_t examples = 10; ///< of right and of wrong ones each, per run
    int thumbnailSide = 160;
};

/// @throws Error NotFound for a run that is not there; Cancelled
ReportModel buildReport(const Workspace& workspace, std::span<const RunId> runs, const ReportOptions& options,
                        const RunContext& context);

} // namespace diptych
