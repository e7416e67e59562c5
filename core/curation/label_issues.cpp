// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curation/label_issues.h"

#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diptych {
namespace {

constexpr double kTolerance = 1e-6;       ///< of rounding, when p reaches a threshold
constexpr double kLeastThreshold = 2e-6;  ///< else a class nobody believes in would take in everything
constexpr double kLeastPreference = 1e-6; ///< by which another class must be the more probable

std::vector<double> classThresholds(const Matrix& probabilities, std::span<const int> labels) {
    std::vector<double> sums(probabilities.cols());
    std::vector<size_t> counts(probabilities.cols());
    for (size_t i = 0; i < labels.size(); ++i) {
        const auto label = static_cast<size_t>(labels[i]);
        sums[label] += static_cast<double>(probabilities(i, label));
        ++counts[label];
    }
    for (size_t k = 0; k < sums.size(); ++k)
        sums[k] = counts[k] == 0 ? std::numeric_limits<double>::infinity()
                                 : std::max(kLeastThreshold, sums[k] / static_cast<double>(counts[k]));
    return sums;
}

size_t mostProbable(std::span<const float> row) {
    return static_cast<size_t>(std::ranges::max_element(row) - row.begin());
}

/// The class that counts for an example; -1 = none.
int confidentClass(std::span<const float> row, std::span<const double> thresholds) {
    int only = -1;
    for (size_t k = 0; k < row.size(); ++k) {
        if (static_cast<double>(row[k]) < thresholds[k] - kTolerance)
            continue;
        if (only >= 0)
            return static_cast<int>(mostProbable(row));
        only = static_cast<int>(k);
    }
    return only;
}

LabelIssue issueOf(const Matrix& probabilities, std::span<const int> labels, size_t example) {
    const auto row = probabilities.row(example);
    const auto given = static_cast<size_t>(labels[example]);
    LabelIssue issue{example, labels[example], static_cast<int>(mostProbable(row)),
                     static_cast<double>(row[given]), 0};
    double other = -std::numeric_limits<double>::infinity();
    for (size_t k = 0; k < row.size(); ++k)
        if (k != given)
            other = std::max(other, static_cast<double>(row[k]));
    issue.margin = issue.selfConfidence - other;
    return issue;
}

/// Whole numbers whose sum is the rounded sum of @p values: those with the largest fraction are rounded up.
void roundKeepingSum(std::span<double> values) {
    const double wanted = std::round(std::accumulate(values.begin(), values.end(), 0.0));
    std::vector<double> fractions;
    double sum = 0;
    for (double& value : values) {
        fractions.push_back(value - std::floor(value));
        value = std::floor(value);
        sum += value;
    }
    std::vector<size_t> order(values.size());
    std::iota(order.rbegin(), order.rend(), size_t{0}); // among equals the last
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return fractions[a] > fractions[b]; });
    for (size_t i = 0; i < order.size() && sum < wanted; ++i, ++sum)
        ++values[order[i]];
}

/// How many examples of each given label (row) the joint expects to be of each class (column), at least one
/// of them right: the confident joint with its rows scaled to the labels' counts.
std::vector<double> expectedCounts(const std::vector<int64_t>& joint, std::span<const int> labels,
                                   size_t classes) {
    std::vector<double> labelCounts(classes), expected(joint.size());
    for (const int label : labels)
        ++labelCounts[static_cast<size_t>(label)];
    for (size_t given = 0; given < classes; ++given) {
        const std::span<double> row = std::span(expected).subspan(given * classes, classes);
        double sum = 0;
        for (size_t k = 0; k < classes; ++k)
            sum += static_cast<double>(joint[given * classes + k]);
        for (size_t k = 0; k < classes; ++k)
            row[k] = static_cast<double>(joint[given * classes + k]) / sum * labelCounts[given];
        roundKeepingSum(row);
        const double missing = std::max(0.0, 1 - row[given]);
        const auto others = static_cast<double>(std::ranges::count_if(row, [](double n) { return n > 0; }));
        for (size_t k = 0; missing > 0 && k < classes; ++k)
            row[k] = k == given ? 1 : std::max(0.0, row[k] - missing / std::max(1.0, others - 1));
    }
    return expected;
}

void chooseByNoiseRate(const Matrix& probabilities, std::span<const int> labels,
                       const std::vector<int64_t>& joint, std::vector<uint8_t>& chosen) {
    const size_t classes = probabilities.cols();
    const std::vector<double> expected = expectedCounts(joint, labels, classes);
    std::vector<std::vector<size_t>> members(classes);
    for (size_t i = 0; i < labels.size(); ++i)
        members[static_cast<size_t>(labels[i])].push_back(i);
    for (size_t given = 0; given < classes; ++given) {
        if (members[given].size() < 2)
            continue;
        for (size_t other = 0; other < classes; ++other) {
            const auto count =
                std::min(members[given].size(), static_cast<size_t>(expected[given * classes + other]));
            if (other == given || count == 0)
                continue;
            std::vector<size_t> order = members[given];
            std::ranges::stable_sort(order, std::greater(), [&](size_t i) {
                return static_cast<double>(probabilities(i, other)) -
                       static_cast<double>(probabilities(i, given));
            });
            for (size_t i = 0; i < count; ++i)
                chosen[order[i]] = 1;
        }
    }
}

} // namespace

LabelIssues findLabelIssues(const Matrix& probabilities, std::span<const int> labels, IssueChoice choice) {
    requireNotEmpty(labels.size(), "labelled examples");
    requireSameLength(probabilities.rows(), "rows of probabilities", labels.size(), "labels");
    requireFinite(probabilities, "Probabilities");
    const size_t classes = probabilities.cols();
    requireLabels(labels, classes);
    if (classes < 2)
        throw Error(ErrorCode::InvalidArgument, "Wrong labels can only be told among two classes or more");
    LabelIssues out;
    out.thresholds = classThresholds(probabilities, labels);
    out.confidentJoint.assign(classes * classes, 0);
    std::vector<uint8_t> chosen(labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
        const int confident = confidentClass(probabilities.row(i), out.thresholds);
        if (confident < 0)
            continue;
        ++out.confidentJoint[static_cast<size_t>(labels[i]) * classes + static_cast<size_t>(confident)];
        chosen[i] = confident != labels[i];
    }
    for (size_t k = 0; k < classes; ++k) // every class has one right example at least
        out.confidentJoint[k * classes + k] = std::max<int64_t>(1, out.confidentJoint[k * classes + k]);
    if (choice == IssueChoice::NoiseRate) {
        std::ranges::fill(chosen, uint8_t{0});
        chooseByNoiseRate(probabilities, labels, out.confidentJoint, chosen);
    }
    for (size_t i = 0; i < labels.size(); ++i)
        if (chosen[i])
            if (const LabelIssue issue = issueOf(probabilities, labels, i); issue.margin < -kLeastPreference)
                out.issues.push_back(issue);
    std::ranges::stable_sort(out.issues, std::less(), &LabelIssue::margin);
    return out;
}

} // namespace diptych
