// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/space_comparison.h"

#include "core/metrics/number_text.h"
#include "core/projection/approximate_neighbours.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace diptych {
namespace {

struct Encoded {
    Answer answer = Answer::Ready;
    ImageEmbeddings images;
};

Encoded encodedBy(Workspace& workspace, Catalog& catalog, ModelPool& models, const SpaceSpec& spec,
                  const SpaceSide& side, const std::vector<SampleId>& samples, const RunContext& context) {
    const ModelRecord record = catalog.model(side.model);
    catalog.requireFaces(record, {.imageEmbeddings = true}, "Comparing spaces");
    const ModelChoice choice{record.directory, {side.device, side.precision, spec.threads, side.alpha}};
    const auto model = spec.encodeMissing ? std::optional(models.lease(choice, ModelUse::Long, context.stop))
                                          : models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, {}};
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    const bool cachedOnly = !spec.encodeMissing || workspace.readOnly();
    pipeline.setCachedOnly(cachedOnly);
    if (cachedOnly && !pipeline.covers(samples, ImageFeature::Projected, context))
        return {Answer::NotEncoded, {}};
    return {Answer::Ready, pipeline.images(samples, ImageFeature::Projected, context)};
}

Matrix rowsAt(const Matrix& rows, const std::vector<size_t>& places) {
    Matrix out(places.size(), rows.cols());
    for (size_t i = 0; i < places.size(); ++i)
        std::ranges::copy(rows.row(places[i]), out.row(i).begin());
    return out;
}

bool sameSide(const SpaceSide& a, const SpaceSide& b) {
    return a.model == b.model && a.precision == b.precision && a.alpha == b.alpha;
}

} // namespace

SpaceSide spaceSideOf(const Workspace& workspace, const RunRecord& run) {
    std::string name;
    for (const ModelRecord& model : workspace.models())
        if (model.fingerprint == run.modelFingerprint && (name.empty() || model.name == run.modelName))
            name = model.name;
    if (name.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("The model of run {}, {}, is no longer in the workspace: add it again with "
                                "'diptych models add' to compare its space",
                                run.id.value, run.modelName));
    const RunSpec spec = RunSpec::fromJson(run.spec, fmt::format("Run {}", run.id.value));
    return {name, spec.device, run.precision.empty() ? spec.precision : parsePrecision(run.precision),
            spec.alpha};
}

SpaceSpec spaceSpecOf(const Workspace& workspace, const RunRecord& first, const RunRecord& second) {
    if (!first.datasetId || first.datasetId != second.datasetId)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Runs {} and {} are on different datasets: there are no pictures whose two "
                                "places could be compared",
                                first.id.value, second.id.value));
    SpaceSpec spec;
    spec.dataset = workspace.dataset(first.datasetId).name;
    spec.first = spaceSideOf(workspace, first);
    spec.second = spaceSideOf(workspace, second);
    const auto splitOf = [](const RunRecord& run) { return RunSpec::fromJson(run.spec, "A run").split; };
    if (splitOf(first) == splitOf(second))
        spec.split = splitOf(first);
    return spec;
}

SpaceComparison compareSpaces(Workspace& workspace, Catalog& catalog, ModelPool& models,
                              const SpaceSpec& spec, const RunContext& context) {
    SpaceComparison out;
    const TaskDataset dataset = taskDataset(workspace, catalog.dataset(spec.dataset).id, spec.split);
    const std::vector<SampleId> samples = sampleIds(dataset);
    out.sameSpace = sameSide(spec.first, spec.second);
    Encoded sides[2];
    for (const size_t i : {0, 1}) { // one after the other: on a GPU there is one model at a time
        const SpaceSide& side = i == 0 ? spec.first : spec.second;
        sides[i] = encodedBy(workspace, catalog, models, spec, side, samples, context);
        out.answer = sides[i].answer;
        out.model = side.model;
        if (out.answer != Answer::Ready)
            return out;
    }
    out.model.clear();
    const ImageEmbeddings &one = sides[0].images, &other = sides[1].images;
    out.failures = one.failures;
    std::unordered_map<SampleId, size_t> inOther;
    for (size_t i = 0; i < other.ids.size(); ++i)
        inOther.emplace(other.ids[i], i);
    std::vector<size_t> ofOne, ofOther;
    for (size_t i = 0; i < one.ids.size(); ++i)
        if (const auto found = inOther.find(one.ids[i]); found != inOther.end()) {
            ofOne.push_back(i);
            ofOther.push_back(found->second);
            out.samples.push_back(one.ids[i]);
        }
    if (out.samples.size() < 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has {} pictures that both models could read; comparing spaces "
                                "takes two or more",
                                spec.dataset, out.samples.size()));
    const Matrix first = rowsAt(one.rows, ofOne), second = rowsAt(other.rows, ofOther);
    out.cka = linearCka(first, second, context);
    const FoundNeighbours nearFirst = findNeighbours(first, spec.neighbours, context),
                          nearSecond = findNeighbours(second, spec.neighbours, context);
    out.overlap = neighbourOverlap(nearFirst.table.index, nearSecond.table.index, nearFirst.table.k);
    out.neighbourRecall = std::min(nearFirst.recall, nearSecond.recall);
    return out;
}

std::string spaceText(const SpaceComparison& c) {
    std::string text;
    if (c.sameSpace)
        text = "Both runs go by the same embeddings. ";
    const NeighbourOverlap& near = c.overlap;
    text += fmt::format("Of a picture's {} nearest neighbours {} are the same in both spaces (chance: {}).",
                        near.k, shareText(near.common), shareText(near.chance));
    if (std::isfinite(c.cka.debiased))
        text += fmt::format(" Linear CKA is {} on a scale where 1 is the same space up to a turn and 0 "
                            "nothing in common.",
                            numberText(c.cka.debiased));
    if (c.neighbourRecall < 1)
        text += fmt::format(" Neighbours were searched: {} of the true ones were found.",
                            shareText(c.neighbourRecall));
    return text;
}

} // namespace diptych
