// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/meme_scores.h"

#include "core/probe/linear_probe.h"
#include "core/probe/splits.h"
#include "core/probe/sweep.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace diptych {
namespace {

constexpr double kValidationShare = 0.2;

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

/// By how much each row is nearer to the second prompt than to the first, times the scale.
std::vector<double> promptMargins(const Matrix& rows, const MemeScoring& scoring) {
    std::vector<double> margins;
    for (size_t i = 0; i < rows.rows(); ++i)
        margins.push_back(scoring.scale * (dot(rows.row(i), scoring.prompts.row(1)) -
                                           dot(rows.row(i), scoring.prompts.row(0))));
    return margins;
}

std::vector<double> zeroShotScores(const MemeMethod& method, const Memes& memes, const MemeScoring& scoring) {
    if (method.kind == MemeMethod::Kind::Matching)
        return memes.matches;
    if (method.kind == MemeMethod::Kind::Mismatch) {
        std::vector<double> scores;
        for (size_t i = 0; i < memes.images.rows(); ++i)
            scores.push_back(-dot(memes.images.row(i), memes.texts.row(i)));
        return scores;
    }
    if (method.features == MemeMethod::Features::Image)
        return promptMargins(memes.images, scoring);
    std::vector<double> scores = promptMargins(memes.texts, scoring);
    if (method.features == MemeMethod::Features::Concatenated) {
        const std::vector<double> images = promptMargins(memes.images, scoring);
        for (size_t i = 0; i < scores.size(); ++i)
            scores[i] = (scores[i] + images[i]) / 2;
    }
    return scores;
}

Matrix featuresOf(MemeMethod::Features features, const Memes& memes) {
    const Matrix &images = memes.images, &texts = memes.texts;
    if (features == MemeMethod::Features::Image)
        return images;
    if (features == MemeMethod::Features::Text)
        return texts;
    const bool both = features == MemeMethod::Features::Concatenated;
    Matrix out(images.rows(), both ? images.cols() + texts.cols() : images.cols());
    for (size_t i = 0; i < out.rows(); ++i) {
        const auto image = images.row(i), text = texts.row(i);
        const auto row = out.row(i);
        if (both)
            std::copy(text.begin(), text.end(), std::copy(image.begin(), image.end(), row.begin()));
        else
            std::transform(image.begin(), image.end(), text.begin(), row.begin(), std::multiplies<>());
    }
    if (!both)
        normalizeRows(out);
    return out;
}

Matrix rowsAt(const Matrix& matrix, const std::vector<size_t>& positions) {
    Matrix out(positions.size(), matrix.cols());
    for (size_t i = 0; i < positions.size(); ++i) {
        const auto row = matrix.row(positions[i]);
        std::copy(row.begin(), row.end(), out.row(i).begin());
    }
    return out;
}

std::vector<int> labelsAt(const std::vector<int>& labels, const std::vector<size_t>& positions) {
    std::vector<int> out(positions.size());
    std::transform(positions.begin(), positions.end(), out.begin(),
                   [&](size_t position) { return labels[position]; });
    return out;
}

double searchC(const Matrix& features, const std::vector<int>& labels, const RunContext& context) {
    const Split split = stratifiedSplit(labels, kValidationShare, context.seed);
    return sweepProbe(rowsAt(features, split.first), labelsAt(labels, split.first),
                      rowsAt(features, split.second), labelsAt(labels, split.second), {}, context)
        .bestC;
}

/// log p(second class) - log p(first class)
std::vector<double> logOdds(const ProbeModel& model, const Matrix& features, const RunContext& context) {
    const Matrix logProba = model.predictLogProba(features, context.threads);
    std::vector<double> odds;
    for (size_t i = 0; i < logProba.rows(); ++i)
        odds.push_back(static_cast<double>(logProba(i, 1)) - logProba(i, 0));
    return odds;
}

} // namespace

const std::vector<MemeMethod>& memeMethods() {
    using enum MemeMethod::Kind;
    using enum MemeMethod::Features;
    static const std::vector<MemeMethod> methods = {
        {"zero-shot-image", "Zero-shot, image only", ZeroShot, Image},
        {"zero-shot-text", "Zero-shot, text only", ZeroShot, Text},
        {"zero-shot-both", "Zero-shot, both", ZeroShot, Concatenated},
        {"mismatch", "Zero-shot, image against text", Mismatch, Multiplied},
        {"probe-image", "Probe, image only", Probe, Image},
        {"probe-text", "Probe, text only", Probe, Text},
        {"probe-concatenated", "Probe, both concatenated", Probe, Concatenated},
        {"probe-multiplied", "Probe, both multiplied", Probe, Multiplied},
        {"matching", "Matching, image and text together", Matching, Concatenated},
    };
    return methods;
}

MemeScores scoreMemes(const MemeMethod& method, const Memes& train, const Memes& eval,
                      const MemeScoring& scoring, const RunContext& context) {
    if (method.kind != MemeMethod::Kind::Probe)
        return {zeroShotScores(method, train, scoring), zeroShotScores(method, eval, scoring), {}};
    const auto positives = std::count(train.labels.begin(), train.labels.end(), 1);
    if (positives == 0 || positives == std::ssize(train.labels))
        throw Error(ErrorCode::InvalidArgument,
                    "A probe needs labelled examples of both classes in the split 'train', and there are "
                    "none. Choose a zero-shot method, or run on the whole dataset");
    const Matrix trainFeatures = featuresOf(method.features, train);
    ProbeOptions options;
    options.c = scoring.c > 0 ? scoring.c : searchC(trainFeatures, train.labels, context);
    const ProbeModel model = fitProbe(trainFeatures, train.labels, options, context);
    return {logOdds(model, trainFeatures, context),
            logOdds(model, featuresOf(method.features, eval), context), options.c};
}

double memeProbability(const MemeMethod& method, double score) {
    return method.kind == MemeMethod::Kind::Mismatch ? std::clamp((1 + score) / 2, 0.0, 1.0)
                                                     : 1 / (1 + std::exp(-score));
}

} // namespace diptych
