// SPDX-License-Identifier: GPL-3.0-or-later
// A probe on what somebody has put into classes a moment ago.
#include "core/probe/linear_probe.h"
#include "core/session/curator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>

namespace diptych {
namespace {

constexpr int kAmbiguous = -2, kNone = -1;

/// The class of every sample that is in one; kAmbiguous where it is in several.
std::unordered_map<SampleId, int> classOfEach(std::span<const ProbeClass> classes) {
    std::unordered_map<SampleId, int> found;
    for (size_t k = 0; k < classes.size(); ++k)
        for (const SampleId sample : classes[k].samples) {
            const auto [at, isNew] = found.try_emplace(sample, static_cast<int>(k));
            if (!isNew && at->second != static_cast<int>(k))
                at->second = kAmbiguous;
        }
    return found;
}

struct Sides {
    std::vector<size_t> trained, rest; ///< rows
    std::vector<int> labels;           ///< of trained
    size_t ambiguous = 0;
};

Sides sidesOf(const ImageEmbeddings& images, const std::unordered_map<SampleId, int>& classOf) {
    Sides sides;
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const auto found = classOf.find(images.ids[i]);
        const int its = found == classOf.end() ? kNone : found->second;
        if (its == kAmbiguous)
            ++sides.ambiguous;
        else if (its == kNone)
            sides.rest.push_back(i);
        else {
            sides.trained.push_back(i);
            sides.labels.push_back(its);
        }
    }
    return sides;
}

Matrix rowsAt(const Matrix& rows, const std::vector<size_t>& positions) {
    Matrix out(positions.size(), rows.cols());
    for (size_t i = 0; i < positions.size(); ++i)
        std::ranges::copy(rows.row(positions[i]), out.row(i).begin());
    return out;
}

void requireClasses(std::span<const ProbeClass> classes, const Sides& sides, const std::string& dataset) {
    if (classes.size() < 2)
        throw Error(ErrorCode::InvalidArgument,
                    "A probe tells two classes or more apart; name two tags at least");
    for (size_t k = 0; k < classes.size(); ++k)
        if (std::ranges::find(sides.labels, static_cast<int>(k)) == sides.labels.end())
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("No image of '{}' is in '{}' alone: there is nothing to learn it from",
                                    dataset, classes[k].name));
}

ProbeGuess guessOf(SampleId sample, std::span<const float> logs, const std::vector<int>& classes) {
    ProbeGuess guess{sample, kNone, 0, 0};
    double second = 0;
    for (size_t k = 0; k < logs.size(); ++k) {
        const double p = std::exp(static_cast<double>(logs[k]));
        if (p > guess.confidence) {
            second = guess.confidence;
            guess.confidence = p;
            guess.predicted = classes[k];
        } else {
            second = std::max(second, p);
        }
    }
    guess.margin = guess.confidence - second;
    return guess;
}

} // namespace

ProbeFindings learnAndRank(const ImageEmbeddings& images, std::span<const ProbeClass> classes, double c,
                           const std::string& dataset, const RunContext& context) {
    const auto start = std::chrono::steady_clock::now();
    const Sides sides = sidesOf(images, classOfEach(classes));
    requireClasses(classes, sides, dataset);
    ProbeFindings findings;
    const ProbeModel probe = fitProbe(rowsAt(images.rows, sides.trained), sides.labels, {.c = c}, context);
    const Matrix logs = probe.predictLogProba(rowsAt(images.rows, sides.rest), context.threadCount());
    for (size_t i = 0; i < sides.rest.size(); ++i)
        findings.guesses.push_back(guessOf(images.ids[sides.rest[i]], logs.row(i), probe.classes));
    std::ranges::stable_sort(findings.guesses, std::less(), &ProbeGuess::margin);
    findings.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    findings.trained = sides.trained.size();
    findings.ambiguous = sides.ambiguous;
    return findings;
}

ProbeFindings Curator::probe(const CurationSpec& spec, std::span<const ProbeClass> classes, double c,
                             const RunContext& context) {
    const std::vector<Sample> samples = samplesOf(spec);
    std::vector<SampleId> ids;
    for (const Sample& sample : samples)
        ids.push_back(sample.id);
    Embedded embedded = embed(spec, ids, "A live probe", context);
    ProbeFindings findings;
    findings.answer = embedded.answer;
    if (embedded.answer != Answer::Ready)
        return findings;
    findings = learnAndRank(embedded.images, classes, c, spec.dataset, context);
    findings.failures = std::move(embedded.images.failures);
    return findings;
}

} // namespace diptych
