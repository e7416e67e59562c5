// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/curation/label_issues.h"
#include "core/metrics/check.h"
#include "core/probe/linear_probe.h"
#include "core/probe/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace diptych {
namespace {

struct Part {
    Matrix rows;
    std::vector<int> labels;
};

Part take(const Matrix& features, std::span<const int> labels, const std::vector<size_t>& examples) {
    Part part{Matrix(examples.size(), features.cols()), {}};
    for (size_t i = 0; i < examples.size(); ++i) {
        std::ranges::copy(features.row(examples[i]), part.rows.row(i).begin());
        part.labels.push_back(labels[examples[i]]);
    }
    return part;
}

struct Fold {
    std::vector<size_t> fitted, held;
};

std::vector<Fold> foldsOf(std::span<const int> labels, const CrossValidation& options) {
    const std::vector<size_t> fold = stratifiedFolds(labels, options.folds, options.seed);
    std::vector<Fold> folds(options.folds);
    for (size_t i = 0; i < labels.size(); ++i)
        for (size_t f = 0; f < folds.size(); ++f)
            (fold[i] == f ? folds[f].held : folds[f].fitted).push_back(i);
    std::erase_if(folds, [](const Fold& one) { return one.held.empty(); });
    return folds;
}

double searchedC(const Matrix& features, std::span<const int> labels, const Fold& fold,
                 const RunContext& context) {
    const Part fitted = take(features, labels, fold.fitted);
    // Of a class that is held out alone, nothing can be told.
    const std::set<int> seen(fitted.labels.begin(), fitted.labels.end());
    std::vector<size_t> known;
    for (const size_t i : fold.held)
        if (seen.contains(labels[i]))
            known.push_back(i);
    if (known.empty())
        return 1;
    const Part held = take(features, labels, known);
    return sweepProbe(fitted.rows, fitted.labels, held.rows, held.labels, {}, context).bestC;
}

} // namespace

std::vector<size_t> stratifiedFolds(std::span<const int> labels, size_t folds, uint64_t seed) {
    requireNotEmpty(labels.size(), "examples");
    if (folds < 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Cross-validation needs 2 folds or more, not {}", folds));
    std::map<int, std::vector<size_t>> byClass;
    for (size_t i = 0; i < labels.size(); ++i)
        byClass[labels[i]].push_back(i);
    std::vector<size_t> fold(labels.size());
    Random random(seed);
    size_t next = 0; // goes on from class to class, so that the folds are of one size
    for (auto& [label, members] : byClass) {
        for (size_t i = members.size(); i > 1; --i)
            std::swap(members[i - 1], members[random.below(i)]);
        for (const size_t i : members)
            fold[i] = next++ % folds;
    }
    return fold;
}

OutOfFold outOfFoldProbabilities(const Matrix& features, std::span<const int> labels, size_t classCount,
                                 const CrossValidation& options, const RunContext& context) {
    requireSameLength(features.rows(), "rows of features", labels.size(), "labels");
    requireLabels(labels, classCount);
    std::map<int, size_t> counts;
    for (const int label : labels)
        ++counts[label];
    if (std::ranges::count_if(counts, [](const auto& entry) { return entry.second > 1; }) < 2)
        throw Error(ErrorCode::InvalidArgument,
                    "Labels are checked by a probe that learns them from other images: two classes with two "
                    "images or more are needed");
    const std::vector<Fold> folds = foldsOf(labels, options);
    OutOfFold out{Matrix(labels.size(), classCount), options.c, 0};
    context.begin("Fitting probes", static_cast<int64_t>(folds.size()));
    if (out.c == 0)
        out.c = searchedC(features, labels, folds.front(), context);
    size_t right = 0;
    for (const Fold& fold : folds) {
        const Part fitted = take(features, labels, fold.fitted), held = take(features, labels, fold.held);
        const ProbeModel probe = fitProbe(fitted.rows, fitted.labels, {.c = out.c}, context);
        const Matrix logs = probe.predictLogProba(held.rows, context.threadCount());
        for (size_t i = 0; i < fold.held.size(); ++i) {
            const auto row = out.probabilities.row(fold.held[i]);
            for (size_t k = 0; k < probe.classes.size(); ++k)
                row[static_cast<size_t>(probe.classes[k])] = std::exp(logs(i, k));
            right += std::ranges::max_element(row) - row.begin() == held.labels[i];
        }
        context.advance();
    }
    context.end();
    out.accuracy = static_cast<double>(right) / static_cast<double>(labels.size());
    return out;
}

} // namespace diptych
