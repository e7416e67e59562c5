// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/session/curator.h"
#include "core/session/embedding_map.h"
#include "core/session/explanation.h"
#include "core/session/prompt_workbench.h"
#include "core/session/searcher.h"
#include "core/session/space_comparison.h"
#include "core/session/text_neighbours.h"
#include "core/session/weight_hash_keeper.h"
#include "core/video/media.h"

#include <fmt/format.h>

namespace diptych {

std::string programVersion() {
    return DIPTYCH_VERSION;
}

struct Session::Private {
    explicit Private(std::unique_ptr<Workspace> opened)
        : workspace(std::move(opened)),
          catalog(*workspace),
          models(*workspace),
          evaluator(*workspace, catalog, models),
          searcher(*workspace, catalog, models),
          mapper(*workspace, catalog, models),
          curator(*workspace, catalog, models),
          textFinder(*workspace, catalog, models),
          explainer(*workspace, models) {}

    std::unique_ptr<Workspace> workspace;
    Catalog catalog;
    ModelPool models;
    Evaluator evaluator;
    Searcher searcher;
    Mapper mapper;
    Curator curator;
    TextFinder textFinder;
    PictureExplainer explainer;
};

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
    return m_d->catalog.addModel(directory, context);
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
    return diptych::taskDataset(*m_d->workspace, dataset, split);
}

std::vector<ItemFailure> Session::encode(const RunSpec& spec, const RunContext& context) {
    return m_d->evaluator.encode(spec, context);
}

RunId Session::run(const RunSpec& spec, const RunContext& context) {
    return m_d->evaluator.run(spec, context);
}

std::string Session::unsuitable(const RunSpec& spec) {
    return m_d->evaluator.unsuitable(spec);
}

Preview Session::preview(const RunSpec& spec, const RunContext& context) {
    return m_d->evaluator.preview(spec, context);
}

Recount Session::recount(const RunSpec& spec, const RunRecord& run, const RunContext& context) {
    return m_d->evaluator.recount(spec, run, context);
}

OpenedWorkbench Session::openWorkbench(const RunSpec& spec, bool encodeMissing, const RunContext& context) {
    return m_d->evaluator.openWorkbench(spec, encodeMissing, context);
}

SearchResult Session::search(const SearchQuery& query, const RunContext& context) {
    return m_d->searcher.search(query, context);
}

Answer Session::buildSearchIndex(const SearchQuery& query, const RunContext& context) {
    return m_d->searcher.buildIndex(query, context);
}

EmbeddingMap Session::embeddingMap(const MapSpec& spec, const RunContext& context,
                                   const FrameCallback& onFrame) {
    return m_d->mapper.map(spec, context, onFrame);
}

SelectionNames Session::nameSelection(const MapSpec& spec, std::span<const SampleId> samples,
                                      std::span<const std::string> words, size_t count,
                                      const RunContext& context) {
    return m_d->mapper.nameSelection(spec, samples, words, count, context);
}

Curator& Session::curator() {
    return m_d->curator;
}

TextNeighbours Session::textNeighbours(const TextNeighbourQuery& query, const RunContext& context) {
    return m_d->textFinder.find(query, context);
}

SpaceComparison Session::compareSpaces(const SpaceSpec& spec, const RunContext& context) {
    return diptych::compareSpaces(*m_d->workspace, m_d->catalog, m_d->models, spec, context);
}

Explanation Session::explain(const ExplainQuery& query, const RunContext& context) {
    return m_d->explainer.explain(query, context);
}

Result<Image> Session::image(SampleId sample) {
    return decodeStill(m_d->workspace->sample(sample).path);
}

Result<Image> Session::thumbnail(SampleId sample, int side) {
    const auto found = m_d->workspace->samples(std::span(&sample, 1), SampleDetail::Basic);
    if (found.empty())
        return failure(ErrorCode::NotFound,
                       fmt::format("Sample {} is no longer in the workspace", sample.value));
    return decodeStillThumbnail(found.front().path, side);
}

Result<Image> Session::modelImage(SampleId sample, ModelId model, Alpha alpha) {
    const auto checkpoint = Checkpoint::open(m_d->workspace->model(model).directory);
    const Result<Image> decoded = image(sample);
    if (!decoded)
        return decoded;
    return checkpoint->imageProcessor(OutputSizes::Any).withAlpha(alpha).resized(*decoded);
}

std::vector<std::string> Session::classNames(RunId run) {
    return m_d->workspace->run(run).classNames;
}

} // namespace diptych
