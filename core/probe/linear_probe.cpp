// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/linear_probe.h"

#include "core/metrics/check.h"
#include "core/metrics/classification.h"
#include "core/probe/logistic_objective.h"
#include "core/probe/minimize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {

namespace {

std::vector<int> distinct(std::span<const int> labels) {
    std::vector<int> values(labels.begin(), labels.end());
    std::ranges::sort(values);
    const auto rest = std::ranges::unique(values);
    values.erase(rest.begin(), rest.end());
    return values;
}

/// Place of a label among the classes; -1 if it is none of them.
int64_t placeOf(int label, std::span<const int> classes) {
    const auto found = std::ranges::lower_bound(classes, label);
    return found != classes.end() && *found == label ? found - classes.begin() : -1;
}

void checkFit(const Matrix& features, std::span<const int> labels, const ProbeOptions& options) {
    requireNotEmpty(labels.size(), "examples to fit the probe on");
    requireSameLength(features.rows(), "rows of features", labels.size(), "labels");
    requireNotEmpty(features.cols(), "feature columns");
    requireFinite(features, "Features");
    if (!(options.c > 0) || !std::isfinite(options.c))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("C is {}; it must be a positive number", options.c));
    if (!(options.tolerance > 0))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The tolerance is {}; it must be a positive number", options.tolerance));
}

/// log(1 / (1 + exp(-x))) without overflow.
double logSigmoid(double x) {
    return x >= 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x));
}

void normaliseLogits(std::span<float> row, std::span<const double> bias) {
    double largest = -INFINITY;
    for (size_t j = 0; j < row.size(); ++j)
        largest = std::max(largest, static_cast<double>(row[j]) + bias[j]);
    double sum = 0;
    for (size_t j = 0; j < row.size(); ++j)
        sum += std::exp(static_cast<double>(row[j]) + bias[j] - largest);
    const double logSum = largest + std::log(sum);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<float>(static_cast<double>(row[j]) + bias[j] - logSum);
}

} // namespace

ProbeModel fitProbe(const Matrix& features, std::span<const int> labels, const ProbeOptions& options,
                    const RunContext& context) {
    checkFit(features, labels, options);
    ProbeModel model;
    model.classes = distinct(labels);
    if (model.classes.size() < 2)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("All {} examples to fit the probe on have label {}; it needs two classes or more",
                        labels.size(), labels[0]));
    std::vector<int64_t> targets(labels.size());
    std::ranges::transform(labels, targets.begin(), [&](int label) { return placeOf(label, model.classes); });

    // Divided by C n, as scikit-learn does, the objective is the mean loss plus this penalty.
    const double scale = options.c * static_cast<double>(labels.size());
    const LogisticObjective objective(features, targets, model.classes.size(), 1 / scale, context);
    const Minimum minimum =
        minimize([&](std::span<const double> x, std::span<double> g) { return objective(x, g); },
                 std::vector<double>(objective.parameterCount()), {options.maxIterations, options.tolerance});
    const size_t weightCount = objective.rows() * features.cols();
    model.weights = Matrix(objective.rows(), features.cols());
    std::transform(minimum.x.begin(), minimum.x.begin() + static_cast<ptrdiff_t>(weightCount),
                   model.weights.values().begin(), [](double weight) { return static_cast<float>(weight); });
    model.bias.assign(minimum.x.begin() + static_cast<ptrdiff_t>(weightCount), minimum.x.end());
    model.iterations = minimum.iterations;
    model.converged = minimum.converged;
    model.objective = minimum.value * scale;
    return model;
}

Matrix ProbeModel::predictLogProba(const Matrix& features, unsigned threads) const {
    requireSameLength(features.cols(), "feature columns", weights.cols(), "weights a class");
    requireFinite(features, "Features");
    Matrix scores = multiplyTransposed(features, weights, threads);
    if (weights.rows() > 1) {
        for (size_t i = 0; i < scores.rows(); ++i)
            normaliseLogits(scores.row(i), bias);
        return scores;
    }
    Matrix both(features.rows(), 2);
    for (size_t i = 0; i < both.rows(); ++i) {
        const double score = static_cast<double>(scores(i, 0)) + bias[0];
        both(i, 0) = static_cast<float>(logSigmoid(-score));
        both(i, 1) = static_cast<float>(logSigmoid(score));
    }
    return both;
}

std::vector<int> ProbeModel::predict(const Matrix& features, unsigned threads) const {
    if (features.rows() == 0)
        return {};
    std::vector<int> labels = predictClasses(predictLogProba(features, threads));
    for (int& label : labels)
        label = classes[static_cast<size_t>(label)];
    return labels;
}

ProbeScore scoreProbe(const ProbeModel& model, const Matrix& features, std::span<const int> labels,
                      unsigned threads) {
    requireNotEmpty(labels.size(), "examples");
    requireSameLength(features.rows(), "rows of features", labels.size(), "labels");
    const Matrix logProba = model.predictLogProba(features, threads);
    const std::vector<int> predicted = predictClasses(logProba);
    ProbeScore score;
    for (size_t i = 0; i < labels.size(); ++i) {
        const int64_t place = placeOf(labels[i], model.classes);
        if (place < 0)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Label {} is {}, which none of the examples the probe was fitted on has",
                                    i, labels[i]));
        score.accuracy += predicted[i] == place;
        score.logLoss -= static_cast<double>(logProba(i, static_cast<size_t>(place)));
    }
    score.accuracy /= static_cast<double>(labels.size());
    score.logLoss /= static_cast<double>(labels.size());
    return score;
}

} // namespace diptych
