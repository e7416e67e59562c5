// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/evaluator.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/run/sample_files.h"
#include "core/session/program_version.h"
#include "core/session/prompt_variants.h"
#include "core/session/prompt_workbench.h"
#include "core/session/run_card.h"
#include "core/tasks/task_support.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

namespace diptych {
namespace {

std::string nowUtc() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

ModelChoice choiceOf(const ModelRecord& record, const RunSpec& spec) {
    return {record.directory, {spec.device, spec.precision, spec.threads, spec.alpha}};
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Adds to the run's warnings how many of its pictures are transparent, and what the model saw of them.
void warnOfTransparency(EmbeddingPipeline& pipeline, Alpha alpha, const TaskDataset& samples, Json& details) {
    std::vector<SampleId> ids;
    for (const auto& sample : samples.samples)
        ids.push_back(sample.id);
    const size_t count = pipeline.countTransparent(ids);
    if (count == 0)
        return;
    const bool drop = alpha == Alpha::Drop;
    details["warnings"].push_back(fmt::format(
        "{} of {} images {} transparency; the model saw {}", count, ids.size(), count == 1 ? "has" : "have",
        drop ? "the colours stored under it (transparency 'over white', --alpha white, shows it as "
               "transformers "
               "from 5.24 on)"
             : "it over white (transparency 'dropped', --alpha drop, shows the colours stored under it)"));
}

/// What the command line cannot say becomes a list of names in the workspace, which the stored command names.
void keepSampleList(RunSpec& spec, const TaskDataset& samples, const Workspace& workspace,
                    DatasetId dataset) {
    if (sampleOptions(spec.samples))
        return;
    RunSamples named;
    named.ids = sampleIds(samples);
    if (!spec.samples.title.empty() || !spec.samples.filters.empty())
        named.title = describe(spec.samples);
    spec.samples = resolved(std::move(named), workspace, dataset);
    const std::filesystem::path file = sampleListFile(spec.samples, workspace.path());
    std::filesystem::create_directories(file.parent_path());
    writeFileAtomically(file, fmt::format("{}\n", fmt::join(spec.samples.keys, "\n")));
}

} // namespace

TaskDataset taskDataset(const Workspace& workspace, DatasetId dataset, const std::string& split,
                        const RunSamples& samples) {
    TaskDataset out;
    out.name = workspace.dataset(dataset).name;
    out.classNames = workspace.classNames(dataset);
    const auto ids = runSampleIds(workspace, dataset, split, samples);
    for (Sample& sample : workspace.samples(ids))
        out.samples.push_back({sample.id, sample.label, std::move(sample.captions), std::move(sample.split),
                               std::move(sample.attributes), filesOf(sample).isClip()});
    return out;
}

namespace {

size_t replaceLabels(TaskDataset& samples, const std::map<SampleId, int>& corrected) {
    size_t count = 0;
    for (TaskSample& sample : samples.samples)
        if (const auto found = corrected.find(sample.id); found != corrected.end()) {
            sample.label = found->second;
            ++count;
        }
    return count;
}

/// Of the dataset with the labels that are used: what was imported, and every label that differs from it.
std::string fingerprintWith(const Workspace& workspace, const DatasetInfo& dataset,
                            const std::map<SampleId, int>& corrected) {
    if (corrected.empty())
        return dataset.fingerprint;
    std::vector<SampleId> ids;
    for (const auto& [sample, label] : corrected)
        ids.push_back(sample);
    std::map<std::string, int> byKey;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        byKey.emplace(sample.key, corrected.at(sample.id));
    Hasher hasher;
    hasher.add("corrected:").addField(dataset.fingerprint);
    for (const auto& [key, label] : byKey)
        hasher.addField(key).addField(std::to_string(label));
    return hasher.finish().hex();
}

/// The samples that a spec asks for, with the labels that it asks for.
struct Asked {
    TaskDataset samples;
    size_t corrected = 0; ///< labels that are not those imported
    std::string fingerprint;
};

Asked askedFor(const Workspace& workspace, const RunSpec& spec, const DatasetInfo& dataset) {
    Asked asked{taskDataset(workspace, dataset.id, spec.split, resolved(spec.samples, workspace, dataset.id)),
                0, dataset.fingerprint};
    if (spec.labels == Labels::Imported)
        return asked;
    const auto corrected = workspace.correctedLabels(dataset.id);
    asked.corrected = replaceLabels(asked.samples, corrected);
    asked.fingerprint = fingerprintWith(workspace, dataset, corrected);
    return asked;
}

} // namespace

std::vector<ItemFailure> Evaluator::encode(const RunSpec& spec, const RunContext& context) {
    const DatasetInfo dataset = m_catalog.dataset(spec.dataset);
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(record, {.imageEmbeddings = true}, "Encoding");
    const ModelLease model = m_models.lease(choiceOf(record, spec), ModelUse::Long, context.stop);
    model->pipeline->setCachedOnly(false);
    const auto ids =
        runSampleIds(m_workspace, dataset.id, spec.split, resolved(spec.samples, m_workspace, dataset.id));
    return model->pipeline->images(ids, ImageFeature::Projected, context).failures;
}

RunId Evaluator::run(const RunSpec& spec, const RunContext& context) {
    const auto start = std::chrono::steady_clock::now();
    const Task& task = findTask(spec.task);
    RunSpec complete = spec;
    complete.params = withKeptPrompts(m_workspace, task.info, completeParams(task.info, spec.params));

    RunRecord record;
    record.startedAt = nowUtc();
    const DatasetInfo dataset = m_catalog.dataset(spec.dataset);
    complete.samples = resolved(spec.samples, m_workspace, dataset.id);
    const auto [samples, corrected, fingerprint] = askedFor(m_workspace, complete, dataset);
    if (const std::string why = task.unsuitable(samples); !why.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} cannot run on dataset '{}': {}", task.info.title, dataset.name, why));

    const ModelRecord modelRecord = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(modelRecord, task.info.needsModel(complete.params), task.info.title,
                           hasClips(samples));
    const ModelLease model = m_models.lease(choiceOf(modelRecord, spec), ModelUse::Long, context.stop);
    model->pipeline->setCachedOnly(false);
    RunContext seeded = context;
    seeded.seed = spec.seed;
    TaskOutput output = task.run({samples, *model->pipeline, complete.params, false}, seeded);
    context.throwIfCancelled();

    complete.model = modelRecord.name;
    record.task = task.info.id;
    record.title = task.info.title;
    if (spec.labels == Labels::Corrected)
        record.title += fmt::format(", labels as corrected: {} of {}", corrected, samples.samples.size());
    if (!complete.samples.all())
        record.title += fmt::format(", {} of {} samples", samples.samples.size(), dataset.sampleCount);
    record.datasetId = dataset.id;
    record.datasetName = dataset.name;
    record.datasetFingerprint = fingerprint;
    record.modelName = modelRecord.name;
    record.modelFingerprint = model->model->info().fingerprint;
    record.wallSeconds = secondsSince(start);
    record.programVersion = programVersion();
    record.device = deviceName(model->model->compute().device);
    record.precision = precisionName(model->model->compute().precision);
    record.seed = spec.seed;
    const std::string choice = describe(complete.samples);
    keepSampleList(complete, samples, m_workspace, dataset.id);
    writePromptFiles(m_workspace, task.info, complete.params);
    record.spec = complete.toJson();
    record.command = complete.command(m_workspace.path());
    record.metrics = std::move(output.metrics);
    record.classNames = samples.classNames;
    record.details = std::move(output.details);
    record.details["preprocessing"] = model->model->imageKey();
    record.details["protocol"] = protocolFacts(
        {m_workspace, task.info, complete, *model->model, modelRecord.directory, samples, corrected});
    if (!complete.samples.all())
        record.details["samples"] = {
            {"count", samples.samples.size()}, {"of", dataset.sampleCount}, {"choice", choice}};
    warnOfTransparency(*model->pipeline, model->model->compute().alpha, samples, record.details);
    return m_workspace.addRun(record, output.examples);
}

std::string Evaluator::unsuitable(const RunSpec& spec) {
    const TaskDataset samples = askedFor(m_workspace, spec, m_catalog.dataset(spec.dataset)).samples;
    const std::string why = findTask(spec.task).unsuitable(samples);
    const auto model = m_workspace.findModel(spec.model);
    if (!why.empty() || !model || hasClips(samples))
        return why;
    const int frames = ModelInfo::fromJson(model->info, "model " + model->name).frames;
    return frames > 1 ? fmt::format("it holds pictures, and {} takes clips of {} frames", model->name, frames)
                      : "";
}

Preview Evaluator::preview(const RunSpec& spec, const RunContext& context) {
    const Task& task = findTask(spec.task);
    if (!task.info.hasPreview)
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} has no preview", task.info.title));
    const auto start = std::chrono::steady_clock::now();
    const Json params = withKeptPrompts(m_workspace, task.info, completeParams(task.info, spec.params));
    const ModelRecord record = m_catalog.model(spec.model);
    const Faces needed = task.info.needsModel(params);
    const TaskDataset samples = askedFor(m_workspace, spec, m_catalog.dataset(spec.dataset)).samples;
    m_catalog.requireFaces(record, needed, task.info.title, hasClips(samples));
    Preview preview;
    preview.examples = samples.samples.size();
    preview.unsuitable = task.unsuitable(samples);
    if (!preview.unsuitable.empty())
        return preview;
    const auto model = m_models.leaseUnlessBusy(choiceOf(record, spec), context.stop);
    if (!model) {
        preview.answer = Answer::Busy;
        return preview;
    }
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    pipeline.setCachedOnly(true);
    // Matching is too slow to follow somebody typing.
    if (needed.matching || !pipeline.covers(sampleIds(samples), ImageFeature::Projected, context)) {
        preview.answer = Answer::NotEncoded;
        return preview;
    }
    preview.metrics = task.run({samples, pipeline, params, true}, context).metrics;
    preview.milliseconds = secondsSince(start) * 1000;
    return preview;
}

Recount Evaluator::recount(const RunSpec& spec, const RunRecord& run, const RunContext& context) {
    const Task& task = findTask(spec.task);
    if (!run.datasetId)
        throw Error(ErrorCode::NotFound,
                    fmt::format("The dataset '{}' of run {} was removed", run.datasetName, run.id.value));
    const DatasetInfo dataset = m_workspace.dataset(run.datasetId);
    const Json params = completeParams(task.info, spec.params);
    const auto [samples, corrected, fingerprint] = askedFor(m_workspace, spec, dataset);
    const ModelRecord record = m_catalog.model(spec.model);
    const ModelLease model = m_models.lease(choiceOf(record, spec), ModelUse::Short, context.stop);
    if (model->model->info().fingerprint != run.modelFingerprint)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is another checkpoint now than in run {}; evaluate again", record.name,
                                run.id.value));
    EmbeddingPipeline& pipeline = *model->pipeline;
    pipeline.setCachedOnly(true);
    if (!task.info.needsModel(params).matching &&
        !pipeline.covers(sampleIds(samples), ImageFeature::Projected, context))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Not all images of '{}' are encoded with '{}' any more; evaluate again",
                                dataset.name, record.name));
    RunContext seeded = context;
    seeded.seed = spec.seed;
    Recount out{task.run({samples, pipeline, params, false}, seeded), {}};
    if (fingerprint != run.datasetFingerprint)
        out.note = fmt::format("The dataset '{}' has changed since the run", dataset.name);
    else if (precisionName(model->model->compute().precision) != run.precision)
        out.note = fmt::format("The run was in {}, this is in {}", run.precision,
                               precisionName(model->model->compute().precision));
    return out;
}

namespace {

/// The images of a task's dataset that have labels and could be read.
WorkbenchImages workbenchImages(const TaskDataset& samples, ImageEmbeddings images) {
    WorkbenchImages out;
    out.classNames = samples.classNames;
    out.unreadable = images.failures.size();
    out.ids = std::move(images.ids);
    for (const size_t position : images.positions)
        out.labels.push_back(samples.samples[position].label);
    out.rows = std::move(images.rows);
    return out;
}

TaskDataset labelledSamples(TaskDataset samples) {
    std::erase_if(samples.samples, [](const TaskSample& sample) { return sample.label < 0; });
    if (samples.classNames.size() < 2 || samples.samples.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("Prompts are tried on images with labels of at least two classes; '{}' has {} "
                        "classes and {} labelled images here",
                        samples.name, samples.classNames.size(), samples.samples.size()));
    return samples;
}

} // namespace

OpenedWorkbench Evaluator::openWorkbench(const RunSpec& spec, bool encodeMissing, const RunContext& context) {
    const TaskDataset samples =
        labelledSamples(askedFor(m_workspace, spec, m_catalog.dataset(spec.dataset)).samples);
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(record, bothEmbeddings({}), "The prompt workbench", hasClips(samples));
    const ModelChoice choice = choiceOf(record, spec);
    const auto model = encodeMissing ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                                     : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, nullptr};
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    pipeline.setCachedOnly(!encodeMissing);
    if (!encodeMissing && !pipeline.covers(sampleIds(samples), ImageFeature::Projected, context))
        return {Answer::NotEncoded, nullptr};
    WorkbenchImages images =
        workbenchImages(samples, pipeline.images(sampleIds(samples), ImageFeature::Projected, context));
    if (images.ids.empty())
        throw Error(ErrorCode::Unreadable,
                    fmt::format("None of the labelled images of '{}' could be read", samples.name));
    images.dataset = spec.dataset;
    images.model = record.name;
    images.split = spec.split;
    images.similarity = pipeline.similarity();
    const auto encode = [&models = m_models, choice](std::span<const std::string> texts,
                                                     const RunContext& encoding) {
        const ModelLease lease = models.lease(choice, ModelUse::Short, encoding.stop);
        return lease->pipeline->texts(texts, encoding);
    };
    return {Answer::Ready, std::make_shared<PromptWorkbench>(std::move(images), encode)};
}

} // namespace diptych
