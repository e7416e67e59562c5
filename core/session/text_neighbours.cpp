// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/text_neighbours.h"

#include "core/probe/neighbours.h"
#include "core/tasks/class_prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace diptych {
namespace {

/// All texts of a dataset and whose they are.
struct Texts {
    std::vector<TextNeighbour> all;
    std::vector<size_t> own; ///< those of the sample asked about
    size_t mostOfOne = 1;    ///< captions that one sample has
};

Texts captionsOf(const Workspace& workspace, const Sample& sample) {
    Texts texts;
    const auto ids = workspace.sampleIds(sample.dataset);
    for (const Sample& other : workspace.samples(ids)) {
        texts.mostOfOne = std::max(texts.mostOfOne, other.captions.size());
        for (const std::string& caption : other.captions) {
            if (other.id == sample.id)
                texts.own.push_back(texts.all.size());
            texts.all.push_back({other.id, -1, caption, 0});
        }
    }
    return texts;
}

Texts classesOf(const Workspace& workspace, const Sample& sample) {
    Texts texts;
    const auto names = workspace.classNames(sample.dataset);
    for (size_t i = 0; i < names.size(); ++i)
        texts.all.push_back({{}, static_cast<int>(i), names[i], 0});
    if (sample.label >= 0)
        texts.own.push_back(static_cast<size_t>(sample.label));
    return texts;
}

/// Of every sample (or class) but the own one its text that is nearest to one of the own.
std::vector<TextNeighbour> nearestTexts(const Texts& texts, const Matrix& rows, size_t limit,
                                        const RunContext& context) {
    Matrix own(texts.own.size(), rows.cols());
    for (size_t i = 0; i < texts.own.size(); ++i)
        std::ranges::copy(rows.row(texts.own[i]), own.row(i).begin());
    // So many that, whatever repeats, so many different ones are among them.
    const size_t wanted = (limit + 1) * texts.mostOfOne;
    std::vector<Neighbour> found;
    for (const auto& ofOne : nearestNeighbours(own, rows, wanted, context))
        found.insert(found.end(), ofOne.begin(), ofOne.end());
    std::stable_sort(found.begin(), found.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
    });
    const auto whose = [&](size_t index) {
        const TextNeighbour& text = texts.all[index];
        return text.sample ? text.sample.value : -1 - text.label;
    };
    std::vector<int64_t> seen{whose(texts.own.front())};
    std::vector<TextNeighbour> nearest;
    for (const Neighbour& neighbour : found) {
        const int64_t owner = whose(neighbour.index);
        if (nearest.size() == limit || std::find(seen.begin(), seen.end(), owner) != seen.end())
            continue;
        seen.push_back(owner);
        nearest.push_back(texts.all[neighbour.index]);
        nearest.back().cosine = neighbour.similarity;
    }
    return nearest;
}

} // namespace

TextNeighbours TextFinder::find(const TextNeighbourQuery& query, const RunContext& context) {
    const Sample sample = m_workspace.sample(query.sample);
    const bool captioned = !sample.captions.empty();
    const Texts texts = captioned ? captionsOf(m_workspace, sample) : classesOf(m_workspace, sample);
    if (texts.own.empty())
        throw Error(ErrorCode::NotFound,
                    "The image has neither caption nor class: there is no text of it to compare");
    TextNeighbours result;
    result.texts = texts.all.size();
    std::vector<std::string> words;
    for (const TextNeighbour& text : texts.all)
        words.push_back(text.text);
    for (const size_t own : texts.own)
        result.own.push_back(words[own]);
    if (!query.encodeMissing && words.size() > TextNeighbourQuery::kFewTexts) {
        result.answer = Answer::NotEncoded;
        return result;
    }
    const ModelRecord record = m_catalog.modelOrAdd(query.model, context);
    m_catalog.requireFaces(record, {.textEmbeddings = true}, "Neighbours by text");
    const ModelChoice choice{record.directory, query.compute};
    const auto model = query.encodeMissing
                           ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                           : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model) {
        result.answer = Answer::Busy;
        return result;
    }
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    pipeline.setCachedOnly(!query.encodeMissing || m_workspace.readOnly());
    const Matrix rows = captioned ? pipeline.texts(words, context)
                                  : classEmbeddings(pipeline, words, promptSetOf("simple"), context);
    result.nearest = nearestTexts(texts, rows, query.limit, context);
    return result;
}

TextScore scoreAmong(std::span<const SearchHit> hits, SampleId sample) {
    const auto own =
        std::find_if(hits.begin(), hits.end(), [&](const SearchHit& hit) { return hit.sample == sample; });
    if (own == hits.end())
        throw Error(ErrorCode::NotFound, "The image cannot be read, so no text has a score with it");
    TextScore score;
    score.cosine = static_cast<double>(own->cosine);
    score.count = hits.size();
    double less = 0, same = 0;
    score.least = score.most = score.cosine;
    for (const SearchHit& hit : hits) {
        const auto cosine = static_cast<double>(hit.cosine);
        less += hit.cosine < own->cosine ? 1 : 0;
        same += hit.cosine == own->cosine ? 1 : 0;
        score.least = std::min(score.least, cosine);
        score.most = std::max(score.most, cosine);
    }
    const double others = static_cast<double>(hits.size()) - 1;
    score.rank = hits.size() - static_cast<size_t>(less + same) + 1;
    score.percentile =
        others > 0 ? 100 * (less + (same - 1) / 2) / others : std::numeric_limits<double>::quiet_NaN();
    return score;
}

} // namespace diptych
