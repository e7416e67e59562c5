// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/embedding_map.h"

#include "core/base/file.h"
#include "core/probe/neighbours.h"
#include "core/projection/approximate_neighbours.h"
#include "core/projection/pca.h"
#include "core/session/map_layout.h"
#include "core/session/modality_gap.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace diptych {
namespace {

/// Weights of a new point's neighbours: falling with the distance behind the nearest one, in units of the
/// mean of those.
std::vector<double> nearnessWeights(std::span<const float> distances) {
    double mean = 0;
    for (const float distance : distances)
        mean += static_cast<double>(distance - distances[0]) / static_cast<double>(distances.size());
    std::vector<double> weights;
    double sum = 0;
    for (const float distance : distances) {
        weights.push_back(mean > 0 ? std::exp(-2 * static_cast<double>(distance - distances[0]) / mean) : 1);
        sum += weights.back();
    }
    for (double& weight : weights)
        weight /= sum;
    return weights;
}

PlacedPoint placeByNeighbours(std::span<const float> row, const Matrix& rows, const Matrix& positions) {
    std::vector<std::pair<float, uint32_t>> found;
    for (size_t i = 0; i < rows.rows(); ++i)
        found.emplace_back(static_cast<float>(distanceOf(row, rows.row(i))), static_cast<uint32_t>(i));
    const size_t count = std::min(kMapNeighbours, found.size());
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count));
    PlacedPoint placed;
    std::vector<float> distances;
    for (size_t j = 0; j < count; ++j) {
        distances.push_back(found[j].first);
        placed.nearest.push_back(found[j].second);
    }
    const std::vector<double> weights = nearnessWeights(distances);
    placed.position.resize(positions.cols());
    for (size_t j = 0; j < count; ++j)
        for (size_t c = 0; c < positions.cols(); ++c)
            placed.position[c] +=
                static_cast<float>(weights[j] * static_cast<double>(positions(found[j].second, c)));
    return placed;
}

std::vector<PlacedPoint> placePoints(const MapSpec& spec, const MapInput& input, const Matrix& positions,
                                     const RunContext& context) {
    std::vector<PlacedPoint> out;
    if (input.placed.rows() == 0)
        return out;
    std::optional<Pca> pca;
    if (spec.axes.empty() && spec.projection.method == ProjectionMethod::Pca)
        pca = fitPca(input.rows, positions.cols(), context);
    const Matrix exact = !spec.axes.empty()
                             ? multiplyTransposed(input.placed, input.axes, context.threadCount())
                         : pca ? pca->transform(input.placed, context.threadCount())
                               : Matrix();
    for (size_t i = 0; i < input.placed.rows(); ++i) {
        context.throwIfCancelled();
        PlacedPoint placed = placeByNeighbours(input.placed.row(i), input.rows, positions);
        for (size_t c = 0; c < exact.cols(); ++c) // a component that is not there stays 0
            placed.position[c] = exact(i, c);
        placed.name = i < spec.placeTexts.size() ? spec.placeTexts[i]
                                                 : displayPath(spec.placeImages[i - spec.placeTexts.size()]);
        out.push_back(std::move(placed));
    }
    return out;
}

void checkMapSpec(const MapSpec& spec) {
    checkProjectionOptions(spec.projection);
    if (spec.axes.size() == 1 || spec.axes.size() > 3)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("A map by text has 2 or 3 axes, not {}", spec.axes.size()));
    for (const TextAxis& axis : spec.axes)
        if (axis.text.empty())
            throw Error(ErrorCode::InvalidArgument, "An axis of the map has no text");
    if (spec.center && !spec.axes.empty())
        throw Error(ErrorCode::InvalidArgument,
                    "Axes by text show cosines as they are: centring cannot be asked for with them");
    if (spec.center && !(spec.placeTexts.empty() && spec.placeImages.empty()))
        throw Error(
            ErrorCode::InvalidArgument,
            "New texts and pictures have no mean of their own: they cannot be placed into a centred map");
}

} // namespace

size_t mapDimensions(const MapSpec& spec) {
    return spec.axes.empty() ? spec.projection.dimensions : spec.axes.size();
}

/// Lends the model as the spec asks for and hands it over with the pipeline set to what it may do.
Answer Mapper::withModel(const MapSpec& spec, const TaskDataset& dataset, const Faces& needed,
                         const RunContext& context, const std::function<void(LoadedModel&)>& use) {
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(record, needed, "A map of " + contentName(spec));
    const ModelChoice choice{record.directory, {spec.device, spec.precision, spec.threads, spec.alpha}};
    const auto model = spec.encodeMissing
                           ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                           : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return Answer::Busy;
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    const bool cachedOnly = !spec.encodeMissing || m_workspace.readOnly();
    pipeline.setCachedOnly(cachedOnly);
    if (cachedOnly && wantsImages(spec) &&
        !pipeline.covers(sampleIds(dataset), ImageFeature::Projected, context))
        return Answer::NotEncoded;
    use(**model);
    return Answer::Ready;
}

/// The gap, and what centring does; leaves the rows centred where that was asked for.
void Mapper::measureGap(const MapSpec& spec, MapInput& input, EmbeddingMap& map, const RunContext& context) {
    const bool both = spec.content == MapContent::Both && input.images > 0;
    if (both && spec.recall)
        map.recall = pairRecall(input, context);
    if (spec.center || (both && spec.recall)) {
        MapInput centred = input;
        subtractMean(centred.rows, 0, input.images);
        subtractMean(centred.rows, input.images, input.points.size());
        if (both && spec.recall)
            map.centredRecall = pairRecall(centred, context);
        if (spec.center)
            input.rows = std::move(centred.rows);
    }
    if (both)
        map.gap = modalityGap(input);
}

EmbeddingMap Mapper::map(const MapSpec& spec, const RunContext& context, const FrameCallback& onFrame) {
    checkMapSpec(spec);
    const TaskDataset dataset = taskDataset(m_workspace, m_catalog.dataset(spec.dataset).id, spec.split);
    const Faces needed{.imageEmbeddings = wantsImages(spec) || !spec.placeImages.empty(),
                       .textEmbeddings = wantsTexts(spec) || !spec.axes.empty() || !spec.placeTexts.empty()};
    EmbeddingMap map;
    MapInput input;
    map.answer = withModel(spec, dataset, needed, context,
                           [&](LoadedModel& model) { input = mapInput(spec, dataset, model, context); });
    if (map.answer != Answer::Ready)
        return map;
    measureGap(spec, input, map, context);
    RunContext seeded = context;
    seeded.seed = spec.seed;
    if (spec.threads != 0)
        seeded.threads = spec.threads;
    auto layout = readLayout(m_workspace, input, mapDimensions(spec));
    map.fromCache = layout.has_value();
    if (!layout && spec.keptOnly) {
        EmbeddingMap none;
        none.answer = Answer::NotEncoded;
        return none;
    }
    if (!layout) {
        layout = layOut(spec, input, seeded, onFrame);
        keepLayout(m_workspace, input, *layout);
    }
    map.positions = std::move(layout->positions);
    map.preservation = std::move(layout->preservation);
    map.neighbourRecall = layout->neighbourRecall;
    map.explainedVarianceRatio = std::move(layout->explainedVarianceRatio);
    for (const ProjectionNote note : layout->notes)
        map.notes.push_back(projectionNoteText(note, spec.projection, input.points.size()));
    if (spec.neighbours)
        map.neighbours = findNeighbours(input.rows, kMapNeighbours, context).table;
    map.placed = placePoints(spec, input, map.positions, context);
    map.points = std::move(input.points);
    map.failures = std::move(input.failures);
    return map;
}

SelectionNames Mapper::nameSelection(const MapSpec& spec, std::span<const SampleId> samples,
                                     std::span<const std::string> words, size_t count,
                                     const RunContext& context) {
    if (words.empty())
        throw Error(ErrorCode::InvalidArgument, "The vocabulary has no words to name the selection by");
    MapSpec images = spec;
    images.content = MapContent::Images;
    images.axes.clear();
    images.placeTexts.clear();
    images.placeImages.clear();
    const TaskDataset dataset = taskDataset(m_workspace, m_catalog.dataset(spec.dataset).id, spec.split);
    SelectionNames out;
    MapInput input;
    Matrix wordRows;
    out.answer = withModel(images, dataset, {true, true}, context, [&](LoadedModel& model) {
        input = mapInput(images, dataset, model, context);
        model.pipeline->setCachedOnly(!spec.encodeMissing || m_workspace.readOnly()); // words come again
        wordRows = classEmbeddings(*model.pipeline, words, promptSetOf(spec.templates), context);
    });
    if (out.answer != Answer::Ready)
        return out;
    const std::unordered_set<SampleId> chosen(samples.begin(), samples.end());
    std::vector<float> values;
    for (size_t i = 0; i < input.images; ++i)
        if (chosen.contains(input.points[i].sample))
            values.insert(values.end(), input.rows.row(i).begin(), input.rows.row(i).end());
    out.samples = values.size() / input.rows.cols();
    if (out.samples == 0 || out.samples == input.images)
        throw Error(ErrorCode::InvalidArgument,
                    out.samples == 0 ? "None of the selected pictures is on the map"
                                     : "All pictures are selected: there is nothing to tell them from");
    const Matrix selected(out.samples, input.rows.cols(), std::move(values));
    const std::vector<double> those = meanRow(selected, 0, out.samples),
                              all = meanRow(input.rows, 0, input.images);
    Matrix direction(1, those.size());
    for (size_t j = 0; j < those.size(); ++j)
        direction(0, j) = static_cast<float>(those[j] - all[j]);
    const auto nearest = nearestNeighbours(direction, wordRows, count, context);
    for (const Neighbour& word : nearest.front())
        out.names.push_back({words[word.index], static_cast<double>(word.similarity)});
    return out;
}

} // namespace diptych
