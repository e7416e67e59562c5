// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/embedding_map.h"

#include "core/models/model.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace diptych {
namespace {

/// The points before they are laid out, and what their layout is kept under.
struct MapInput {
    std::vector<MapPoint> points;
    Matrix rows;       ///< [points, d]: pictures first
    size_t images = 0; ///< rows that are pictures
    std::vector<ItemFailure> failures;
    std::string key;
    EmbeddingLabel label;
};

bool wantsImages(const MapSpec& spec) {
    return spec.content != MapContent::Texts;
}

bool wantsTexts(const MapSpec& spec) {
    return spec.content != MapContent::Images;
}

std::string contentName(const MapSpec& spec) {
    return spec.content == MapContent::Images  ? "images"
           : spec.content == MapContent::Texts ? "texts"
                                               : "images and texts";
}

Matrix stacked(const Matrix& above, const Matrix& below) {
    if (above.rows() == 0)
        return below;
    std::vector<float> values(above.values().begin(), above.values().end());
    values.insert(values.end(), below.values().begin(), below.values().end());
    return {above.rows() + below.rows(), above.cols(), std::move(values)};
}

void addImages(MapInput& input, const TaskDataset& dataset, EmbeddingPipeline& pipeline, Hasher& content,
               const RunContext& context) {
    ImageEmbeddings images = pipeline.images(sampleIds(dataset), ImageFeature::Projected, context);
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const TaskSample& sample = dataset.samples[images.positions[i]];
        input.points.push_back({MapPoint::Kind::Image, sample.id, sample.label, {}});
        content.add(std::as_bytes(std::span(images.contents[i].bytes)));
    }
    input.images = images.ids.size();
    input.rows = std::move(images.rows);
    input.failures = std::move(images.failures);
}

void addClasses(MapInput& input, const TaskDataset& dataset, const std::string& templates,
                EmbeddingPipeline& pipeline, Hasher& content, const RunContext& context) {
    if (dataset.classNames.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has no class names to map; map its captions or its pictures",
                                dataset.name));
    const auto prompts = promptTemplates(templates);
    for (const std::string& prompt : prompts)
        content.addField(prompt);
    for (size_t i = 0; i < dataset.classNames.size(); ++i) {
        input.points.push_back({MapPoint::Kind::Class, {}, static_cast<int>(i), dataset.classNames[i]});
        content.addField(dataset.classNames[i]);
    }
    input.rows = stacked(input.rows, classEmbeddings(pipeline, dataset.classNames, prompts, context));
}

void addCaptions(MapInput& input, const TaskDataset& dataset, EmbeddingPipeline& pipeline, Hasher& content,
                 const RunContext& context) {
    std::vector<std::string> texts;
    for (const TaskSample& sample : dataset.samples)
        for (const std::string& caption : sample.captions) {
            input.points.push_back({MapPoint::Kind::Caption, sample.id, sample.label, caption});
            content.addField(caption);
            texts.push_back(caption);
        }
    if (texts.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has no captions to map; map its classes or its pictures",
                                dataset.name));
    input.rows = stacked(input.rows, pipeline.texts(texts, context));
}

/// Everything that the layout depends on.
std::string layoutKey(const MapSpec& spec, Model& model, const Hasher& content) {
    const ProjectionOptions& options = spec.projection;
    Hasher hasher;
    if (wantsImages(spec))
        hasher.addField(imageSpaceKey(model, ImageFeature::Projected));
    if (wantsTexts(spec))
        hasher.addField(textSpaceKey(model));
    hasher.addField(content.finish().hex());
    hasher.addField(fmt::format("{} {} {} {} {} {} {} {} {} {}", kProjectionVersion, int(spec.content),
                                int(spec.texts), spec.center, int(options.method), options.dimensions,
                                options.perplexity, options.neighbours, options.minDistance,
                                options.iterations));
    hasher.addField(fmt::format("{} {}", spec.seed, kMapNeighbours));
    return "map-" + hasher.finish().hex();
}

MapInput mapInput(const MapSpec& spec, const TaskDataset& dataset, LoadedModel& model,
                  const RunContext& context) {
    MapInput input;
    Hasher content;
    if (wantsImages(spec))
        addImages(input, dataset, *model.pipeline, content, context);
    if (wantsTexts(spec) && spec.texts == MapTexts::Classes)
        addClasses(input, dataset, spec.templates, *model.pipeline, content, context);
    if (wantsTexts(spec) && spec.texts == MapTexts::Captions)
        addCaptions(input, dataset, *model.pipeline, content, context);
    if (input.points.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no pictures that can be read{}", dataset.name,
                                spec.split.empty() ? "" : " in split " + spec.split));
    input.key = layoutKey(spec, *model.model, content);
    input.label = {model.model->info().name, std::string(precisionName(model.model->compute().precision)),
                   fmt::format("map, {} of {} points", projectionMethodTitle(spec.projection.method),
                               input.points.size())};
    return input;
}

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

// A layout is kept as a space of embeddings of its own: a row for each point with its position and
// preservation, and one more for the axes' shares of the variance. So it has their checksums, and is listed
// and removed as they are.

std::vector<Hash128> layoutRows(size_t points) {
    std::vector<Hash128> hashes;
    for (size_t i = 0; i <= points; ++i)
        hashes.push_back(hashText(fmt::format("row {}", i)));
    return hashes;
}

/// What is kept of a map: where its points lie, and what is known of that.
struct Layout {
    Matrix positions;
    std::vector<float> preservation;
    std::vector<double> explainedVarianceRatio;
    std::vector<ProjectionNote> notes;
};

/// Whether there are shares of the variance, and which notes, as bits.
float flagsOf(const Layout& layout) {
    unsigned flags = layout.explainedVarianceRatio.empty() ? 0 : 1;
    for (const ProjectionNote note : layout.notes)
        flags |= 2u << static_cast<unsigned>(note);
    return static_cast<float>(flags);
}

std::optional<Layout> readLayout(Workspace& workspace, const MapInput& input, size_t dimensions) {
    const size_t n = input.points.size();
    const auto space = workspace.embeddings().space(input.key, dimensions + 1);
    const auto rows = space->find(layoutRows(n));
    if (std::ranges::any_of(rows, [](int64_t row) { return row < 0; }))
        return std::nullopt;
    const Matrix kept = space->read(rows);
    Layout layout;
    layout.positions = Matrix(n, dimensions);
    for (size_t i = 0; i < n; ++i) {
        std::ranges::copy(kept.row(i).first(dimensions), layout.positions.row(i).begin());
        layout.preservation.push_back(kept(i, dimensions));
    }
    const auto flags = static_cast<unsigned>(kept(n, dimensions));
    if (flags & 1)
        layout.explainedVarianceRatio.assign(kept.row(n).begin(), kept.row(n).end() - 1);
    for (unsigned note = 0; flags >> (note + 1) != 0; ++note)
        if (flags & 2u << note)
            layout.notes.push_back(static_cast<ProjectionNote>(note));
    return layout;
}

void keepLayout(Workspace& workspace, const MapInput& input, const Layout& layout) {
    if (workspace.readOnly())
        return;
    const size_t dimensions = layout.positions.cols(), n = input.points.size();
    Matrix rows(n + 1, dimensions + 1);
    for (size_t i = 0; i < n; ++i) {
        std::ranges::copy(layout.positions.row(i), rows.row(i).begin());
        rows(i, dimensions) = layout.preservation[i];
    }
    for (size_t c = 0; c < layout.explainedVarianceRatio.size(); ++c)
        rows(n, c) = static_cast<float>(layout.explainedVarianceRatio[c]);
    rows(n, dimensions) = flagsOf(layout);
    try {
        workspace.embeddings().describe(input.key, input.label);
        workspace.embeddings().space(input.key, dimensions + 1)->append(layoutRows(n), rows);
    } catch (const Error& error) { // a map that cannot be kept is still a map
        if (error.code() != ErrorCode::DiskFull)
            throw;
    }
}

Layout layOut(const MapSpec& spec, const MapInput& input, const RunContext& context,
              const FrameCallback& onFrame) {
    Projection projection = project(input.rows, spec.projection, context, onFrame);
    Layout layout{std::move(projection.positions),
                  {},
                  std::move(projection.explainedVarianceRatio),
                  std::move(projection.notes)};
    if (projection.neighbours.k < std::min(kMapNeighbours, input.points.size() - 1))
        projection.neighbours = nearestRows(input.rows, kMapNeighbours, context);
    layout.preservation =
        neighbourhoodPreservation(projection.neighbours, layout.positions, kMapNeighbours, context);
    return layout;
}

} // namespace

EmbeddingMap Mapper::map(const MapSpec& spec, const RunContext& context, const FrameCallback& onFrame) {
    checkProjectionOptions(spec.projection);
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(record, {.imageEmbeddings = wantsImages(spec), .textEmbeddings = wantsTexts(spec)},
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
    auto layout = readLayout(m_workspace, input, spec.projection.dimensions);
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
    map.points = std::move(input.points);
    map.failures = std::move(input.failures);
    return map;
}

} // namespace diptych
