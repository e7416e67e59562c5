// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"
#include "core/results/example_result.h"
#include "core/results/metric.h"
#include "core/run/outputs.h"
#include "core/store/records.h"
#include "core/tasks/protocol.h"
#include "core/tasks/task_rules.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// One parameter of a task: the single source for the form in the window, the command-line option, its check
/// and the JSON stored with a run.
struct ParamSpec {
    enum class Type { Bool, Int, Float, Choice, Text, Prompts };
    std::string id;    ///< JSON key and, with '-' for '_', the command-line option
    std::string title; ///< form label
    std::string help;
    Type type = Type::Text;
    Json defaultValue;
    double minimum = 0, maximum = 0;  ///< Int and Float, inclusive; equal = no limits
    std::vector<std::string> choices; ///< Choice
};

/// What a task needs of a dataset before it can run.
enum class DatasetNeed { Images, Labels, Captions };

/// Embeddings of images and texts in one space.
Faces bothEmbeddings(const Json& params);

/// Everything the window and the command line know of a task.
struct TaskInfo {
    std::string id;    ///< "zero-shot"
    std::string title; ///< "Zero-shot classification"
    std::string summary;
    std::vector<DatasetNeed> needs;
    /// What it asks of a model, with these parameters (complete ones).
    Faces (*needsModel)(const Json& params) = bothEmbeddings;
    std::vector<ParamSpec> params;
    /// Result views in the order shown; each names an entry of ui/results' registry: "classes", "confusion",
    /// "calibration", "examples", ...
    std::vector<std::string> views;
    std::string primaryMetric; ///< shown in run lists, e.g. "top1"
    /// What ExampleResult::score is, for people: "CLIPScore"; empty = right or wrong.
    std::string score = {};
    /// Quick enough to follow somebody typing; asks for the projected embeddings of all samples, once.
    bool hasPreview = false;
    /// How it counts with these parameters (complete ones), for the protocol card. @throws Error as run()
    TaskRules (*rules)(const Json& params) = nullptr;
    /// Forms in which its examples can be written besides reports: "predictions-csv" (predictionsCsv()).
    std::vector<std::string> exports = {};
};

/// A sample as tasks see it.
struct TaskSample {
    SampleId id;
    int label = -1; ///< index into TaskDataset::classNames; -1 = none
    std::vector<std::string> captions;
    std::string split;
    Json attributes; ///< further columns, an object; null = none
    bool isClip = false;
};

struct TaskDataset {
    std::string name;
    std::vector<std::string> classNames;
    std::vector<TaskSample> samples;
};

struct TaskInput {
    const TaskDataset& dataset;
    Outputs& outputs;
    const Json& params;   ///< complete and checked against the ParamSpecs
    bool preview = false; ///< only metrics are wanted: no intervals, examples or details
};

struct TaskOutput {
    std::vector<Metric> metrics;
    std::vector<ExampleResult> examples;
    Json details; ///< the tables behind the views; docs/file-formats.md
};

/// Pure arithmetic on embeddings and labels: opens no file, sees no torch, formats no text.
struct Task {
    TaskInfo info;
    /// Why this task cannot run on this dataset, for people; empty = it can.
    std::string (*unsuitable)(const TaskDataset& dataset);
    TaskOutput (*run)(const TaskInput& input, const RunContext& context); ///< @throws Error, Cancelled
    /// How others count, in the order shown, for a dataset of that name; null: there is one rule.
    std::vector<Protocol> (*protocols)(const std::string& datasetName) = nullptr;
};

/// What a dataset's counts alone tell of why the task cannot run on it, for people; empty = nothing. The task
/// itself looks closer: Task::unsuitable.
std::string lacking(const TaskInfo& info, const DatasetInfo& dataset);
/// Why a model does not fit, for people: "it has no text embeddings"; empty = it does.
/// @param clips whether there are clips for a model of clips
std::string lacking(const Faces& needed, const ModelInfo& model, bool clips = false);
bool hasClips(const TaskDataset& dataset);
/// Whether runs of this task can be written in that form; false for a task that is not known.
bool canExport(std::string_view taskId, std::string_view form);

/// In the order shown. Adding a task is one file and one line in registry.cpp.
const std::vector<Task>& tasks();
/// @throws Error NotFound that lists the ids
const Task& findTask(std::string_view id);
/// @p given with defaults filled in. @throws Error InvalidArgument naming the parameter, its range or choices
Json completeParams(const TaskInfo& info, const Json& given);

} // namespace diptych
