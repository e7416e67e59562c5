// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/probe_fit.h"

#include "core/metrics/classification.h"
#include "core/probe/splits.h"
#include "core/tasks/task_support.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace diptych {
namespace {

/// Drawn from the training images for a sweep where the dataset has no validation split.
constexpr double kValidationShare = 0.2;

void addScored(ProbeOutcome& out, const ProbeModel& model, std::span<const float> logProba, int label,
               const ProbeFitOptions& options) {
    const auto probability = [&](size_t column) {
        return std::min(1.0, std::exp(static_cast<double>(logProba[column])));
    };
    std::vector<ScoredIndex> best;
    for (const ScoredIndex& entry : topK(logProba, options.keep)) {
        const auto column = static_cast<size_t>(entry.index);
        best.push_back({model.classes[column], static_cast<float>(probability(column))});
    }
    size_t rank = options.classCount;
    double loss = std::numeric_limits<double>::quiet_NaN();
    const auto found = std::ranges::lower_bound(model.classes, label);
    if (found != model.classes.end() && *found == label) {
        const auto column = static_cast<size_t>(found - model.classes.begin());
        rank = 0;
        for (size_t j = 0; j < logProba.size(); ++j)
            rank += logProba[j] > logProba[column] || (logProba[j] == logProba[column] && j < column);
        loss = -static_cast<double>(logProba[column]);
    }
    ClassificationResults& results = out.results;
    results.labels.push_back(label);
    results.predictions.push_back(best.front().index);
    results.ranks.push_back(rank);
    results.correct.push_back(rank == 0);
    results.confidences.push_back(
        std::min(1.0, std::exp(static_cast<double>(*std::ranges::max_element(logProba)))));
    out.losses.push_back(loss);
    out.best.push_back(std::move(best));
}

double accuracyOn(const ProbeModel& model, const ProbePart& part, const RunContext& context) {
    size_t right = 0;
    for (size_t first = 0; first < part.size(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, part.size() - first);
        const auto predictions = model.predict(rowsOf(part.rows, first, count), context.threadCount());
        for (size_t i = 0; i < count; ++i)
            right += predictions[i] == part.labels[first + i];
    }
    return static_cast<double>(right) / static_cast<double>(part.size());
}

/// The part of @p validation whose classes @p fitted has. @throws Error InvalidArgument if that is nothing
ProbePart usableValidation(const ProbePart& fitted, const ProbePart& validation) {
    const std::set<int> trained(fitted.labels.begin(), fitted.labels.end());
    std::vector<size_t> usable;
    for (size_t i = 0; i < validation.size(); ++i)
        if (trained.contains(validation.labels[i]))
            usable.push_back(i);
    if (usable.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            "C cannot be searched: no class has an image to train on and another to choose C on. Give "
            "C instead");
    return subset(validation, usable);
}

SweepResult searchC(const ProbePart& train, const ProbePart& ownValidation, const ProbeFitOptions& options,
                    const RunContext& context) {
    context.begin("Searching C", 0);
    SweepResult result;
    if (ownValidation.size() > 0) {
        const ProbePart validation = usableValidation(train, ownValidation);
        result =
            sweepProbe(train.rows, train.labels, validation.rows, validation.labels, options.probe, context);
    } else {
        const Split split = stratifiedSplit(train.labels, kValidationShare, options.seed);
        const ProbePart fitted = subset(train, split.first);
        const ProbePart validation = usableValidation(fitted, subset(train, split.second));
        result = sweepProbe(fitted.rows, fitted.labels, validation.rows, validation.labels, options.probe,
                            context);
    }
    context.end();
    return result;
}

ProbePart joined(const ProbePart& a, const ProbePart& b) {
    ProbePart out{concatenateRows(a.rows, b.rows), a.labels, a.ids};
    out.labels.insert(out.labels.end(), b.labels.begin(), b.labels.end());
    out.ids.insert(out.ids.end(), b.ids.begin(), b.ids.end());
    return out;
}

} // namespace

ProbeOutcome fitOutcome(const ProbeData& data, const ProbePart& train, const ProbeFitOptions& options,
                        const RunContext& context) {
    ProbeOutcome out;
    ProbeOptions probe = options.probe;
    ProbePart both;
    if (options.sweep) {
        SweepResult sweep = searchC(train, data.validation, options, context);
        probe.c = sweep.bestC;
        out.sweep = std::move(sweep.points);
        if (data.validation.size() > 0)
            both = joined(train, data.validation);
    }
    const ProbePart& fitted = both.size() > 0 ? both : train;
    context.begin("Fitting the probe", 0);
    const ProbeModel model = fitProbe(fitted.rows, fitted.labels, probe, context);
    context.end();
    out.seed = options.seed;
    out.c = probe.c;
    out.iterations = model.iterations;
    out.converged = model.converged;
    out.trainCount = fitted.size();
    out.trainAccuracy = accuracyOn(model, fitted, context);
    for (size_t first = 0; first < data.test.size(); first += kRowsPerChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kRowsPerChunk, data.test.size() - first);
        const Matrix logProba =
            model.predictLogProba(rowsOf(data.test.rows, first, count), context.threadCount());
        for (size_t i = 0; i < count; ++i)
            addScored(out, model, logProba.row(i), data.test.labels[first + i], options);
    }
    out.accuracy = accuracy(out.results.predictions, out.results.labels);
    return out;
}

} // namespace diptych
