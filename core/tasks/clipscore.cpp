// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/clipscore.h"

#include "core/metrics/caption_score.h"
#include "core/results/parts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace diptych {
namespace {

/// Of the table of candidates; the examples have all.
constexpr size_t kCandidatesListed = 1000;

/// Empty where the sample has none.
std::string candidateOf(const TaskSample& sample) {
    if (!sample.attributes.is_object())
        return {};
    const auto found = sample.attributes.find("candidate");
    return found != sample.attributes.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string unsuitable(const TaskDataset& dataset) {
    const bool any = std::ranges::any_of(
        dataset.samples, [](const TaskSample& sample) { return !candidateOf(sample).empty(); });
    return any ? ""
               : "none of its images has a candidate caption (JSON lines of 'image', 'candidate' and "
                 "'references')";
}

/// The texts of all candidates and references, and where each sample's begin.
struct Texts {
    std::vector<std::string> texts;
    std::vector<size_t> first; ///< by image: its candidate, its references follow; one entry more than images
};

Texts textsOf(const TaskInput& input, const ImageEmbeddings& images, const std::vector<size_t>& samples) {
    const auto prefix = input.params["prefix"].get<std::string>();
    Texts out;
    for (const size_t position : images.positions) {
        const TaskSample& sample = input.dataset.samples[samples[position]];
        out.first.push_back(out.texts.size());
        out.texts.push_back(prefix + candidateOf(sample));
        for (const std::string& reference : sample.captions)
            out.texts.push_back(prefix + reference);
    }
    out.first.push_back(out.texts.size());
    return out;
}

/// By row: the same number for candidates of the same image, which are not independent.
std::vector<int64_t> imageNumbers(const ImageEmbeddings& images) {
    std::vector<int64_t> out(images.ids.size());
    std::iota(out.begin(), out.end(), int64_t{0});
    std::map<std::string, int64_t> first;
    for (size_t i = 0; i < images.contents.size(); ++i)
        out[i] = first.try_emplace(images.contents[i].hex(), out[i]).first->second;
    return out;
}

struct Scores {
    std::vector<double> clip, reference;              ///< reference: of those that have references
    std::vector<int64_t> clipImages, referenceImages; ///< the image of each
    std::vector<ExampleResult> examples;
};

Scores score(const TaskInput& input, const ImageEmbeddings& images, const std::vector<size_t>& samples,
             const RunContext& context) {
    const Texts texts = textsOf(input, images, samples);
    const Matrix rows = input.outputs.texts(texts.texts, context);
    const auto weight = input.params["weight"].get<double>();
    Scores out;
    out.clipImages = imageNumbers(images);
    const std::vector<int64_t> clusters = clusterIds(images.ids, out.clipImages);
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const size_t candidate = texts.first[i], end = texts.first[i + 1];
        const double score = clipScore(cosineSimilarity(images.rows.row(i), rows.row(candidate)), weight);
        ExampleResult example = exampleOf(images.ids[i]);
        example.score = score;
        example.cluster = clusters[i];
        CaptionScorePart part{candidateOf(input.dataset.samples[samples[images.positions[i]]]), score, {}};
        out.clip.push_back(score);
        if (end > candidate + 1) {
            double best = -1;
            for (size_t t = candidate + 1; t < end; ++t)
                best = std::max(best, cosineSimilarity(rows.row(candidate), rows.row(t)));
            out.reference.push_back(refClipScore(score, best));
            out.referenceImages.push_back(out.clipImages[i]);
            part.refClipScore = out.reference.back();
        }
        example.parts = part.toJson();
        out.examples.push_back(std::move(example));
    }
    return out;
}

/// Worst first.
Json candidateTable(const std::vector<ExampleResult>& examples) {
    std::vector<const ExampleResult*> order;
    order.reserve(examples.size());
    for (const ExampleResult& example : examples)
        order.push_back(&example);
    std::ranges::stable_sort(order, {}, [](const ExampleResult* example) { return example->score; });
    Json rows = Json::array();
    for (size_t i = 0; i < std::min(order.size(), kCandidatesListed); ++i) {
        const auto part = CaptionScorePart::read(order[i]->parts);
        rows.push_back(
            {part->candidate, part->clipScore, part->refClipScore ? Json(*part->refClipScore) : Json()});
    }
    return detailTable("Candidates, worst first",
                       {{"Candidate", ColumnKind::Text},
                        {"CLIPScore", ColumnKind::Number},
                        {"RefCLIPScore", ColumnKind::Number}},
                       std::move(rows));
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    std::vector<size_t> samples;
    std::vector<SampleId> ids;
    for (size_t i = 0; i < input.dataset.samples.size(); ++i)
        if (!candidateOf(input.dataset.samples[i]).empty()) {
            samples.push_back(i);
            ids.push_back(input.dataset.samples[i].id);
        }
    const ImageEmbeddings images = input.outputs.images(ids, ImageFeature::Projected, context);
    if (images.ids.empty())
        throw Error(ErrorCode::Unreadable, "None of the images of '" + input.dataset.name +
                                               "' that have a candidate caption could be read" +
                                               firstReason(images.failures));
    Scores scores = score(input, images, samples, context);
    TaskOutput output;
    const auto add = [&](const char* name, const std::vector<double>& values,
                         const std::vector<int64_t>& clusters) {
        BootstrapOptions options = bootstrapOptions(input.params);
        options.clusters = clusters;
        output.metrics.push_back({name,
                                  meanOf(values),
                                  bootstrapMean(values, options, context),
                                  values.size(),
                                  true,
                                  {},
                                  Unit::Number});
    };
    add("clipscore", scores.clip, scores.clipImages);
    if (!scores.reference.empty())
        add("refclipscore", scores.reference, scores.referenceImages);
    output.details["tables"] = Json::array({candidateTable(scores.examples)});
    output.examples = std::move(scores.examples);
    for (const TaskSample& sample : input.dataset.samples)
        if (candidateOf(sample).empty()) {
            ExampleResult example = exampleOf(sample.id);
            example.status = ExampleStatus::Skipped;
            example.message = "has no candidate caption";
            output.examples.push_back(std::move(example));
        }
    addUnreadable(output.examples, images.failures, input.dataset);
    return output;
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features =
        fmt::format("{} x cosine of image and candidate, each scaled to length 1; below 0 it is 0",
                    params["weight"].dump());
    rules.ties = "none: nothing is ranked";
    rules.counting = "mean over the candidates; RefCLIPScore is the harmonic mean with the best reference, "
                     "over those candidates that have any";
    if (const auto prefix = params["prefix"].get<std::string>(); !prefix.empty())
        rules.prompts = {prefix + "{}"};
    return rules;
}

} // namespace

Task clipScoreTask() {
    Task task;
    task.info.id = "clipscore";
    task.info.title = "CLIPScore of captions";
    task.info.summary = "Judges candidate captions by how well they fit their image and reference captions.";
    task.info.needs = {DatasetNeed::Images};
    task.info.params = {
        textParam("prefix", "Text before captions",
                  "Put before every candidate and reference, with the blank that follows it; the authors' "
                  "program has 'A photo depicts '.",
                  "A photo depicts "),
        floatParam("weight", "Weight", "What the cosine of image and candidate is multiplied by.",
                   kClipScoreWeight, 0.1, 100),
        resamplesParam(),
    };
    task.info.views = {"summary", "tables", "slices", "examples"};
    task.info.primaryMetric = "clipscore";
    task.info.score = "CLIPScore";
    task.info.rules = rules;
    task.unsuitable = unsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
