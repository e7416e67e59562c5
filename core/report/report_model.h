// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/store/workspace.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
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

/// A chart of lines: ROC, precision and recall, few-shot accuracy, the search for C.
struct ReportCurve {
    struct Series {
        std::string name;
        std::vector<std::pair<double, double>> points; ///< finite
        std::vector<std::array<double, 3>> band;       ///< x, low, high; finite
        bool dashed = false;
    };
    std::string title, xTitle, yTitle;
    bool logX = false;
    std::vector<Series> series;
};

struct ReportPicture {
    std::string key;
    std::string thumbnail; ///< data URI; empty where the image cannot be read any more
};

/// A line of an example's card, with what it says of right and wrong.
struct ReportLine {
    enum class Verdict { None, Right, Wrong };
    std::string text;
    std::string value; ///< beside the text; may be empty
    Verdict verdict = Verdict::None;
};

/// Lines under a heading: captions found, scores of a pair, ...
struct ReportBlock {
    std::string title; ///< may be empty
    std::vector<ReportLine> lines;
};

/// An example with its pictures embedded: one, or the two of a pair.
struct ReportExample {
    std::vector<ReportPicture> pictures;
    std::vector<std::string> truth; ///< its class, or the classes it shows; empty = not known
    std::vector<std::pair<std::string, double>> predictions; ///< class and score in [0, 1], best first
    std::optional<bool> correct;
    std::vector<ReportBlock> blocks = {};
};

/// Examples chosen for what their title says, in the order it says.
struct ReportGallery {
    std::string id; ///< "wrong", "right", "missed_by_captions", "lowest", "highest"
    std::string title;
    std::vector<ReportExample> examples;
};

/// Examples that share their text or their image, but not their label.
struct ReportGroup {
    std::string shared; ///< "Same text" or "Same image"
    bool allRight = false;
    std::vector<ReportExample> members;
};

/// What a report says of one run.
struct ReportRun {
    RunRecord record;
    std::vector<ReportClass> classes;
    std::vector<ReportConfusion> confusion;
    std::vector<ReportBin> calibration;
    std::vector<ReportCurve> curves;
    std::vector<ReportGroup> groups; ///< some of them, those not wholly right first
    size_t groupCount = 0, groupsRight = 0;
    std::vector<ReportGallery> galleries;
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
    size_t examples = 10; ///< of each gallery, and of groups; 0 = none
    int thumbnailSide = 160;
};

/// @throws Error NotFound for a run that is not there; Cancelled
ReportModel buildReport(const Workspace& workspace, std::span<const RunId> runs, const ReportOptions& options,
                        const RunContext& context);

} // namespace diptych
