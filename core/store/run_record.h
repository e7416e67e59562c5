// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/example_result.h"
#include "core/results/metric.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Damaged: its entry in the database is not as it was written. Lists show such a run with its number and
/// what is wrong as its title; nothing else of it is to be believed, and only removing it works.
enum class RunStatus { Finished, Cancelled, Failed, Damaged };
/// "finished", "cancelled", "failed", "damaged"
std::string_view runStatusName(RunStatus status);

/// What a person adds to a run. The title says what was evaluated; the name is what somebody calls it.
struct RunMarks {
    std::string name, note; ///< empty = none
    bool starred = false;
    friend bool operator==(const RunMarks&, const RunMarks&) = default;
};
/// What of it changes.
struct RunMarksEdit {
    std::optional<std::string> name = {}, note = {};
    std::optional<bool> starred = {};
};

/// A finished evaluation: what was asked, by what it was answered, and the numbers. Immutable once stored,
/// but for its marks.
struct RunRecord {
    RunId id; ///< set by the store
    std::string task;
    std::string title;   ///< for people; may be empty
    DatasetId datasetId; ///< none once the dataset was removed
    std::string datasetName, datasetFingerprint, modelName, modelFingerprint;
    Json spec; ///< the run's RunSpec; stored in canonical form (keys sorted, no blanks)
    RunStatus status = RunStatus::Finished;
    std::string startedAt; ///< ISO 8601 UTC
    double wallSeconds = 0;
    std::string programVersion, device, precision;
    uint64_t seed = 0;
    std::string command; ///< repeats the run
    std::vector<Metric> metrics;
    int64_t exampleCount = 0; ///< set by the store from the examples given
    int64_t failureCount = 0; ///< of them unreadable; set by the store
    RunMarks marks = {};
    // The two below are left empty in lists; Workspace::run() fills them.
    std::vector<std::string> classNames; ///< what targets and predictions index, as they were then
    Json details;                        ///< tables of the task: confusion matrix, calibration bins, ...
};

struct RunFilter {
    std::string task = {}; ///< empty = any
    std::optional<DatasetId> dataset = {};
    std::string modelFingerprint = {}; ///< empty = any
    int64_t limit = -1;                ///< newest first; -1 = all
    bool starred = false;              ///< only those with a star
};

/// All conditions given must hold.
struct ExampleFilter {
    std::optional<int> target = {},
                       predicted = {}; ///< predicted: index of the first prediction; -1 = no prediction
    std::optional<bool> correct = {};
    std::optional<ExampleStatus> status = {};
};

enum class ExampleOrder { Position, Confidence }; ///< Confidence: score of the first prediction
struct ExampleSort {
    ExampleOrder by = ExampleOrder::Position;
    bool descending = false;
};

/// A run that contains some sample, with what it found for it.
struct SampleRun {
    RunRecord run; ///< as in lists
    std::vector<std::string> classNames;
    ExampleResult result;
};

} // namespace diptych
