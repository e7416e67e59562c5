// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/base/file.h"
#include "core/probe/neighbours.h"
#include "core/run/embedding_pipeline.h"
#include "core/session/weight_hash_keeper.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <mutex>

namespace diptych {
namespace {

std::string nowUtc() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One model with its resolved device and precision, and the pipeline that caches for it. Weights load on
/// first use.
struct LoadedModel {
    std::string key; ///< which model record, device, precision and thread count this is
    std::shared_ptr<const Checkpoint> checkpoint;
    std::unique_ptr<Model> model;
    std::unique_ptr<EmbeddingPipeline> pipeline;
};

/// The embeddings of the dataset that was searched last.
struct SearchIndex {
    std::string key; ///< of model, precision, dataset and split
    ImageEmbeddings images;
};

} // namespace

std::string programVersion() {
    return DIPTYCH_VERSION;
}

struct Session::Private {
    std::unique_ptr<Workspace> workspace;
    std::mutex modelMutex; ///< guards current and whatever uses the encoder
    std::unique_ptr<LoadedModel> current;
    SearchIndex searched; ///< guarded by modelMutex

    ModelRecord findOrAddModel(const std::string& nameOrDirectory, Session& session,
                               const RunContext& context);
    LoadedModel& loadedModel(const ModelRecord& record, const RunSpec& spec);
    DatasetInfo findDataset(const std::string& name);
    const ImageEmbeddings& searchIndex(LoadedModel& model, const SearchQuery& query,
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

ModelRecord Session::Private::findOrAddModel(const std::string& nameOrDirectory, Session& session,
                                             const RunContext& context) {
    if (const auto found = workspace->findModel(nameOrDirectory))
        return *found;
    std::error_code ignored;
    if (!std::filesystem::is_directory(nameOrDirectory, ignored)) {
        std::string known;
        for (const ModelRecord& model : workspace->models())
            known += (known.empty() ? "" : ", ") + model.name;
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no model '{}' in {}, nor a checkpoint folder of that name{}",
                                nameOrDirectory, displayPath(workspace->path()),
                                known.empty() ? "" : "; it has: " + known));
    }
    if (workspace->readOnly()) {
        const auto folder = std::filesystem::weakly_canonical(nameOrDirectory, ignored);
        for (ModelRecord& model : workspace->models())
            if (std::filesystem::weakly_canonical(model.directory, ignored) == folder)
                return std::move(model);
    }
    return workspace->model(session.addModel(nameOrDirectory, context));
}

LoadedModel& Session::Private::loadedModel(const ModelRecord& record, const RunSpec& spec) {
    const Compute compute = resolveCompute({spec.device, spec.precision, spec.threads});
    auto checkpoint = Checkpoint::open(record.directory);
    const WeightHashKeeper keeper(*workspace, *checkpoint);
    const std::string key = fmt::format("{} {} {} {}", checkpoint->fingerprint(), deviceName(compute.device),
                                        precisionName(compute.precision), compute.threads);
    if (current && current->key == key)
        return *current;
    auto loaded = std::make_unique<LoadedModel>();
    loaded->key = key;
    loaded->checkpoint = std::move(checkpoint);
    loaded->model = openModel(loaded->checkpoint, compute);
    loaded->pipeline = std::make_unique<EmbeddingPipeline>(*workspace, *loaded->model);
    current = std::move(loaded);
    return *current;
}

Session::Session(std::unique_ptr<Private> d) : m_d(std::move(d)) {}

Session::~Session() = default;

std::shared_ptr<Session> Session::open(const std::filesystem::path& workspace, WorkspaceMode mode) {
    auto d = std::make_unique<Private>();
    d->workspace = Workspace::open(workspace, {mode});
    return std::shared_ptr<Session>(new Session(std::move(d)));
}

std::shared_ptr<Session> Session::openOrCreate(const std::filesystem::path& workspace) {
    auto d = std::make_unique<Private>();
    d->workspace = Workspace::openOrCreate(workspace);
    return std::shared_ptr<Session>(new Session(std::move(d)));
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
    SampleFilter filter;
    if (!split.empty())
        filter.split = split;
    const auto ids = workspace.sampleIds(dataset, filter);
    for (Sample& sample : workspace.samples(ids))
        out.samples.push_back({sample.id, sample.label, std::move(sample.captions), std::move(sample.split),
                               std::move(sample.attributes)});
    if (out.samples.empty() && !split.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no samples in split '{}'", out.name, split));
    return out;
}

std::vector<ItemFailure> Session::encode(const RunSpec& spec, const RunContext& context) {
    const std::lock_guard lock(m_d->modelMutex);
    LoadedModel& model = m_d->loadedModel(m_d->findOrAddModel(spec.model, *this, context), spec);
    const DatasetInfo dataset = m_d->findDataset(spec.dataset);
    SampleFilter filter;
    if (!spec.split.empty())
        filter.split = spec.split;
    model.pipeline->setCachedOnly(false);
    const auto ids = m_d->workspace->sampleIds(dataset.id, filter);
    return model.pipeline->images(ids, ImageFeature::Projected, context).failures;
}

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

    const std::lock_guard lock(m_d->modelMutex);
    const ModelRecord modelRecord = m_d->findOrAddModel(spec.model, *this, context);
    LoadedModel& model = m_d->loadedModel(modelRecord, spec);
    model.pipeline->setCachedOnly(false);
    RunContext seeded = context;
    seeded.seed = spec.seed;
    TaskOutput output = task.run({samples, *model.pipeline, complete.params, false}, seeded);
    context.throwIfCancelled();

    complete.model = modelRecord.name;
    record.task = task.info.id;
    record.title = task.info.title;
    record.datasetId = dataset.id;
    record.datasetName = dataset.name;
    record.datasetFingerprint = dataset.fingerprint;
    record.modelName = modelRecord.name;
    record.modelFingerprint = model.model->info().fingerprint;
    record.spec = complete.toJson();
    record.wallSeconds = secondsSince(start);
    record.programVersion = programVersion();
    record.device = deviceName(model.model->compute().device);
    record.precision = precisionName(model.model->compute().precision);
    record.seed = spec.seed;
    record.command = complete.command(m_d->workspace->path());
    record.metrics = std::move(output.metrics);
    record.classNames = samples.classNames;
    record.details = std::move(output.details);
    record.details["preprocessing"] = model.model->imageKey();
    return m_d->workspace->addRun(record, output.examples);
}

std::optional<Preview> Session::preview(const RunSpec& spec, const RunContext& context) {
    const Task& task = findTask(spec.task);
    if (!task.info.hasPreview)
        return std::nullopt;
    const auto start = std::chrono::steady_clock::now();
    const Json params = completeParams(task.info, spec.params);
    const DatasetInfo dataset = m_d->findDataset(spec.dataset);
    const std::lock_guard lock(m_d->modelMutex);
    context.throwIfCancelled();
    const auto record = m_d->workspace->findModel(spec.model);
    if (!record)
        return std::nullopt;
    LoadedModel& model = m_d->loadedModel(*record, spec);
    const TaskDataset samples = taskDataset(dataset.id, spec.split);
    if (!task.unsuitable(samples).empty())
        return std::nullopt;
    model.pipeline->setCachedOnly(true);
    try {
        TaskOutput output = task.run({samples, *model.pipeline, params, true}, context);
        return Preview{std::move(output.metrics), samples.samples.size(), secondsSince(start) * 1000};
    } catch (const Error& error) {
        if (error.code() == ErrorCode::NotFound)
            return std::nullopt;
        throw;
    }
}

const ImageEmbeddings& Session::Private::searchIndex(LoadedModel& model, const SearchQuery& query,
                                                     const RunContext& context) {
    const DatasetInfo dataset = findDataset(query.dataset);
    const std::string key =
        fmt::format("{} {} {} {}", model.key, dataset.id.value, dataset.fingerprint, query.split);
    if (searched.key == key)
        return searched.images;
    SampleFilter filter;
    if (!query.split.empty())
        filter.split = query.split;
    const auto ids = workspace->sampleIds(dataset.id, filter);
    model.pipeline->setCachedOnly(!query.encodeMissing || workspace->readOnly());
    searched = {}; // the old one goes before the new one comes
    searched.images = model.pipeline->images(ids, ImageFeature::Projected, context);
    if (searched.images.ids.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no images that can be searched{}", dataset.name,
                                query.split.empty() ? "" : " in split " + query.split));
    searched.key = key;
    return searched.images;
}

std::vector<SearchHit> Session::search(const SearchQuery& query, const RunContext& context) {
    if (query.text.empty() == query.image.empty())
        throw Error(ErrorCode::InvalidArgument, "A search needs a text or a picture, one of the two");
    if (query.limit == 0)
        return {};
    RunSpec spec;
    spec.device = query.device;
    spec.precision = query.precision;
    spec.threads = query.threads;
    // Before anything is encoded: a picture that cannot be read ends the search at once.
    std::optional<Image> picture;
    if (!query.image.empty()) {
        Result<Image> decoded = decodeImage(query.image);
        if (!decoded)
            throw decoded.error();
        picture = std::move(*decoded);
    }
    const std::lock_guard lock(m_d->modelMutex);
    context.throwIfCancelled();
    LoadedModel& model = m_d->loadedModel(m_d->findOrAddModel(query.model, *this, context), spec);
    const ImageEmbeddings& index = m_d->searchIndex(model, query, context);
    context.throwIfCancelled();
    Matrix wanted;
    if (picture) {
        const Prepared prepared = model.model->prepare(*picture);
        wanted = model.model->embedder()->embedImages(std::span(&prepared, 1), ImageFeature::Projected);
    } else {
        model.pipeline->setCachedOnly(true); // words being typed are not worth rows on disk
        wanted = model.pipeline->texts(std::span(&query.text, 1), context);
    }
    const auto nearest = nearestNeighbours(wanted, index.rows, query.limit, context);
    std::vector<SearchHit> hits;
    for (const Neighbour& found : nearest.front())
        hits.push_back({index.ids[found.index], found.similarity});
    return hits;
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

std::vector<std::string> Session::classNames(RunId run) {
    return m_d->workspace->run(run).classNames;
}

} // namespace diptych
