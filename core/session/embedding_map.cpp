// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/embedding_map.h"

#include "core/base/file.h"
#include "core/projection/pca.h"
#include "core/session/map_layout.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace diptych {
namespace {

std::vector<double> meanRow(const Matrix& rows, size_t first, size_t last) {
    std::vector<double> mean(rows.cols());
    for (size_t i = first; i < last; ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            mean[j] += static_cast<double>(rows(i, j)) / static_cast<double>(last - first);
    return mean;
}

void subtractMean(Matrix& rows, size_t first, size_t last) {
    const std::vector<double> mean = meanRow(rows, first, last);
    for (size_t i = first; i < last; ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            rows(i, j) = static_cast<float>(static_cast<double>(rows(i, j)) - mean[j]);
}

template<class Row>
double distanceOf(const Row& a, const Row& b) {
    double sum = 0;
    for (size_t j = 0; j < a.size(); ++j) {
        const double difference = static_cast<double>(a[j]) - static_cast<double>(b[j]);
        sum += difference * difference;
    }
    return std::sqrt(sum);
}

ModalityGap modalityGap(const MapInput& input) {
    const size_t n = input.points.size();
    ModalityGap gap;
    gap.centroidDistance =
        distanceOf(meanRow(input.rows, 0, input.images), meanRow(input.rows, input.images, n));
    std::unordered_map<SampleId, size_t> rowOfSample;
    for (size_t i = 0; i < input.images; ++i)
        rowOfSample.emplace(input.points[i].sample, i);
    double sum = 0;
    const auto pair = [&](size_t image, size_t text) {
        sum += distanceOf(input.rows.row(image), input.rows.row(text));
        ++gap.pairs;
    };
    if (input.points[input.images].kind == MapPoint::Kind::Class) {
        for (size_t i = 0; i < input.images; ++i)
            if (input.points[i].label >= 0)
                pair(i, input.images + static_cast<size_t>(input.points[i].label));
    } else {
        for (size_t text = input.images; text < n; ++text)
            if (const auto found = rowOfSample.find(input.points[text].sample); found != rowOfSample.end())
                pair(found->second, text);
    }
    gap.meanPairDistance = gap.pairs == 0 ? 0 : sum / static_cast<double>(gap.pairs);
    return gap;
}

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

EmbeddingMap Mapper::map(const MapSpec& spec, const RunContext& context, const FrameCallback& onFrame) {
    checkMapSpec(spec);
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(
        record,
        {.imageEmbeddings = wantsImages(spec) || !spec.placeImages.empty(),
         .textEmbeddings = wantsTexts(spec) || !spec.axes.empty() || !spec.placeTexts.empty()},
        "A map of " + contentName(spec));
    const TaskDataset dataset = taskDataset(m_workspace, m_catalog.dataset(spec.dataset).id, spec.split);
    const ModelChoice choice{record.directory, {spec.device, spec.precision, spec.threads, spec.alpha}};
    EmbeddingMap map;
    MapInput input;
    {
        const auto model = spec.encodeMissing
                               ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                               : m_models.leaseUnlessBusy(choice, context.stop);
        if (!model) {
            map.answer = Answer::Busy;
            return map;
        }
        EmbeddingPipeline& pipeline = *(*model)->pipeline;
        const bool cachedOnly = !spec.encodeMissing || m_workspace.readOnly();
        pipeline.setCachedOnly(cachedOnly);
        if (cachedOnly && wantsImages(spec) &&
            !pipeline.covers(sampleIds(dataset), ImageFeature::Projected, context)) {
            map.answer = Answer::NotEncoded;
            return map;
        }
        input = mapInput(spec, dataset, **model, context);
    }
    if (spec.center) {
        subtractMean(input.rows, 0, input.images);
        subtractMean(input.rows, input.images, input.points.size());
    }
    if (spec.content == MapContent::Both && input.images > 0)
        map.gap = modalityGap(input);
    RunContext seeded = context;
    seeded.seed = spec.seed;
    auto layout = readLayout(m_workspace, input, mapDimensions(spec));
    map.fromCache = layout.has_value();
    if (!layout) {
        layout = layOut(spec, input, seeded, onFrame);
        keepLayout(m_workspace, input, *layout);
    }
    map.positions = std::move(layout->positions);
    map.preservation = std::move(layout->preservation);
    map.explainedVarianceRatio = std::move(layout->explainedVarianceRatio);
    for (const ProjectionNote note : layout->notes)
        map.notes.push_back(projectionNoteText(note, spec.projection, input.points.size()));
    if (spec.neighbours)
        map.neighbours = nearestRows(input.rows, kMapNeighbours, context);
    map.placed = placePoints(spec, input, map.positions, context);
    map.points = std::move(input.points);
    map.failures = std::move(input.failures);
    return map;
}

} // namespace diptych
