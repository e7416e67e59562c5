// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/base/file.h"
#include "core/probe/neighbours.h"
#include "core/session/model_pool.h"
#include "core/session/weight_hash_keeper.h"
#include "core/tasks/task_support.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace diptych {
namespace {

std::string nowUtc() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

SampleFilter filterOf(const std::string& split) {
    SampleFilter filter;
    if (!split.empty())
        filter.split = split;
    return filter;
}

ModelChoice choiceOf(const ModelRecord& record, const RunSpec& spec) {
    return {record.directory, {spec.device, spec.precision, spec.threads, spec.alpha}};
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

std::string programVersion() {
    return DIPTYCH_VERSION;
}

struct Session::Private {
    explicit Private(std::unique_ptr<Workspace> opened) : workspace(std::move(opened)), models(*workspace) {}

    std::unique_ptr<Workspace> workspace;
    ModelPool models;

    ModelRecord findModel(const std::string& name);
    ModelRecord findOrAddModel(const std::string& nameOrDirectory, Session& session,
                               const RunContext& context);
    DatasetInfo findDataset(const std::string& name);
    const ImageEmbeddings* searchIndex(LoadedModel& model, const SearchQuery& query,
                                       const RunContext& context);
};

DatasetInfo Session::Private::findDataset(const std::string& name) {
    if (const auto found = workspace->findDataset(name))
        return *found;
    std::string known;
    for (const DatasetInfo& dataset : workspace->datasets())
        known += (known.empty() ? "" : ", ") + dataset.name;
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no dataset '{}' in {}; {}", name, displayPath(workspace->path()),
                            known.empty() ? "import one first (diptych import)" : "it has: " + known));
}

ModelRecord Session::Private::findModel(const std::string& name) {
    if (const auto found = workspace->findModel(name))
        return *found;
    std::string known;
    for (const ModelRecord& model : workspace->models())
        known += (known.empty() ? "" : ", ") + model.name;
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no model '{}' in {}, nor a checkpoint folder of "
                            "that name{}",
                            name, displayPath(workspace->path()), known.empty() ? "" : "; it has: " + known));
}

ModelRecord Session::Private::findOrAddModel(const std::string& nameOrDirectory, Session& session,
                                             const RunContext& context) {
    std::error_code ignored;
    if (workspace->findModel(nameOrDirectory) || !std::filesystem::is_directory(nameOrDirectory, ignored))
        return findModel(nameOrDirectory);
    if (workspace->readOnly()) {
        const auto folder = std::filesystem::weakly_canonical(nameOrDirectory, ignored);
        for (ModelRecord& model : workspace->models())
            if (std::filesystem::weakly_canonical(model.directory, ignored) == folder)
                return std::move(model);
    }
    return workspace->model(session.addModel(nameOrDirectory, context));
}

Session::Session(std::unique_ptr<Private> d) : m_d(std::move(d)) {}

Session::~Session() = default;

std::shared_ptr<Session> Session::open(const std::filesystem::path& workspace, WorkspaceMode mode) {
    return std::shared_ptr<Session>(
        new Session(std::make_unique<Private>(Workspace::open(workspace, {mode}))));
}

std::shared_ptr<Session> Session::openOrCreate(const std::filesystem::path& workspace) {
    return std::shared_ptr<Session>(
        new Session(std::make_unique<Private>(Workspace::openOrCreate(workspace))));
}

Workspace& Session::workspace() {
    return *m_d->workspace;
}

DatasetId Session::importDataset(const std::filesystem::path& source, const std::string& name,
                                 const ImportOptions& options, const RunContext& context) {
    const DatasetIndex index = diptych::importDataset(source, options, context);
    if (const auto existing = m_d->workspace->findDataset(name)) {
        m_d->workspace->replaceDataset(existing->id, index, context);
        return existing->id;
    }
    return m_d->workspace->addDataset(name, index, context);
}

ModelId Session::addModel(const std::filesystem::path& directory, const RunContext& context) {
    context.begin("Checking the checkpoint", 0);
    const auto checkpoint = Checkpoint::open(directory);
    const WeightHashKeeper keeper(*m_d->workspace, *checkpoint);
    const ModelInfo info = inspectModel(*checkpoint);
    // A checkpoint whose tokenizer or preprocessing is missing is found out here rather than in the first
    // run.
    checkpoint->tokenizer();
    checkpoint->imageProcessor();
    return m_d->workspace->addModel(std::filesystem::absolute(checkpoint->directory()), checkpoint->name(),
                                    info.toJson(), info.fingerprint);
}

void Session::relocateModel(ModelId model, const std::filesystem::path& directory,
                            const RunContext& context) {
    context.begin("Checking the checkpoint", 0);
    const auto checkpoint = Checkpoint::open(directory);
    const ModelInfo info = inspectModel(*checkpoint);
    m_d->workspace->relocateModel(model, checkpoint->directory(), info.toJson(), info.fingerprint);
}

ModelInfo Session::modelInfo(ModelId model) {
    const auto checkpoint = Checkpoint::open(m_d->workspace->model(model).directory);
    const WeightHashKeeper keeper(*m_d->workspace, *checkpoint);
    return inspectModel(*checkpoint);
}

TaskDataset Session::taskDataset(DatasetId dataset, const std::string& split) {
    TaskDataset out;
    Workspace& workspace = *m_d->workspace;
    out.name = workspace.dataset(dataset).name;
    out.classNames = workspace.classNames(dataset);
    const auto ids = workspace.sampleIds(dataset, filterOf(split));
    for (Sample& sample : workspace.samples(ids))
        out.samples.push_back({sample.id, sample.label, std::move(sample.captions), std::move(sample.split),
                               std::move(sample.attributes)});
    if (out.samples.empty() && !split.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no samples in split '{}'", out.name, split));
    return out;
}

std::vector<ItemFailure> Session::encode(const RunSpec& spec, const RunContext& context) {
    const DatasetInfo dataset = m_d->findDataset(spec.dataset);
    const ModelLease model = m_d->models.lease(
        choiceOf(m_d->findOrAddModel(spec.model, *this, context), spec), ModelUse::Long, context.stop);
    model->pipeline->setCachedOnly(false);
    const auto ids = m_d->workspace->sampleIds(dataset.id, filterOf(spec.split));
    return model->pipeline->images(ids, ImageFeature::Projected, context).failures;
}

namespace {

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
        "{} of {} images {} transparency; the model saw {} (--alpha {} for {})", count, ids.size(),
        count == 1 ? "has" : "have", drop ? "the colours stored under it" : "it over white",
        drop ? "white" : "drop",
        drop ? "transparency over white, as transformers from 5.24 on" : "the colours stored under it"));
}

} // namespace

RunId Session::run(const RunSpec& spec, const RunContext& context) {
    const auto start = std::chrono::steady_clock::now();
    const Task& task = findTask(spec.task);
    RunSpec complete = spec;
    complete.params = completeParams(task.info, spec.params);

    RunRecord record;
    record.startedAt = nowUtc();
    const DatasetInfo dataset = m_d->findDataset(spec.dataset);
    const TaskDataset samples = taskDataset(dataset.id, spec.split);
    if (const std::string why = task.unsuitable(samples); !why.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} cannot run on dataset '{}': {}", task.info.title, dataset.name, why));

    const ModelRecord modelRecord = m_d->findOrAddModel(spec.model, *this, context);
    const ModelLease model = m_d->models.lease(choiceOf(modelRecord, spec), ModelUse::Long, context.stop);
    model->pipeline->setCachedOnly(false);
    RunContext seeded = context;
    seeded.seed = spec.seed;
    TaskOutput output = task.run({samples, *model->pipeline, complete.params, false}, seeded);
    context.throwIfCancelled();

    complete.model = modelRecord.name;
    record.task = task.info.id;
    record.title = task.info.title;
    record.datasetId = dataset.id;
    record.datasetName = dataset.name;
    record.datasetFingerprint = dataset.fingerprint;
    record.modelName = modelRecord.name;
    record.modelFingerprint = model->model->info().fingerprint;
    record.spec = complete.toJson();
    record.wallSeconds = secondsSince(start);
    record.programVersion = programVersion();
    record.device = deviceName(model->model->compute().device);
    record.precision = precisionName(model->model->compute().precision);
    record.seed = spec.seed;
    record.command = complete.command(m_d->workspace->path());
    record.metrics = std::move(output.metrics);
    record.classNames = samples.classNames;
    record.details = std::move(output.details);
    record.details["preprocessing"] = model->model->imageKey();
    warnOfTransparency(*model->pipeline, model->model->compute().alpha, samples, record.details);
    return m_d->workspace->addRun(record, output.examples);
}

std::string Session::unsuitable(const RunSpec& spec) {
    return findTask(spec.task).unsuitable(taskDataset(m_d->findDataset(spec.dataset).id, spec.split));
}

Preview Session::preview(const RunSpec& spec, const RunContext& context) {
    const Task& task = findTask(spec.task);
    if (!task.info.hasPreview)
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} has no preview", task.info.title));
    const auto start = std::chrono::steady_clock::now();
    const Json params = completeParams(task.info, spec.params);
    const ModelRecord record = m_d->findModel(spec.model);
    const TaskDataset samples = taskDataset(m_d->findDataset(spec.dataset).id, spec.split);
    Preview preview;
    preview.examples = samples.samples.size();
    preview.unsuitable = task.unsuitable(samples);
    if (!preview.unsuitable.empty())
        return preview;
    const auto model = m_d->models.leaseUnlessBusy(choiceOf(record, spec), context.stop);
    if (!model) {
        preview.answer = Answer::Busy;
        return preview;
    }
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    pipeline.setCachedOnly(true);
    if (!pipeline.covers(sampleIds(samples), ImageFeature::Projected, context)) {
        preview.answer = Answer::NotEncoded;
        return preview;
    }
    preview.metrics = task.run({samples, pipeline, params, true}, context).metrics;
    preview.milliseconds = secondsSince(start) * 1000;
    return preview;
}

/// Null if images lack and may not be encoded.
const ImageEmbeddings* Session::Private::searchIndex(LoadedModel& model, const SearchQuery& query,
                                                     const RunContext& context) {
    const DatasetInfo dataset = findDataset(query.dataset);
    const std::string key = fmt::format("{} {} {}", dataset.id.value, dataset.fingerprint, query.split);
    if (model.searched.key == key)
        return &model.searched.images;
    const auto ids = workspace->sampleIds(dataset.id, filterOf(query.split));
    const bool cachedOnly = !query.encodeMissing || workspace->readOnly();
    model.pipeline->setCachedOnly(cachedOnly);
    if (cachedOnly && !model.pipeline->covers(ids, ImageFeature::Projected, context))
        return nullptr;
    model.searched = {}; // the old one goes before the new one comes
    model.searched.images = model.pipeline->images(ids, ImageFeature::Projected, context);
    if (model.searched.images.ids.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no images that can be searched{}", dataset.name,
                                query.split.empty() ? "" : " in split " + query.split));
    model.searched.key = key;
    return &model.searched.images;
}

namespace {

/// The picture a query is about, if it is about one; before anything is encoded: one that cannot be read ends
/// the search at once.
std::optional<Image> queryPicture(const SearchQuery& query, const Workspace& workspace) {
    if (!query.text.empty())
        return std::nullopt;
    Result<Image> decoded = decodeImage(query.sample ? workspace.sample(query.sample).path : query.image);
    if (!decoded)
        throw decoded.error();
    return std::move(*decoded);
}

Matrix queryRow(LoadedModel& model, const SearchQuery& query, const std::optional<Image>& picture,
                const RunContext& context) {
    if (!picture) {
        model.pipeline->setCachedOnly(true); // words being typed are not worth rows on disk
        return model.pipeline->texts(std::span(&query.text, 1), context);
    }
    const Prepared prepared = model.model->prepare(*picture);
    return model.model->embedder()->embedImages(std::span(&prepared, 1), ImageFeature::Projected);
}

} // namespace

SearchResult Session::search(const SearchQuery& query, const RunContext& context) {
    if (int(!query.text.empty()) + int(!query.image.empty()) + int(bool(query.sample)) != 1)
        throw Error(ErrorCode::InvalidArgument, "A search needs a text or a picture, one of the two");
    if (query.limit == 0)
        return {};
    const std::optional<Image> picture = queryPicture(query, *m_d->workspace);
    const ModelChoice choice{m_d->findOrAddModel(query.model, *this, context).directory,
                             {query.device, query.precision, query.threads, query.alpha}};
    const auto model = query.encodeMissing
                           ? std::optional(m_d->models.lease(choice, ModelUse::Long, context.stop))
                           : m_d->models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, {}};
    const ImageEmbeddings* index = m_d->searchIndex(**model, query, context);
    if (!index)
        return {Answer::NotEncoded, {}};
    context.throwIfCancelled();
    const auto nearest =
        nearestNeighbours(queryRow(**model, query, picture, context), index->rows, query.limit, context);
    SearchResult result;
    for (const Neighbour& found : nearest.front())
        result.hits.push_back({index->ids[found.index], found.similarity});
    return result;
}

Result<Image> Session::image(SampleId sample) {
    return decodeImage(m_d->workspace->sample(sample).path);
}

Result<Image> Session::thumbnail(SampleId sample, int side) {
    const auto found = m_d->workspace->samples(std::span(&sample, 1), SampleDetail::Basic);
    if (found.empty())
        return failure(ErrorCode::NotFound,
                       fmt::format("Sample {} is no longer in the workspace", sample.value));
    return decodeThumbnail(found.front().path, side);
}

Result<Image> Session::modelImage(SampleId sample, ModelId model) {
    const auto checkpoint = Checkpoint::open(m_d->workspace->model(model).directory);
    const Result<Image> decoded = image(sample);
    if (!decoded)
        return decoded;
    return checkpoint->imageProcessor().resized(*decoded);
}

std::vector<std::string> Session::classNames(RunId run) {
    return m_d->workspace->run(run).classNames;
}

} // namespace diptych
