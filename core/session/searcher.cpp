// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searcher.h"

#include "core/image/image.h"
#include "core/probe/neighbours.h"

#include <fmt/format.h>

namespace diptych {

/// Null if images lack and may not be encoded.
const ImageEmbeddings* Searcher::index(LoadedModel& model, const SearchQuery& query,
                                       const RunContext& context) {
    const DatasetInfo dataset = m_catalog.dataset(query.dataset);
    const std::string key = fmt::format("{} {} {}", dataset.id.value, dataset.fingerprint, query.split);
    if (model.searched.key == key)
        return &model.searched.images;
    const auto ids = m_workspace.sampleIds(dataset.id, inSplit(query.split));
    const bool cachedOnly = !query.encodeMissing || m_workspace.readOnly();
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
    const Prepared prepared = model.model->prepare({&*picture, 1});
    return model.model->embedder()->embedImages(std::span(&prepared, 1), ImageFeature::Projected);
}

} // namespace

SearchResult Searcher::search(const SearchQuery& query, const RunContext& context) {
    if (int(!query.text.empty()) + int(!query.image.empty()) + int(bool(query.sample)) != 1)
        throw Error(ErrorCode::InvalidArgument, "A search needs a text or a picture, one of the two");
    if (query.limit == 0)
        return {};
    const std::optional<Image> picture = queryPicture(query, m_workspace);
    const ModelRecord record = m_catalog.modelOrAdd(query.model, context);
    if (picture)
        m_catalog.requireFaces(record, {.imageEmbeddings = true}, "Search by picture");
    else
        m_catalog.requireFaces(record, {true, true}, "Search by words");
    const ModelChoice choice{record.directory, {query.device, query.precision, query.threads, query.alpha}};
    const auto model = query.encodeMissing
                           ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                           : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, {}};
    const ImageEmbeddings* index = this->index(**model, query, context);
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

} // namespace diptych
