// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/number_text.h"
#include "core/report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace diptych::html {
namespace {

constexpr size_t kMostClassesDrawn = 60, kMostClassesNumbered = 24;
constexpr size_t kLabelLength = 24;
constexpr double kLetterWidth = 6.8; ///< of labels, on the wide side

std::string shortened(const std::string& name) {
    if (name.size() <= kLabelLength)
        return name;
    size_t end = kLabelLength - 1;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
        --end; // not inside a character
    return name.substr(0, end) + "…";
}

} // namespace

std::string metricBar(const Metric& metric) {
    if (!std::isfinite(metric.value) || metric.value < 0 || metric.value > 1)
        return "";
    constexpr double kWidth = 180, kHeight = 16;
    const auto x = [](double value) { return std::clamp(value, 0.0, 1.0) * kWidth; };
    std::string svg =
        fmt::format("<svg class=\"bar\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" "
                    "aria-hidden=\"true\"><rect class=\"track\" y=\"3\" width=\"{0:g}\" height=\"10\" "
                    "rx=\"2\"/><rect class=\"fill\" y=\"3\" width=\"{2:.2f}\" height=\"10\" rx=\"2\"/>",
                    kWidth, kHeight, x(metric.value));
    if (metric.interval)
        svg += fmt::format("<path class=\"whisker\" d=\"M{0:.2f} 8H{1:.2f}M{0:.2f} 4v8M{1:.2f} 4v8\"/>",
                           x(metric.interval->low), x(metric.interval->high));
    if (metric.chance)
        svg += fmt::format("<path class=\"chance\" d=\"M{:.2f} 0v16\"/>", x(*metric.chance));
    return svg + "</svg>";
}

std::string confusionChart(const ReportRun& run) {
    const auto& names = run.record.classNames;
    const size_t n = names.size();
    if (run.confusion.empty() || n == 0 || n > kMostClassesDrawn)
        return "";
    std::vector<int64_t> counts(n * n), totals(n);
    for (const auto& cell : run.confusion)
        if (cell.target >= 0 && cell.prediction >= 0 && static_cast<size_t>(cell.target) < n &&
            static_cast<size_t>(cell.prediction) < n) {
            counts[static_cast<size_t>(cell.target) * n + static_cast<size_t>(cell.prediction)] += cell.count;
            totals[static_cast<size_t>(cell.target)] += cell.count;
        }
    const bool numbered = n <= kMostClassesNumbered;
    size_t longest = 0;
    for (const auto& name : names)
        longest = std::max(longest, std::min(name.size(), kLabelLength));
    const double label = 12 + kLetterWidth * static_cast<double>(longest);
    const double cell = numbered ? 34 : 14, left = label, top = 12 + 0.77 * label;
    const double side = cell * static_cast<double>(n);
    std::string svg = fmt::format(
        "<svg class=\"confusion\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" role=\"img\" "
        "aria-label=\"Confusion matrix\">",
        left + side + 0.65 * label, top + side + 6);
    for (size_t i = 0; i < n; ++i) {
        const double middle = (static_cast<double>(i) + 0.5) * cell;
        svg += fmt::format("<text class=\"label\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"end\">{}</text>",
                           left - 6, top + middle + 4, escape(shortened(names[i])));
        svg += fmt::format("<text class=\"label\" transform=\"translate({:g} {:g}) rotate(-50)\">{}</text>",
                           left + middle + 3, top - 6, escape(shortened(names[i])));
    }
    for (size_t i = 0; i < n * n; ++i) {
        const size_t row = i / n, column = i % n;
        const double share =
            totals[row] ? static_cast<double>(counts[i]) / static_cast<double>(totals[row]) : 0;
        const double x = left + static_cast<double>(column) * cell, y = top + static_cast<double>(row) * cell;
        svg += fmt::format("<rect class=\"{}\" x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" height=\"{:g}\"",
                           counts[i] == 0  ? "none"
                           : row == column ? "right"
                                           : "wrong",
                           x, y, cell - 1, cell - 1);
        if (counts[i] == 0) {
            svg += "/>";
            continue;
        }
        // The root makes a few mistakes among many visible.
        svg += fmt::format(" opacity=\"{:.3f}\"><title>{} taken for {}: {} of {} ({})</title></rect>",
                           0.12 + 0.88 * std::sqrt(share), escape(names[row]), escape(names[column]),
                           counts[i], totals[row], shareText(share));
        if (numbered)
            svg += fmt::format("<text class=\"{}\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"middle\">{}</text>",
                               share > 0.35 ? "count strong" : "count", x + (cell - 1) / 2,
                               y + cell / 2 + 3.5, counts[i]);
    }
    return svg + "</svg>";
}

std::string reliabilityChart(const ReportRun& run) {
    if (run.calibration.empty())
        return "";
    constexpr double kSide = 260, kLeft = 46, kTop = 10, kCounts = 50;
    const auto x = [](double value) { return kLeft + value * kSide; };
    const auto y = [](double value) { return kTop + (1 - value) * kSide; };
    int64_t most = 1;
    for (const auto& bin : run.calibration)
        most = std::max(most, bin.count);
    std::string svg = fmt::format("<svg class=\"reliability\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
                                  "height=\"{1:g}\" role=\"img\" aria-label=\"Reliability diagram\">",
                                  kLeft + kSide + 14, kTop + kSide + kCounts + 62);
    for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        svg += fmt::format("<path class=\"grid\" d=\"M{:g} {:.2f}h{:g}\"/>", kLeft, y(tick), kSide);
        svg += fmt::format("<text class=\"label\" x=\"{:g}\" y=\"{:.2f}\" text-anchor=\"end\">{:g}</text>",
                           kLeft - 6, y(tick) + 4, tick);
        svg += fmt::format("<text class=\"label\" x=\"{:.2f}\" y=\"{:g}\" text-anchor=\"middle\">{:g}</text>",
                           x(tick), kTop + kSide + kCounts + 26, tick);
    }
    const double countsBase = kTop + kSide + kCounts + 8;
    for (const auto& bin : run.calibration) {
        if (bin.count <= 0)
            continue;
        const double width = (bin.high - bin.low) * kSide - 2;
        const std::string title =
            fmt::format("<title>confidence {:.2f} to {:.2f}: {} right of {} examples, mean "
                        "confidence {}</title>",
                        bin.low, bin.high, shareText(bin.accuracy), bin.count, shareText(bin.confidence));
        svg += fmt::format(
            "<rect class=\"fill\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\">{}</rect>",
            x(bin.low) + 1, y(bin.accuracy), width, bin.accuracy * kSide, title);
        const double height = kCounts * static_cast<double>(bin.count) / static_cast<double>(most);
        svg += fmt::format(
            "<rect class=\"counts\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\">{}</rect>",
            x(bin.low) + 1, countsBase - height, width, height, title);
    }
    svg += fmt::format("<path class=\"diagonal\" d=\"M{:g} {:g}L{:g} {:g}\"/>", x(0), y(0), x(1), y(1));
    svg += fmt::format("<text class=\"label\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"middle\">confidence</text>",
                       kLeft + kSide / 2, kTop + kSide + kCounts + 46);
    svg += fmt::format("<text class=\"label\" transform=\"translate(12 {:g}) rotate(-90)\" "
                       "text-anchor=\"middle\">share right</text>",
                       kTop + kSide / 2);
    return svg + "</svg>";
}

} // namespace diptych::html
