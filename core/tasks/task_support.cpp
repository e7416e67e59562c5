// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/task_support.h"

#include <numeric>
#include <unordered_map>
#include <utility>

namespace diptych {

Matrix rowsOf(const Matrix& matrix, size_t first, size_t count) {
    const auto values = matrix.values().subspan(first * matrix.cols(), count * matrix.cols());
    return Matrix(count, matrix.cols(), std::vector<float>(values.begin(), values.end()));
}

double meanOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<SampleId> sampleIds(const TaskDataset& dataset) {
    std::vector<SampleId> ids;
    ids.reserve(dataset.samples.size());
    for (const TaskSample& sample : dataset.samples)
        ids.push_back(sample.id);
    return ids;
}

void addUnreadable(std::vector<ExampleResult>& examples, std::span<const ItemFailure> failures,
                   const TaskDataset& dataset) {
    if (failures.empty())
        return;
    std::unordered_map<int64_t, int> labels;
    for (const TaskSample& sample : dataset.samples)
        labels.emplace(sample.id.value, sample.label);
    for (const ItemFailure& failed : failures) {
        ExampleResult example = exampleOf(failed.sample);
        example.status = ExampleStatus::Unreadable;
        example.message = failed.reason;
        example.target = labels.at(failed.sample.value);
        examples.push_back(std::move(example));
    }
}

std::vector<int64_t> clusterIds(std::span<const SampleId> ids, std::span<const int64_t> numbers) {
    std::unordered_map<int64_t, int64_t> first;
    std::vector<int64_t> clusters;
    clusters.reserve(ids.size());
    for (size_t i = 0; i < ids.size(); ++i)
        clusters.push_back(first.try_emplace(numbers[i], ids[i].value).first->second);
    return clusters;
}

std::string firstReason(std::span<const ItemFailure> failures) {
    return failures.empty() ? "" : ": " + failures.front().reason;
}

ParamSpec intParam(std::string id, std::string title, std::string help, int64_t fallback, double minimum,
                   double maximum) {
    return {std::move(id), std::move(title), std::move(help), ParamSpec::Type::Int,
            fallback,      minimum,          maximum,         {}};
}

ParamSpec floatParam(std::string id, std::string title, std::string help, double fallback, double minimum,
                     double maximum) {
    return {std::move(id), std::move(title), std::move(help), ParamSpec::Type::Float,
            fallback,      minimum,          maximum,         {}};
}

ParamSpec boolParam(std::string id, std::string title, std::string help, bool fallback) {
    return {std::move(id), std::move(title), std::move(help), ParamSpec::Type::Bool, fallback, 0, 0, {}};
}

ParamSpec textParam(std::string id, std::string title, std::string help, std::string fallback) {
    return {std::move(id),
            std::move(title),
            std::move(help),
            ParamSpec::Type::Text,
            std::move(fallback),
            0,
            0,
            {}};
}

ParamSpec keepParam() {
    return intParam("keep", "Predictions kept", "How many of the best classes are kept for every image.", 5,
                    1, 100);
}

ParamSpec resamplesParam() {
    return intParam("resamples", "Bootstrap resamples", "Draws behind the 95 % intervals.", 1000, 100,
                    100000);
}

ParamSpec scorerParam(std::string help) {
    return {"scorer", "Scored by", std::move(help),           ParamSpec::Type::Choice, "embeddings",
            0,        0,           {"embeddings", "matching"}};
}

bool byMatching(const Json& params) {
    return params["scorer"] == "matching";
}

Faces matchingOrEmbeddings(const Json& params) {
    return byMatching(params) ? Faces{.matching = true} : bothEmbeddings(params);
}

BootstrapOptions bootstrapOptions(const Json& params) {
    BootstrapOptions options;
    options.resamples = params["resamples"].get<size_t>();
    return options;
}

} // namespace diptych
