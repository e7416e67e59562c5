// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/winoground.h"

#include "core/metrics/bootstrap.h"
#include "core/metrics/pairs.h"
#include "core/results/parts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_map>

namespace diptych {
namespace {

/// Samples of the dataset that belong together: both sides of a pair, or the one image in [0].
struct Pair {
    std::string id;
    std::array<std::optional<size_t>, 2> samples;
    std::vector<std::string> wrongCaptions; ///< of a pair of one image
    bool twoImages() const { return wrongCaptions.empty(); }
    bool complete() const { return samples[0] && (!twoImages() || samples[1]); }
};

/// "pair" of the sample's attributes as text; empty if it belongs to none.
std::string pairId(const TaskSample& sample) {
    if (!sample.attributes.is_object())
        return {};
    const auto found = sample.attributes.find("pair");
    if (found == sample.attributes.end() || found->is_null())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> wrongCaptionsOf(const TaskSample& sample) {
    std::vector<std::string> texts;
    const auto found = sample.attributes.find("wrong_captions");
    if (found != sample.attributes.end() && found->is_array())
        for (const Json& text : *found)
            if (text.is_string())
                texts.push_back(text.get<std::string>());
    return texts;
}

/// In the order in which they first appear; what lacks a side is not complete.
std::vector<Pair> pairsOf(const TaskDataset& dataset) {
    std::vector<Pair> pairs;
    std::unordered_map<std::string, size_t> positions;
    for (size_t i = 0; i < dataset.samples.size(); ++i) {
        const TaskSample& sample = dataset.samples[i];
        const std::string id = pairId(sample);
        if (id.empty() || sample.captions.empty())
            continue;
        const auto wrong = wrongCaptionsOf(sample);
        const auto side = sample.attributes.find("side");
        const bool hasSide = side != sample.attributes.end() && (*side == 0 || *side == 1);
        if (!hasSide && wrong.empty())
            continue;
        const auto [position, fresh] = positions.emplace(id, pairs.size());
        if (fresh)
            pairs.push_back({id, {}, {}});
        Pair& pair = pairs[position->second];
        const size_t at = hasSide ? side->get<size_t>() : 0;
        pair.samples[at] = pair.samples[at].value_or(i);
        if (!hasSide)
            pair.wrongCaptions = wrong;
    }
    return pairs;
}

std::string unsuitable(const TaskDataset& dataset) {
    const auto pairs = pairsOf(dataset);
    return std::ranges::any_of(pairs, &Pair::complete)
               ? ""
               : "it has no pairs: two images with a caption each, or an image with a right and a wrong "
                 "caption (import them as winoground, pairs or sugarcrepe)";
}

/// A pair whose images could be read, with its scores: one row a caption, one column an image.
struct Judged {
    Pair pair;
    std::vector<std::string> captions;
    std::vector<std::vector<double>> scores;
    bool text = false;
    PairOutcome outcome; ///< of two images
};

double cosine(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

void judge(Judged& judged) {
    const auto& s = judged.scores;
    if (judged.pair.twoImages()) {
        judged.outcome = pairOutcome({s[0][0], s[0][1], s[1][0], s[1][1]});
        judged.text = judged.outcome.text();
        return;
    }
    judged.text =
        std::all_of(s.begin() + 1, s.end(), [&](const std::vector<double>& row) { return s[0][0] > row[0]; });
}

/// The complete pairs with their captions, not yet scored.
std::vector<Judged> completePairs(const TaskDataset& dataset) {
    std::vector<Judged> all;
    for (Pair& pair : pairsOf(dataset)) {
        if (!pair.complete())
            continue;
        Judged judged;
        judged.captions = {dataset.samples[*pair.samples[0]].captions.front()};
        if (pair.twoImages())
            judged.captions.push_back(dataset.samples[*pair.samples[1]].captions.front());
        else
            judged.captions.insert(judged.captions.end(), pair.wrongCaptions.begin(),
                                   pair.wrongCaptions.end());
        judged.pair = std::move(pair);
        all.push_back(std::move(judged));
    }
    return all;
}

/// Lets go of pairs of which an image could not be read. @return by sample: its row in @p read
std::vector<std::optional<size_t>> keepReadable(std::vector<Judged>& all, const ReadSamples& read,
                                                const TaskDataset& dataset) {
    std::vector<std::optional<size_t>> rowOf(dataset.samples.size());
    for (size_t row = 0; row < read.ids.size(); ++row)
        rowOf[read.positions[row]] = row;
    std::erase_if(all, [&](const Judged& judged) {
        return std::ranges::any_of(judged.pair.samples,
                                   [&](const auto& sample) { return sample && !rowOf[*sample]; });
    });
    if (all.empty())
        throw Error(ErrorCode::Unreadable, fmt::format("Of no pair of '{}' all images could be read{}",
                                                       dataset.name, firstReason(read.failures)));
    return rowOf;
}

/// Fills the scores; @p score of an image's row, the image's side and a caption of the pair.
template<class Score>
void judgeAll(std::vector<Judged>& all, const std::vector<std::optional<size_t>>& rowOf, Score score) {
    for (Judged& judged : all) {
        for (size_t c = 0; c < judged.captions.size(); ++c) {
            judged.scores.emplace_back();
            for (const auto& sample : judged.pair.samples)
                if (sample)
                    judged.scores.back().push_back(score(judged, *rowOf[*sample], c));
        }
        judge(judged);
    }
}

ReadSamples judgeByCosine(const TaskInput& input, std::vector<Judged>& all, const std::string& prefix,
                          const RunContext& context) {
    ImageEmbeddings images = input.outputs.images(sampleIds(input.dataset), ImageFeature::Projected, context);
    const auto rowOf = keepReadable(all, images, input.dataset);
    std::vector<std::string> texts;
    std::unordered_map<const Judged*, size_t> first; // text of each pair's first caption
    for (const Judged& judged : all) {
        first.emplace(&judged, texts.size());
        for (const std::string& caption : judged.captions)
            texts.push_back(prefix + caption);
    }
    const Matrix captions = input.outputs.texts(texts, context);
    judgeAll(all, rowOf, [&](const Judged& judged, size_t row, size_t c) {
        return cosine(images.rows.row(row), captions.row(first.at(&judged) + c));
    });
    return images;
}

ReadSamples judgeByMatching(const TaskInput& input, std::vector<Judged>& all, const std::string& prefix,
                            const RunContext& context) {
    std::vector<std::vector<std::string>> texts(input.dataset.samples.size());
    for (const Judged& judged : all)
        for (const auto& sample : judged.pair.samples)
            for (size_t c = 0; sample && c < judged.captions.size(); ++c)
                texts[*sample].push_back(prefix + judged.captions[c]);
    PairMatches matches = input.outputs.match(sampleIds(input.dataset), texts, context);
    const auto rowOf = keepReadable(all, matches, input.dataset);
    judgeAll(all, rowOf, [&](const Judged&, size_t row, size_t c) { return matches.scores[row][c]; });
    return matches;
}

// Metrics

/// Text, image and group score of some pairs. The last two are about pairs of two images; NaN without any.
struct Scores {
    double text = 0, image = 0, group = 0;
    size_t n = 0, twoImages = 0;
};

Scores scoresOf(const std::vector<const Judged*>& pairs) {
    std::vector<PairOutcome> outcomes;
    Scores scores{0, std::nan(""), std::nan(""), pairs.size(), 0};
    for (const Judged* judged : pairs) {
        scores.text += judged->text;
        if (judged->pair.twoImages())
            outcomes.push_back(judged->outcome);
    }
    scores.text /= static_cast<double>(pairs.size());
    scores.twoImages = outcomes.size();
    if (!outcomes.empty()) {
        const PairTotals totals = pairTotals(outcomes);
        scores.image = totals.image;
        scores.group = totals.group;
    }
    return scores;
}

std::vector<const Judged*> pointersTo(const std::vector<Judged>& all) {
    std::vector<const Judged*> pointers;
    pointers.reserve(all.size());
    for (const Judged& judged : all)
        pointers.push_back(&judged);
    return pointers;
}

/// Scores in random order; with one image the right caption is highest once in as many as there are.
double textChance(const std::vector<Judged>& all) {
    double sum = 0;
    for (const Judged& judged : all)
        sum += judged.pair.twoImages() ? kPairChance.text : 1.0 / static_cast<double>(judged.captions.size());
    return sum / static_cast<double>(all.size());
}

std::vector<Metric> metricsOf(const TaskInput& input, const std::vector<Judged>& all,
                              const RunContext& context) {
    const Scores scores = scoresOf(pointersTo(all));
    // One value a pair, so that examples are drawn by pair.
    std::vector<double> text, image, group;
    for (const Judged& judged : all) {
        text.push_back(judged.text);
        if (judged.pair.twoImages()) {
            image.push_back(judged.outcome.image());
            group.push_back(judged.outcome.group());
        }
    }
    std::vector<Metric> metrics;
    const auto add = [&](const char* name, double value, const std::vector<double>& values, double chance) {
        Metric metric{name, value, {}, values.size(), true, chance};
        if (!input.preview)
            metric.interval = bootstrapMean(values, bootstrapOptions(input.params), context);
        metrics.push_back(std::move(metric));
    };
    add("text_score", scores.text, text, textChance(all));
    if (scores.twoImages > 0) {
        add("image_score", scores.image, image, kPairChance.image);
        add("group_score", scores.group, group, kPairChance.group);
    }
    return metrics;
}

// Tables

Json numberOrNull(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

/// @param withImages whether there are columns for image and group score
Json scoreRow(const std::string& name, const Json& count, double text, double image, double group,
              bool withImages) {
    Json cells = Json::array({name, count, numberOrNull(text)});
    if (withImages) {
        cells.push_back(numberOrNull(image));
        cells.push_back(numberOrNull(group));
    }
    return cells;
}

std::vector<DetailColumn> columnsOf(const std::string& first, bool withImages) {
    std::vector<DetailColumn> columns = {
        {first, ColumnKind::Text}, {"Pairs", ColumnKind::Count}, {"Text score", ColumnKind::Share}};
    if (withImages) {
        columns.push_back({"Image score", ColumnKind::Share});
        columns.push_back({"Group score", ColumnKind::Share});
    }
    return columns;
}

/// What the sample's attribute says, as text; empty if it says nothing.
std::string attributeText(const TaskSample& sample, const char* name) {
    const auto found = sample.attributes.find(name);
    if (found == sample.attributes.end() || found->is_null())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// Whether these are Winoground's 400 published examples, which alone the human scores are of.
bool isPublished(const TaskDataset& dataset, const std::vector<Pair>& pairs) {
    constexpr size_t kExamples = 400;
    if (pairs.size() != kExamples)
        return false;
    const auto whole = [&](const Pair& pair) {
        return pair.twoImages() && pair.complete() &&
               !attributeText(dataset.samples[*pair.samples[0]], "collapsed_tag").empty();
    };
    return std::ranges::all_of(pairs, whole) &&
           dataset.samples[*pairs[0].samples[0]].captions.front() == "an old person kisses a young person";
}

Json overallTable(const TaskDataset& dataset, const std::vector<Judged>& all) {
    const Scores scores = scoresOf(pointersTo(all));
    const bool withImages = scores.twoImages > 0;
    Json rows = Json::array();
    rows.push_back(scoreRow("This model", scores.n, scores.text, scores.image, scores.group, withImages));
    rows.push_back(scoreRow("Chance", {}, textChance(all), kPairChance.image, kPairChance.group, withImages));
    if (isPublished(dataset, pairsOf(dataset)))
        rows.push_back(scoreRow("Humans, as published", kWinogroundHuman.n, kWinogroundHuman.text,
                                kWinogroundHuman.image, kWinogroundHuman.group, true));
    return detailTable("Scores", columnsOf("", withImages), std::move(rows));
}

/// Scores by what an attribute says, the most frequent first; null if no pair has it.
Json tagTable(const TaskDataset& dataset, const std::vector<Judged>& all, const char* attribute,
              const std::string& title) {
    std::map<std::string, std::vector<const Judged*>> byTag;
    bool withImages = false;
    for (const Judged& judged : all) {
        const std::string tag = attributeText(dataset.samples[*judged.pair.samples[0]], attribute);
        if (!tag.empty())
            byTag[tag].push_back(&judged);
        withImages |= judged.pair.twoImages();
    }
    if (byTag.empty())
        return {};
    std::vector<std::pair<std::string, Scores>> entries;
    entries.reserve(byTag.size());
    for (const auto& [tag, members] : byTag)
        entries.emplace_back(tag, scoresOf(members));
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) { return a.second.n > b.second.n; });
    Json rows = Json::array();
    for (const auto& [tag, scores] : entries)
        rows.push_back(scoreRow(tag, scores.n, scores.text, scores.image, scores.group, withImages));
    return detailTable(title, columnsOf("Tag", withImages), std::move(rows));
}

Json detailsOf(const TaskDataset& dataset, const std::vector<Judged>& all) {
    Json tables = Json::array({overallTable(dataset, all)});
    for (const auto& [attribute, title] :
         {std::pair{"collapsed_tag", "By what is swapped"}, std::pair{"tag", "By tag"},
          std::pair{"secondary_tag", "By secondary tag"},
          std::pair{"num_main_preds", "By number of main predicates"}}) {
        if (Json table = tagTable(dataset, all, attribute, title); !table.is_null())
            tables.push_back(std::move(table));
    }
    return {{"tables", std::move(tables)}};
}

// Examples

PairPart partOf(const TaskDataset& dataset, const Judged& judged) {
    const TaskSample& first = dataset.samples[*judged.pair.samples[0]];
    PairPart part;
    part.id = judged.pair.id;
    part.images = {first.id};
    part.captions = judged.captions;
    part.scores = judged.scores;
    part.text = judged.text;
    if (judged.pair.twoImages()) {
        part.images.push_back(dataset.samples[*judged.pair.samples[1]].id);
        part.image = judged.outcome.image();
        part.group = judged.outcome.group();
    }
    part.tag = attributeText(first, "tag");
    if (part.tag.empty())
        part.tag = attributeText(first, "collapsed_tag");
    return part;
}

std::vector<ExampleResult> examplesOf(const TaskDataset& dataset, const ReadSamples& read,
                                      const std::vector<Judged>& all, bool matching) {
    std::unordered_map<size_t, const Judged*> judgedOf;
    for (const Judged& judged : all)
        for (const auto& sample : judged.pair.samples)
            if (sample)
                judgedOf.emplace(*sample, &judged);
    std::vector<ExampleResult> examples;
    for (const size_t position : read.positions) {
        ExampleResult example = exampleOf(dataset.samples[position].id);
        if (const auto found = judgedOf.find(position); found != judgedOf.end()) {
            const Judged& judged = *found->second;
            PairPart part = partOf(dataset, judged);
            part.matching = matching;
            setVerdict(example, part.group.value_or(part.text));
            example.cluster = part.images.front().value;
            example.parts = part.toJson();
        } else {
            example.status = ExampleStatus::Skipped;
            example.message = pairId(dataset.samples[position]).empty()
                                  ? "belongs to no pair"
                                  : "the other image of its pair is missing or could not be read";
        }
        examples.push_back(std::move(example));
    }
    addUnreadable(examples, read.failures, dataset);
    return examples;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    std::vector<Judged> all = completePairs(input.dataset);
    const auto prefix = input.params["prefix"].get<std::string>();
    const bool matching = byMatching(input.params);
    const ReadSamples read =
        matching ? judgeByMatching(input, all, prefix, context) : judgeByCosine(input, all, prefix, context);
    TaskOutput output;
    output.metrics = metricsOf(input, all, context);
    if (input.preview)
        return output;
    output.details = detailsOf(input.dataset, all);
    output.examples = examplesOf(input.dataset, read, all, matching);
    return output;
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features = byMatching(params) ? "how well the model says image and caption fit, looking at both"
                                        : "cosine of image and caption, each scaled to length 1";
    rules.ties = "are wrong: every inequality is strict";
    rules.counting = "text score: both images prefer their caption; image score: both captions prefer their "
                     "image; group score: both. With one image alone: the text score";
    if (const auto prefix = params["prefix"].get<std::string>(); !prefix.empty())
        rules.prompts = {prefix + "{}"};
    rules.clipBenchmark = "image_caption_selection";
    rules.deviations = {{"Equal scores", rules.ties, "argmax, which may pick the right one"}};
    if (byMatching(params))
        rules.deviations.push_back({"Scores", "image and text looked at together", "cosine of embeddings"});
    if (!rules.prompts.empty())
        rules.deviations.push_back({"Text before captions", params["prefix"].get<std::string>(), "none"});
    return rules;
}

} // namespace

Task winogroundTask() {
    Task task;
    task.info.id = "winoground";
    task.info.title = "Winoground and other pairs";
    task.info.summary = "Tells images and captions of the same words apart: text, image and group score.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Captions};
    task.info.params = {
        textParam("prefix", "Text before captions",
                  "Put before every caption, with the blank that follows it, e.g. 'a photo of '.", ""),
        scorerParam(
            "How captions and images are scored: by the cosine of their embeddings, or by a model that "
            "looks at both together."),
        resamplesParam(),
    };
    task.info.needsModel = matchingOrEmbeddings;
    task.info.views = {"summary", "tables", "pairs", "slices", "examples"};
    task.info.primaryMetric = "group_score";
    task.info.hasPreview = true;
    task.info.rules = rules;
    task.unsuitable = unsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
