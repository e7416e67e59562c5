// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searcher.h"

#include "core/image/image.h"
#include "core/session/searched_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {

struct Searcher::Prepared {
    Answer answer = Answer::Ready;
    std::shared_ptr<SearchedDataset> searched;
    Matrix query; ///< [1, d], of length 1
};

namespace {

/// What is left of terms that are the same to the model, through rounding.
constexpr double kNothingLeft = 1e-3;

bool isText(const SearchTerm& term) {
    return !term.text.empty();
}

void checkTerms(const SearchQuery& query) {
    if (query.terms.empty())
        throw Error(ErrorCode::InvalidArgument, "A search needs a text or a picture");
    for (const SearchTerm& term : query.terms) {
        if (int(isText(term)) + int(!term.image.empty()) + int(bool(term.sample)) != 1)
            throw Error(ErrorCode::InvalidArgument,
                        "Each term of a search is a text or a picture, one of the two");
        if (!std::isfinite(term.weight) || term.weight == 0)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("A term of a search has the weight {}; it may be any other number "
                                    "than 0",
                                    term.weight));
    }
}

/// The pictures that terms are about, by term; before anything is encoded: one that cannot be read ends the
/// search at once.
std::vector<std::optional<Image>> termPictures(const SearchQuery& query, const Workspace& workspace) {
    std::vector<std::optional<Image>> pictures;
    for (const SearchTerm& term : query.terms) {
        pictures.emplace_back();
        if (isText(term))
            continue;
        Result<Image> decoded = decodeImage(term.sample ? workspace.sample(term.sample).path : term.image);
        if (!decoded)
            throw decoded.error();
        pictures.back() = std::move(*decoded);
    }
    return pictures;
}

Matrix termRow(LoadedModel& model, const SearchTerm& term, const std::optional<Image>& picture,
               const RunContext& context) {
    if (!picture) {
        model.pipeline->setCachedOnly(true); // words being typed are not worth rows on disk
        return model.pipeline->texts(std::span(&term.text, 1), context);
    }
    const Prepared prepared = model.model->prepare({&*picture, 1});
    return model.model->embedder()->embedImages(std::span(&prepared, 1), ImageFeature::Projected);
}

/// The sum of all terms, at length 1.
Matrix queryRow(LoadedModel& model, const SearchQuery& query,
                const std::vector<std::optional<Image>>& pictures, const RunContext& context) {
    std::vector<double> sum;
    for (size_t i = 0; i < query.terms.size(); ++i) {
        context.throwIfCancelled();
        Matrix row = termRow(model, query.terms[i], pictures[i], context);
        normalizeRows(row);
        sum.resize(row.cols());
        for (size_t j = 0; j < sum.size(); ++j)
            sum[j] += query.terms[i].weight * static_cast<double>(row(0, j));
    }
    double square = 0, most = 0;
    for (const double value : sum)
        square += value * value;
    for (const SearchTerm& term : query.terms)
        most = std::max(most, std::abs(term.weight));
    if (!(std::sqrt(square) > kNothingLeft * most))
        throw Error(ErrorCode::InvalidArgument,
                    "The terms of the search are the same to the model and cancel each other out");
    Matrix out(1, sum.size());
    for (size_t j = 0; j < sum.size(); ++j)
        out(0, j) = static_cast<float>(sum[j] / std::sqrt(square));
    return out;
}

/// Compares all, or those within.
void compareAll(const SearchQuery& query, const SearchedDataset& searched, const Matrix& row,
                SearchResult& result, unsigned threads) {
    std::vector<float> scores = cosinesOf(searched.rows(), row.row(0), threads);
    std::vector<uint32_t> rows;
    if (query.within) {
        rows = searched.rowsOf(*query.within);
        for (size_t i = 0; i < rows.size(); ++i) // ascending: none is needed again
            scores[i] = scores[rows[i]];
        scores.resize(rows.size());
    }
    for (const Neighbour& found : largest(scores, query.limit)) {
        if (query.cut && found.similarity < *query.cut)
            break;
        result.hits.push_back(
            {searched.ids()[query.within ? rows[found.index] : found.index], found.similarity});
    }
    const size_t total = scores.size();
    result.scores = ScoreDistribution(std::move(scores), total);
}

} // namespace

/// Null if images lack and may not be encoded.
std::shared_ptr<SearchedDataset> Searcher::searched(LoadedModel& model, const SearchQuery& query,
                                                    const RunContext& context) {
    const DatasetInfo dataset = m_catalog.dataset(query.dataset);
    const std::string key = fmt::format("{} {} {}", dataset.id.value, dataset.fingerprint, query.split);
    if (model.searched && model.searched->key() == key)
        return model.searched;
    const auto ids = m_workspace.sampleIds(dataset.id, inSplit(query.split));
    const bool cachedOnly = !query.encodeMissing || m_workspace.readOnly();
    model.pipeline->setCachedOnly(cachedOnly);
    if (cachedOnly && !model.pipeline->covers(ids, ImageFeature::Projected, context))
        return nullptr;
    model.searched.reset(); // the old one goes before the new one comes
    ImageEmbeddings images = model.pipeline->images(ids, ImageFeature::Projected, context);
    if (images.ids.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no images that can be searched{}", dataset.name,
                                query.split.empty() ? "" : " in split " + query.split));
    model.searched = std::make_shared<SearchedDataset>(key, std::move(images));
    return model.searched;
}

/// All that needs the model, which is free again afterwards.
Searcher::Prepared Searcher::prepare(const SearchQuery& query, const RunContext& context) {
    const auto pictures = termPictures(query, m_workspace);
    const ModelRecord record = m_catalog.modelOrAdd(query.model, context);
    if (std::ranges::any_of(query.terms, isText))
        m_catalog.requireFaces(record, {true, true}, "Search by words");
    else
        m_catalog.requireFaces(record, {.imageEmbeddings = true}, "Search by picture");
    const ModelChoice choice{record.directory, {query.device, query.precision, query.threads, query.alpha}};
    const auto model = query.encodeMissing
                           ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                           : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, {}, {}};
    Prepared out;
    out.searched = searched(**model, query, context);
    if (!out.searched)
        return {Answer::NotEncoded, {}, {}};
    context.throwIfCancelled();
    if (!query.terms.empty())
        out.query = queryRow(**model, query, pictures, context);
    return out;
}

SearchResult Searcher::search(const SearchQuery& query, const RunContext& context) {
    checkTerms(query);
    SearchResult result;
    if (query.limit == 0)
        return result;
    const Prepared prepared = prepare(query, context);
    result.answer = prepared.answer;
    if (result.answer != Answer::Ready)
        return result;
    SearchedDataset& searched = *prepared.searched;
    const bool all = query.cut || query.within;
    if (!all && query.method == SearchMethod::Hnsw)
        searched.buildGraph(context);
    const auto graph = searched.graph();
    result.wantsIndex = !graph && searched.rows().rows() > kMostExactRows;
    if (all || !graph || query.method == SearchMethod::Exact) {
        compareAll(query, searched, prepared.query, result, context.threadCount());
        return result;
    }
    for (const Neighbour& found : graph->nearest(prepared.query.row(0), query.limit))
        result.hits.push_back({searched.ids()[found.index], found.similarity});
    result.method = SearchMethod::Hnsw;
    result.recallAt10 = graph->recallAt10();
    result.scores = ScoreDistribution(
        cosinesOf(searched.sample(), prepared.query.row(0), context.threadCount()), searched.rows().rows());
    return result;
}

Answer Searcher::buildIndex(const SearchQuery& query, const RunContext& context) {
    SearchQuery nothing = query;
    nothing.terms.clear();
    const Prepared prepared = prepare(nothing, context);
    if (prepared.answer == Answer::Ready)
        prepared.searched->buildGraph(context);
    return prepared.answer;
}

} // namespace diptych
