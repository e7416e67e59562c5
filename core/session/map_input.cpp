// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/map_input.h"

#include "core/image/image.h"
#include "core/models/model.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

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
    const PromptSet prompts = promptSetOf(templates);
    for (const std::string& prompt : prompts.templates)
        content.addField(prompt);
    if (const Json json = promptSetJson(prompts); json.contains("classes"))
        content.addField(json["classes"].dump());
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
    if (wantsTexts(spec) || !spec.axes.empty())
        hasher.addField(textSpaceKey(model));
    hasher.addField(content.finish().hex());
    hasher.addField(fmt::format("{} {} {} {} {} {} {} {} {} {}", kProjectionVersion, int(spec.content),
                                int(spec.texts), spec.center, int(options.method), options.dimensions,
                                options.perplexity, options.neighbours, options.minDistance,
                                options.iterations));
    hasher.addField(fmt::format("{} {} {}", spec.seed, kMapNeighbours, spec.axes.size()));
    for (const TextAxis& axis : spec.axes)
        hasher.addField(axis.text).addField(axis.less);
    return "map-" + hasher.finish().hex();
}

/// Of each axis its direction.
Matrix axisRows(const MapSpec& spec, EmbeddingPipeline& pipeline, const RunContext& context) {
    if (spec.axes.empty())
        return {};
    std::vector<std::string> texts;
    for (const TextAxis& axis : spec.axes)
        for (const std::string& text : {axis.text, axis.less})
            if (!text.empty())
                texts.push_back(text);
    const Matrix encoded = pipeline.texts(texts, context);
    Matrix rows(spec.axes.size(), encoded.cols());
    size_t next = 0;
    for (size_t i = 0; i < spec.axes.size(); ++i) {
        std::ranges::copy(encoded.row(next++), rows.row(i).begin());
        if (spec.axes[i].less.empty())
            continue;
        const auto less = encoded.row(next++);
        float largest = 0;
        for (size_t j = 0; j < rows.cols(); ++j) {
            rows(i, j) -= less[j];
            largest = std::max(largest, std::abs(rows(i, j)));
        }
        if (largest < 1e-6F)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("'{}' and '{}' are the same to the model: their difference spans no axis",
                                    spec.axes[i].text, spec.axes[i].less));
    }
    normalizeRows(rows);
    return rows;
}

Matrix placedRows(const MapSpec& spec, LoadedModel& model, const RunContext& context) {
    Matrix rows;
    if (!spec.placeTexts.empty())
        rows = model.pipeline->texts(spec.placeTexts, context);
    for (const std::filesystem::path& file : spec.placeImages) {
        context.throwIfCancelled();
        const Result<Image> picture = decodeImage(file);
        if (!picture)
            throw picture.error();
        const Prepared prepared = model.model->prepare({&*picture, 1});
        Matrix row = model.model->embedder()->embedImages(std::span(&prepared, 1), ImageFeature::Projected);
        normalizeRows(row);
        rows = stacked(rows, row);
    }
    return rows;
}

} // namespace

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

MapInput mapInput(const MapSpec& spec, const TaskDataset& dataset, LoadedModel& model,
                  const RunContext& context) {
    MapInput input;
    Hasher content;
    if (wantsImages(spec))
        addImages(input, dataset, *model.pipeline, content, context);
    if (wantsImages(spec) && input.images == 0)
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no pictures that can be read{}", dataset.name,
                                spec.split.empty() ? "" : " in split " + spec.split));
    if (wantsTexts(spec) && spec.texts == MapTexts::Classes)
        addClasses(input, dataset, spec.templates, *model.pipeline, content, context);
    if (wantsTexts(spec) && spec.texts == MapTexts::Captions)
        addCaptions(input, dataset, *model.pipeline, content, context);
    input.key = layoutKey(spec, *model.model, content);
    input.label = {
        model.model->info().name, std::string(precisionName(model.model->compute().precision)),
        fmt::format("map, {} of {} points",
                    spec.axes.empty() ? projectionMethodTitle(spec.projection.method) : "axes by text",
                    input.points.size())};
    // Words being typed are not worth rows on disk.
    model.pipeline->setCachedOnly(true);
    input.axes = axisRows(spec, *model.pipeline, context);
    input.placed = placedRows(spec, model, context);
    return input;
}

} // namespace diptych
