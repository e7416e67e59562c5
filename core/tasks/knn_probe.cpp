// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/knn_probe.h"

#include "core/tasks/classification_details.h"
#include "core/tasks/probe_data.h"
#include "core/tasks/task_support.h"

#include <algorithm>

namespace diptych {
namespace {

struct Votes {
    ClassificationResults results;
    std::vector<std::vector<ScoredIndex>> best;
};

Votes vote(const TaskInput& input, const ProbeData& data, const RunContext& context) {
    KnnOptions options;
    options.k = input.params["k"].get<size_t>();
    options.vote = input.params["vote"] == "majority" ? KnnVote::Majority : KnnVote::Weighted;
    options.temperature = input.params["temperature"].get<double>();
    const auto neighbours = nearestNeighbours(data.test.rows, data.train.rows, options.k, context);
    const auto shares = knnShares(neighbours, data.train.labels, options);
    const auto keep = input.params["keep"].get<size_t>();
    Votes out;
    for (size_t i = 0; i < shares.size(); ++i) {
        const int label = data.test.labels[i];
        const auto place = std::ranges::find(shares[i], label, &LabelShare::label);
        const size_t rank = place == shares[i].end() ? input.dataset.classNames.size()
                                                     : static_cast<size_t>(place - shares[i].begin());
        out.results.labels.push_back(label);
        out.results.predictions.push_back(shares[i].front().label);
        out.results.ranks.push_back(rank);
        out.results.correct.push_back(rank == 0);
        out.results.confidences.push_back(std::min(1.0, shares[i].front().share));
        std::vector<ScoredIndex>& best = out.best.emplace_back();
        for (size_t j = 0; j < std::min(keep, shares[i].size()); ++j)
            best.push_back({shares[i][j].label, static_cast<float>(shares[i][j].share)});
    }
    return out;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const ProbeData data = loadProbeData(input, false, context);
    const Votes votes = vote(input, data, context);
    TaskOutput output;
    output.metrics = classificationMetrics(votes.results, input.dataset.classNames.size(),
                                           bootstrapOptions(input.params), false, context);
    output.details = classificationDetails(votes.results, input.dataset.classNames);
    output.details["warnings"] = probeWarnings(data, data.train);
    output.details["probe"] = probeSetsJson(data, data.train);
    output.examples = probeExamples(input, data, votes.results, votes.best);
    return output;
}

std::vector<ParamSpec> params() {
    std::vector<ParamSpec> params = {
        intParam("k", "Neighbours", "So many nearest training images vote.", 20, 1, 1000),
        {"vote",
         "Vote",
         "Each neighbour counts exp(cosine / temperature), or all count the same.",
         ParamSpec::Type::Choice,
         "weighted",
         0,
         0,
         {"weighted", "majority"}},
        floatParam("temperature", "Temperature", "Of the weighted vote; smaller favours the nearest.", 0.07,
                   0.001, 10),
    };
    for (ParamSpec& param : probeDataParams())
        if (param.id != "unit_length") // the cosine knows no length
            params.push_back(std::move(param));
    params.push_back(keepParam());
    params.push_back(resamplesParam());
    return params;
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features = std::string(params["feature"] == "pooled" ? "pooled image features before the projection"
                                                               : "image features after the projection") +
                     ", compared by cosine";
    rules.ties = "equal neighbours by their place in the dataset, equal votes to the class that stands first";
    rules.counting = "test images with a label; a class without votes is never among the first k";
    return rules;
}

} // namespace

Task knnProbeTask() {
    Task task;
    task.info.id = "knn-probe";
    task.info.title = "Nearest-neighbour probe";
    task.info.summary = "Names each image by a vote of the training images most like it; nothing is fitted.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Labels};
    task.info.needsModel = [](const Json&) { return Faces{.imageEmbeddings = true}; };
    task.info.rules = rules;
    task.info.params = params();
    task.info.views = {"summary", "classes", "confusion", "calibration", "thresholds", "slices", "examples"};
    task.info.primaryMetric = "top1";
    task.unsuitable = probeUnsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
