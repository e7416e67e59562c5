// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/probe_data.h"

#include "core/datasets/split_names.h"
#include "core/probe/splits.h"
#include "core/probe/sweep.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace diptych {
namespace {

/// Pairs kept in the details; the warning counts all.
constexpr size_t kNearDuplicatesKept = 1000;
/// What float32 rounding may take off the cosine of equal rows.
constexpr double kRounding = 1e-6;
constexpr size_t kSplitsNamed = 10; ///< of those that are of no use

std::string namesOf(const std::set<std::string>& splits) {
    return splits.empty() ? std::string() : fmt::format(" ({})", fmt::join(splits, ", "));
}

/// The dataset's own sets; both empty where it has no such split.
ProbeSets ownSets(const TaskDataset& dataset) {
    ProbeSets sets;
    std::set<std::string> names;
    for (size_t i = 0; i < dataset.samples.size(); ++i) {
        if (dataset.samples[i].label < 0)
            continue;
        const SplitPart part = splitPart(dataset.samples[i].split);
        if (part == SplitPart::None)
            continue;
        names.insert(dataset.samples[i].split);
        (part == SplitPart::Train        ? sets.train
         : part == SplitPart::Validation ? sets.validation
                                         : sets.test)
            .push_back(i);
    }
    sets.origin = "the dataset's training and test splits" + namesOf(names);
    if (sets.test.empty()) {
        sets.test.swap(sets.validation);
        sets.origin = "the dataset's training split, tested on its validation split" + namesOf(names);
    }
    return sets.train.empty() || sets.test.empty() ? ProbeSets{} : sets;
}

} // namespace

ProbeSets chooseProbeSets(const TaskDataset& dataset, double testShare, uint64_t seed) {
    ProbeSets sets = ownSets(dataset);
    if (!sets.train.empty())
        return sets;
    std::vector<size_t> labelled;
    std::vector<int> labels;
    std::set<std::string> others;
    for (size_t i = 0; i < dataset.samples.size(); ++i) {
        if (dataset.samples[i].label < 0)
            continue;
        if (others.size() < kSplitsNamed && !dataset.samples[i].split.empty())
            others.insert(dataset.samples[i].split);
        labelled.push_back(i);
        labels.push_back(dataset.samples[i].label);
    }
    const Split split = stratifiedSplit(labels, testShare, seed);
    for (const size_t i : split.first)
        sets.train.push_back(labelled[i]);
    for (const size_t i : split.second)
        sets.test.push_back(labelled[i]);
    sets.origin = fmt::format("{:.3g} % of every class drawn for the test", 100 * testShare);
    if (!others.empty())
        sets.origin += fmt::format("; its splits{} are not a training and a test split", namesOf(others));
    return sets;
}

std::string probeUnsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() < 2)
        return "it needs at least two classes (a folder per class, or a label column)";
    std::map<int, size_t> support;
    for (const TaskSample& sample : dataset.samples)
        if (sample.label >= 0)
            ++support[sample.label];
    if (support.empty())
        return "none of its images has a label";
    if (support.size() < 2)
        return "its labelled images are all of one class";
    const ProbeSets own = ownSets(dataset);
    std::set<int> trained;
    for (const size_t i : own.train)
        trained.insert(dataset.samples[i].label);
    if (trained.size() == 1)
        return "the images of its training split are all of one class";
    const bool drawable = std::ranges::any_of(support, [](const auto& entry) { return entry.second > 1; });
    return own.train.empty() && !drawable
               ? "no class has two labelled images, one to learn from and one to test on"
               : "";
}

ProbePart subset(const ProbePart& all, std::span<const size_t> positions) {
    ProbePart out;
    out.rows = Matrix(positions.size(), all.rows.cols());
    for (size_t i = 0; i < positions.size(); ++i) {
        std::ranges::copy(all.rows.row(positions[i]), out.rows.row(i).begin());
        out.labels.push_back(all.labels[positions[i]]);
        out.ids.push_back(all.ids[positions[i]]);
    }
    return out;
}

namespace {

/// What was encoded, and which of it belongs to which set.
struct Encoded {
    ProbePart all;
    std::vector<size_t> train, validation, test; ///< rows of `all`
    std::vector<ItemFailure> failures;
};

Encoded encode(const TaskInput& input, const ProbeSets& sets, const RunContext& context) {
    std::vector<size_t> order = sets.train;
    order.insert(order.end(), sets.validation.begin(), sets.validation.end());
    order.insert(order.end(), sets.test.begin(), sets.test.end());
    std::vector<SampleId> ids;
    for (const size_t position : order)
        ids.push_back(input.dataset.samples[position].id);
    const auto feature = input.params["feature"] == "pooled" ? ImageFeature::Pooled : ImageFeature::Projected;
    ImageEmbeddings images = input.outputs.images(ids, feature, context);
    Encoded out;
    const size_t trainEnd = sets.train.size(), validationEnd = trainEnd + sets.validation.size();
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const size_t asked = images.positions[i];
        out.all.labels.push_back(input.dataset.samples[order[asked]].label);
        (asked < trainEnd ? out.train : asked < validationEnd ? out.validation : out.test).push_back(i);
    }
    out.all.rows = std::move(images.rows);
    if (!input.params.value("unit_length", true))
        for (size_t i = 0; i < out.all.rows.rows(); ++i)
            for (float& value : out.all.rows.row(i))
                value *= images.lengths[i];
    out.all.ids = std::move(images.ids);
    out.failures = std::move(images.failures);
    return out;
}

} // namespace

ProbeData loadProbeData(const TaskInput& input, bool wantsValidation, const RunContext& context) {
    ProbeSets sets = chooseProbeSets(input.dataset, input.params["test_share"].get<double>(), context.seed);
    if (!wantsValidation)
        sets.validation.clear();
    ProbeData data;
    data.origin = sets.origin;
    std::set<int64_t> tested;
    for (const size_t position : sets.test)
        tested.insert(input.dataset.samples[position].id.value);
    std::string why;
    {
        const Encoded encoded = encode(input, sets, context);
        data.train = subset(encoded.all, encoded.train);
        data.validation = subset(encoded.all, encoded.validation);
        data.test = subset(encoded.all, encoded.test);
        for (const ItemFailure& failure : encoded.failures)
            (tested.contains(failure.sample.value) ? data.testFailures : data.otherFailures)
                .push_back(failure);
        why = firstReason(encoded.failures);
    }
    if (data.test.ids.empty())
        throw Error(ErrorCode::Unreadable,
                    fmt::format("None of the test images of '{}' could be read{}", input.dataset.name, why));
    if (std::set(data.train.labels.begin(), data.train.labels.end()).size() < 2)
        throw Error(
            ErrorCode::Unreadable,
            fmt::format("The training images of '{}' that could be read are of fewer than two classes{}",
                        input.dataset.name, why));
    data.duplicateSimilarity = input.params["near_duplicate"].get<double>();
    const Matrix both =
        data.validation.size() > 0 ? concatenateRows(data.train.rows, data.validation.rows) : Matrix();
    data.nearDuplicates = findNearDuplicates(both.empty() ? data.train.rows : both, data.test.rows,
                                             data.duplicateSimilarity - kRounding, context);
    return data;
}

std::vector<ExampleResult> probeExamples(const TaskInput& input, const ProbeData& data,
                                         const ClassificationResults& results,
                                         const std::vector<std::vector<ScoredIndex>>& best) {
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < data.test.size(); ++i) {
        ExampleResult& example = examples.emplace_back(exampleOf(data.test.ids[i]));
        example.target = data.test.labels[i];
        example.predictions = best[i];
        setVerdict(example, results.correct[i] != 0);
    }
    addUnreadable(examples, data.testFailures, input.dataset);
    return examples;
}

std::vector<ParamSpec> probeDataParams() {
    return {
        {"feature",
         "Features",
         "Image features after the projection into the space shared with texts, or pooled, before it (as the "
         "CLIP paper probes them).",
         ParamSpec::Type::Choice,
         "projected",
         0,
         0,
         {"projected", "pooled"}},
        boolParam(
            "unit_length", "Scale to length 1",
            "Scales every feature vector to length 1 first, as CLIP_benchmark does; else they are taken "
            "as the model gives them, as OpenAI's sample script does.",
            false),
        floatParam("test_share", "Test share",
                   "Share of every class that is drawn for the test where the dataset has no training and "
                   "test split.",
                   0.2, 0.01, 0.99),
        floatParam("near_duplicate", "Near-duplicate from",
                   "Cosine from which a test image counts as a near-duplicate of a training image; there is "
                   "a warning if any does.",
                   kNearDuplicateSimilarity, 0.5, 1),
    };
}

namespace {

/// Of a pair: the test image, and the one learned from that is nearest to it.
std::pair<SampleId, SampleId> samplesOf(const NearDuplicate& pair, const ProbeData& data) {
    return {data.test.ids[pair.test], pair.train < data.train.size()
                                          ? data.train.ids[pair.train]
                                          : data.validation.ids[pair.train - data.train.size()]};
}

Json warning(std::string text, const std::vector<SampleId>& samples) {
    Json ids = Json::array();
    for (const SampleId sample : samples)
        if (ids.size() < 2 * kNearDuplicatesKept)
            ids.push_back(sample.value);
    return {{"text", std::move(text)}, {"samples", std::move(ids)}};
}

} // namespace

Json probeWarnings(const ProbeData& data, const ProbePart& train) {
    Json warnings = Json::array();
    if (!data.nearDuplicates.empty()) {
        std::vector<SampleId> pairs;
        for (const NearDuplicate& pair : data.nearDuplicates) {
            const auto [tested, learned] = samplesOf(pair, data);
            pairs.insert(pairs.end(), {tested, learned});
        }
        warnings.push_back(warning(
            fmt::format("{} of {} test images have a near-duplicate (cosine {} or more) among the training "
                        "images; the numbers may flatter",
                        data.nearDuplicates.size(), data.test.size(), data.duplicateSimilarity),
            pairs));
    }
    const std::set<int> trained(train.labels.begin(), train.labels.end());
    std::vector<SampleId> untrained;
    for (size_t i = 0; i < data.test.size(); ++i)
        if (!trained.contains(data.test.labels[i]))
            untrained.push_back(data.test.ids[i]);
    if (!untrained.empty())
        warnings.push_back(
            warning(fmt::format("{} of {} test images are of classes without a training image; "
                                "they count as wrong",
                                untrained.size(), data.test.size()),
                    untrained));
    if (!data.otherFailures.empty()) {
        std::vector<SampleId> failed;
        for (const ItemFailure& failure : data.otherFailures)
            failed.push_back(failure.sample);
        warnings.push_back(warning(
            fmt::format("Training or validation images that could not be read: {}", failed.size()), failed));
    }
    return warnings;
}

Json probeSetsJson(const ProbeData& data, const ProbePart& train) {
    Json pairs = Json::array();
    for (const NearDuplicate& pair : data.nearDuplicates) {
        if (pairs.size() == kNearDuplicatesKept)
            break;
        const auto [tested, learned] = samplesOf(pair, data);
        pairs.push_back({tested.value, learned.value, pair.similarity});
    }
    return {{"split", data.origin},
            {"train", train.size()},
            {"validation", data.validation.size()},
            {"test", data.test.size()},
            {"near_duplicates",
             {{"cosine", data.duplicateSimilarity},
              {"count", data.nearDuplicates.size()},
              {"pairs", std::move(pairs)}}}};
}

} // namespace diptych
