// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/linear_probe.h"

#include "core/metrics/calibration.h"
#include "core/probe/splits.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/few_shot.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace diptych {
namespace {

/// Mean over the draws, of test images whose class every draw trained.
std::vector<double> meanLosses(const std::vector<ProbeOutcome>& outcomes) {
    std::vector<double> sums(outcomes.front().losses.size());
    for (const ProbeOutcome& outcome : outcomes)
        for (size_t i = 0; i < sums.size(); ++i)
            sums[i] += outcome.losses[i] / static_cast<double>(outcomes.size());
    std::erase_if(sums, [](double loss) { return std::isnan(loss); });
    return sums;
}

std::vector<Metric> metricsOf(const TaskInput& input, const std::vector<ProbeOutcome>& outcomes,
                              const RunContext& context) {
    const ClassificationResults& first = outcomes.front().results;
    const size_t n = first.labels.size(), classCount = input.dataset.classNames.size();
    const double chance = 1.0 / static_cast<double>(classCount);
    const BootstrapOptions options = bootstrapOptions(input.params);
    const std::vector<double> hits = meanHits(outcomes, 1);
    std::vector<Metric> metrics;
    metrics.push_back({"lp_acc1", meanOf(hits), bootstrapMean(hits, options, context), n, true, chance});
    if (classCount > 5) {
        const std::vector<double> hits5 = meanHits(outcomes, 5);
        metrics.push_back(
            {"lp_acc5", meanOf(hits5), bootstrapMean(hits5, options, context), n, true, 5 * chance});
    }
    metrics.push_back({"lp_mean_per_class_recall", meanRecall(hits, first.labels, classCount),
                       meanRecallInterval(hits, first.labels, classCount, options, context), n, true,
                       chance});
    std::vector<double> trained;
    for (const ProbeOutcome& outcome : outcomes)
        trained.push_back(outcome.trainAccuracy);
    metrics.push_back({"lp_train_acc1", meanOf(trained), {}, outcomes.front().trainCount, true, chance});
    if (const std::vector<double> losses = meanLosses(outcomes); !losses.empty())
        metrics.push_back({"log_loss", meanOf(losses), bootstrapMean(losses, options, context), losses.size(),
                           false, std::log(static_cast<double>(classCount)), Unit::Number});
    if (outcomes.size() == 1)
        metrics.push_back({"ece",
                           calibration(first.confidences, first.correct).ece,
                           eceInterval(first, options, context),
                           n,
                           false,
                           {},
                           Unit::Number});
    return metrics;
}

Json drawsJson(const std::vector<FewShotPoint>& points) {
    Json draws = Json::array();
    for (const FewShotPoint& point : points)
        for (const ProbeOutcome& outcome : point.outcomes)
            draws.push_back({{"shots", point.shots > 0 ? Json(point.shots) : Json()},
                             {"seed", outcome.seed},
                             {"train", outcome.trainCount},
                             {"lp_acc1", outcome.accuracy},
                             {"c", outcome.c},
                             {"iterations", outcome.iterations},
                             {"converged", outcome.converged}});
    return draws;
}

Json sweepJson(const std::vector<SweepPoint>& points) {
    Json out = Json::array();
    for (const SweepPoint& point : points)
        out.push_back({{"c", point.c},
                       {"accuracy", point.validation.accuracy},
                       {"log_loss", point.validation.logLoss},
                       {"iterations", point.iterations},
                       {"converged", point.converged}});
    return out;
}

Json sweepCurve(const std::vector<SweepPoint>& points) {
    DetailSeries series{"Validation", {}};
    for (const SweepPoint& point : points)
        series.points.emplace_back(point.c, point.validation.accuracy);
    Json curve = detailCurve("sweep", "The search for C", "C", "Accuracy on validation images", {series});
    curve["x_log"] = true;
    return curve;
}

Json warningsOf(const ProbeData& data, const std::vector<FewShotPoint>& points) {
    Json warnings = probeWarnings(data, points.back().train);
    size_t fits = 0, stopped = 0, few = 0;
    for (const FewShotPoint& point : points)
        for (const ProbeOutcome& outcome : point.outcomes) {
            ++fits;
            stopped += !outcome.converged;
        }
    if (stopped > 0)
        warnings.push_back(
            fmt::format("{} of {} fits stopped before they converged; allow more iterations", stopped, fits));
    std::map<int, size_t> support;
    for (const int label : data.train.labels)
        ++support[label];
    for (const auto& [label, count] : support)
        few += count < points.back().shots;
    if (few > 0)
        warnings.push_back(
            fmt::format("Classes with fewer than {} training images, all of which were taken: {}",
                        points.back().shots, few));
    return warnings;
}

Json detailsOf(const TaskInput& input, const ProbeData& data, const std::vector<FewShotPoint>& points) {
    const ProbeOutcome& first = points.back().outcomes.front();
    Json details = classificationDetails(first.results, input.dataset.classNames);
    details["warnings"] = warningsOf(data, points);
    details["probe"] = probeSetsJson(data, points.back().train);
    details["probe"]["draws"] = drawsJson(points);
    if (!first.sweep.empty()) {
        details["probe"]["sweep"] = sweepJson(first.sweep);
        details["curves"] = Json::array({sweepCurve(first.sweep)});
    }
    return details;
}

std::vector<FewShotPoint> fitAll(const TaskInput& input, const ProbeData& data,
                                 const std::vector<size_t>& shots, const RunContext& context) {
    ProbeFitOptions options;
    options.probe.c = input.params["c"].get<double>();
    options.probe.maxIterations = input.params["max_iterations"].get<int>();
    options.sweep = input.params["sweep"].get<bool>();
    options.keep = input.params["keep"].get<size_t>();
    options.classCount = input.dataset.classNames.size();
    options.seed = context.seed;
    std::vector<FewShotPoint> points;
    if (shots.empty()) {
        FewShotPoint all;
        all.outcomes.push_back(fitOutcome(data, data.train, options, context));
        all.train = data.train;
        points.push_back(std::move(all));
        return points;
    }
    for (const size_t count : shots) {
        FewShotPoint point{count, {}, {}};
        for (size_t draw = 0; draw < input.params["draws"].get<size_t>(); ++draw) {
            options.seed = context.seed + draw;
            ProbePart train = subset(data.train, fewShotSample(data.train.labels, count, options.seed));
            point.outcomes.push_back(fitOutcome(data, train, options, context));
            if (draw == 0)
                point.train = std::move(train);
        }
        points.push_back(std::move(point));
    }
    return points;
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const std::vector<size_t> shots = parseShots(input.params["shots"].get<std::string>());
    const bool sweep = input.params["sweep"].get<bool>();
    if (sweep && !shots.empty())
        throw Error(ErrorCode::InvalidArgument,
                    "Parameter 'sweep' searches C on images held back, of which few-shot has none to spare; "
                    "leave out 'sweep' and give 'c', or leave out 'shots'");
    const ProbeData data = loadProbeData(input, sweep, context);
    const std::vector<FewShotPoint> points = fitAll(input, data, shots, context);
    const std::vector<ProbeOutcome>& outcomes = points.back().outcomes;
    TaskOutput output;
    context.begin("Computing intervals", 0);
    output.metrics = metricsOf(input, outcomes, context);
    output.details = detailsOf(input, data, points);
    if (!shots.empty()) {
        const double chance = 1.0 / static_cast<double>(input.dataset.classNames.size());
        const BootstrapOptions options = bootstrapOptions(input.params);
        if (outcomes.size() > 1)
            output.metrics.push_back(
                {"lp_acc1_spread", accuracySpread(outcomes), {}, outcomes.size(), false, {}});
        for (Metric& metric : fewShotMetrics(points, options, chance, context))
            output.metrics.push_back(std::move(metric));
        const std::vector<double> zeroShot = zeroShotHits(input, data.test, context);
        output.metrics.push_back({"zero_shot_acc1", meanOf(zeroShot),
                                  bootstrapMean(zeroShot, options, context), zeroShot.size(), true, chance});
        output.details["curves"] = Json::array({learningCurve(points, meanOf(zeroShot))});
        output.details["tables"] = Json::array({fewShotTable(points)});
    }
    context.end();
    output.examples = probeExamples(input, data, outcomes.front().results, outcomes.front().best);
    const std::vector<double> hits = meanHits(outcomes, 1);
    for (size_t i = 0; i < hits.size(); ++i)
        output.examples[i].score = hits[i];
    return output;
}

std::vector<ParamSpec> params() {
    std::vector<ParamSpec> params = {
        floatParam("c", "C", "Inverse strength of the L2 penalty, where it is not searched.", 0.316, 1e-6,
                   1e6),
        boolParam("sweep", "Search C",
                  "Searches C from 1e-6 to 1e6 on the dataset's validation split, else on a fifth of the "
                  "training images, then fits again on both.",
                  false),
        textParam("shots", "Few-shot",
                  "Train on so many images of each class, e.g. 1,2,4,8,16; empty = on all.", ""),
        intParam("draws", "Few-shot draws",
                 "How often the few images are drawn; results are means over the draws.", 3, 1, 100),
    };
    std::ranges::move(probeDataParams(), std::back_inserter(params));
    params.push_back(intParam("max_iterations", "Iterations", "L-BFGS iterations at most.", 1000, 1, 100000));
    params.push_back(templatesParam());
    params.back().title = "Zero-shot prompts";
    params.back().help = "Prompts of the zero-shot line beside the few-shot curve. " + params.back().help;
    params.push_back(keepParam());
    params.push_back(resamplesParam());
    return params;
}

TaskRules rules(const Json& params) {
    const bool unit = params["unit_length"].get<bool>(), pooled = params["feature"] == "pooled";
    TaskRules rules;
    rules.features = std::string(pooled ? "pooled image features before the projection"
                                        : "image features after the projection") +
                     (unit ? ", scaled to length 1" : ", as they are");
    rules.ties = "among equal scores the class that stands first is the prediction";
    rules.counting = "test images with a label; those of a class that was not trained count as wrong; "
                     "few-shot numbers are means over the draws";
    if (!params["shots"].get<std::string>().empty()) { // a zero-shot line stands beside the curve
        rules.prompts = promptSetOf(params["templates"]).templates;
        rules.promptParam = "templates";
    }
    rules.clipBenchmark = "linear_probe";
    rules.deviations = {{"Learner", "multinomial logistic regression by L-BFGS with an L2 penalty",
                         "a linear layer by AdamW, 10 epochs at a rate of 0.1 unless told otherwise"},
                        {"Penalty",
                         params["sweep"].get<bool>() ? "C searched from 1e-6 to 1e6 on validation images"
                                                     : "C as given, " + params["c"].dump(),
                         "weight decay searched from 1e-6 to 1e2 on the validation split, 0 without one"},
                        {"Equal scores", rules.ties, "torch.topk and argmax, which promise no order"}};
    if (!unit)
        rules.deviations.push_back({"Length of features", "as the model gives it", "scaled to 1"});
    if (pooled)
        rules.deviations.push_back({"Features", "before the projection", "encode_image, after it"});
    return rules;
}

} // namespace

Task linearProbeTask() {
    Task task;
    task.info.id = "linear-probe";
    task.info.title = "Linear probe";
    task.info.summary = "Learns the classes from frozen image features and tests that on other images.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Labels};
    task.info.needsModel = [](const Json&) { return Faces{.imageEmbeddings = true}; };
    task.info.rules = rules;
    task.info.params = params();
    task.info.views = {"summary",     "curves",     "tables", "classes", "confusion",
                       "calibration", "thresholds", "slices", "examples"};
    task.info.primaryMetric = "lp_acc1";
    task.info.score = "Share of the draws that get it right";
    task.unsuitable = probeUnsuitable;
    task.run = run;
    return task;
}

} // namespace diptych
