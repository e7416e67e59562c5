// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/report/report_sections.h"
#include "core/report/report_sheets.h"
#include "core/report/report_tables.h"
#include "core/store/workspace.h"

#include <array>
#include <map>
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
    std::string id; ///< "wrong", "right", "missed_by_captions", "lowest", "highest", "sheet"
    std::string title;
    std::vector<ReportExample> examples;
};

/// Examples that share their text or their image, but not their label.
struct ReportGroup {
    std::string shared; ///< "Same text" or "Same image"
    bool allRight = false;
    std::vector<ReportExample> members;
};

/// A data set's embeddings in two dimensions.
struct ReportMap {
    struct Point {
        float x = 0, y = 0;
        int label = -1;              ///< index into the run's class names; -1 = none
        std::optional<bool> correct; ///< by the run; none where it says nothing
    };
    std::string title;
    std::string note; ///< how it was made and how far it is to be trusted
    std::vector<Point> points;
};

/// What is not a task's own: slices, corrected numbers, a comparison, ... Whoever makes it names the section
/// that shows it.
struct ReportPart {
    std::string section; ///< id of reportSections()
    std::string title;
    std::vector<std::string> text; ///< paragraphs
    std::vector<ReportTable> tables;
    std::vector<ReportCurve> curves;
    std::vector<ReportGallery> galleries;
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
    std::vector<ReportPart> parts;
    std::optional<ReportMap> map;
};

/// Everything a report says, as plain data; the writers only format. Nothing in it is computed anew: numbers
/// are those stored with the runs.
struct ReportModel {
    std::string title;
    std::string createdAt; ///< ISO 8601 UTC
    std::string workspace;
    std::vector<ReportRun> runs;
    std::vector<ReportPart> parts;               ///< of several runs together
    std::vector<std::string> sections;           ///< ids of those shown; empty = all
    std::map<std::string, std::string> comments; ///< by section, plain text

    bool shows(std::string_view section) const;
    /// Empty where there is none.
    std::string comment(std::string_view section) const;
};

struct ReportOptions {
    std::string title;    ///< empty = made from the runs
    size_t examples = 10; ///< of each gallery, and of groups; 0 = none
    int thumbnailSide = 160;
    std::vector<std::string> sections = {};           ///< as ReportModel's
    std::map<std::string, std::string> comments = {}; ///< as ReportModel's
    /// Instead of the galleries that suit the task; each of every run.
    std::vector<SheetRule> sheets = {};
};

/// What the run says of one example, by what it keeps for its examples; with the pictures.
ReportExample describedExample(const Workspace& workspace, const RunRecord& run, const ExampleResult& result,
                               const ReportOptions& options);

/// Names of all metrics, in the order in which the runs bring them.
std::vector<std::string> reportMetricNames(const ReportModel& report);

/// @throws Error NotFound for a run that is not there; Cancelled
ReportModel buildReport(const Workspace& workspace, std::span<const RunId> runs, const ReportOptions& options,
                        const RunContext& context);

} // namespace diptych
