// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/catalog.h"
#include "core/session/model_pool.h"
#include "core/session/run_samples.h"
#include "core/tasks/task.h"

namespace diptych {

struct OpenedWorkbench; // core/session/prompt_workbench.h

/// Which labels a run goes by: as imported, or as people have corrected them since.
enum class Labels { Imported, Corrected };
/// "imported", "corrected"
std::string_view labelsName(Labels labels);
/// @throws Error InvalidArgument
Labels parseLabels(std::string_view name);

/// One evaluation, completely described: the same spec gives the same metrics from the window and the command
/// line.
struct RunSpec {
    std::string task;    ///< Task id
    std::string dataset; ///< dataset name in the workspace
    std::string model;   ///< model name in the workspace, or a checkpoint folder (then added to it)
    Device device = Device::Auto;
    Precision precision = Precision::Auto;
    std::string split;  ///< evaluate only this split; empty = all samples
    RunSamples samples; ///< and of it only these
    Json params = Json::object();
    uint64_t seed = 0;
    Labels labels = Labels::Imported;
    Alpha alpha = Alpha::Drop; ///< what the model sees of transparency
    unsigned threads = 0;      ///< not part of the identity of a run

    Json toJson() const;
    static RunSpec fromJson(const Json& json, std::string_view where);
    /// The command line that repeats it.
    std::string command(const std::filesystem::path& workspace) const;
};

/// Whether what was asked for without wanting to wait could be had.
enum class Answer {
    Ready,
    NotEncoded, ///< images have not been encoded with this model and precision yet
    Busy        ///< a run or an encoding has the model
};

/// Metrics without intervals, computed from cached embeddings while somebody edits parameters.
struct Preview {
    Answer answer = Answer::Ready;
    std::string unsuitable; ///< why the task cannot run on this dataset; then there are no metrics
    std::vector<Metric> metrics;
    size_t examples = 0;
    double milliseconds = 0;
};

/// A stored run counted again.
struct Recount {
    TaskOutput output;
    std::string note; ///< what has changed since the run, in a sentence; empty = nothing known
};

/// The dataset as tasks see it. @param samples resolved() @throws Error NotFound as runSampleIds()
TaskDataset taskDataset(const Workspace& workspace, DatasetId dataset, const std::string& split,
                        const RunSamples& samples = {});

/// Evaluations: from a spec to a stored run. Thread-safe.
class Evaluator {
public:
    /// All outlive it.
    Evaluator(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}

    /// Session::encode(), run(), unsuitable(), preview(), recount() and openWorkbench().
    std::vector<ItemFailure> encode(const RunSpec& spec, const RunContext& context);
    RunId run(const RunSpec& spec, const RunContext& context);
    std::string unsuitable(const RunSpec& spec);
    Preview preview(const RunSpec& spec, const RunContext& context);
    Recount recount(const RunSpec& spec, const RunRecord& run, const RunContext& context);
    OpenedWorkbench openWorkbench(const RunSpec& spec, bool encodeMissing, const RunContext& context);

private:
    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

} // namespace diptych
