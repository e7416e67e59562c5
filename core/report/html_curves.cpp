// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace diptych::html {
namespace {

constexpr double kWidth = 380, kHeight = 260, kLeft = 56, kTop = 10, kLegendLine = 18;
constexpr size_t kFewPoints = 16, kColors = 6;
constexpr int kTicks = 5;

struct Axis {
    double low = 0, high = 1;
    bool log = false;
    std::vector<double> ticks;

    /// Where a value stands, from 0 to 1.
    double place(double value) const {
        return log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    }
    bool shows(double value) const { return !log || value > 0; }
};

/// About kTicks round steps from low to high.
std::vector<double> roundTicks(double low, double high) {
    const double rough = (high - low) / kTicks;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double step = rough / power > 5 ? 10 * power : rough / power > 2 ? 5 * power : 2 * power;
    std::vector<double> ticks;
    for (double i = std::ceil(low / step - 1e-9); i <= high / step + 1e-9; ++i)
        ticks.push_back(i * step);
    return ticks;
}

Axis linearAxis(double low, double high) {
    Axis axis;
    if (low >= 0 && high <= 1 && high - low > 0.5) { // shares
        axis.ticks = {0, 0.2, 0.4, 0.6, 0.8, 1};
        return axis;
    }
    const double margin = high > low ? 0.06 * (high - low) : std::max(0.5, 0.1 * std::abs(high));
    axis.low = low - margin;
    axis.high = high + margin;
    if (low >= 0 && high <= 1) {
        axis.low = std::max(0.0, axis.low);
        axis.high = std::min(1.0, axis.high);
    }
    axis.ticks = roundTicks(axis.low, axis.high);
    return axis;
}

/// @param values all positive
Axis logAxis(const std::set<double>& values) {
    Axis axis{*values.begin() / 1.2, *values.rbegin() * 1.2, true, {}};
    if (values.size() <= kFewPoints) {
        axis.ticks.assign(values.begin(), values.end());
        return axis;
    }
    for (double power = std::pow(10, std::ceil(std::log10(axis.low))); power <= axis.high; power *= 10)
        axis.ticks.push_back(power);
    return axis;
}

struct Chart {
    Axis x, y;
    double px(double value) const { return kLeft + x.place(value) * kWidth; }
    double py(double value) const { return kTop + (1 - y.place(value)) * kHeight; }
};

/// @return none where no point can be shown
std::optional<Chart> chartOf(const ReportCurve& curve) {
    std::set<double> xs;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto& series : curve.series) {
        for (const auto& [x, y] : series.points)
            if (!curve.logX || x > 0) {
                xs.insert(x);
                low = std::min(low, y);
                high = std::max(high, y);
            }
        for (const auto& [x, from, to] : series.band) {
            low = std::min(low, from);
            high = std::max(high, to);
        }
    }
    if (xs.empty())
        return std::nullopt;
    return Chart{curve.logX ? logAxis(xs) : linearAxis(*xs.begin(), *xs.rbegin()), linearAxis(low, high)};
}

std::string gridOf(const Chart& chart, const ReportCurve& curve) {
    std::string svg;
    const double bottom = kTop + kHeight;
    for (const double tick : chart.y.ticks)
        svg += fmt::format("<path class=\"grid\" d=\"M{:g} {:.2f}h{:g}\"/><text class=\"label\" x=\"{:g}\" "
                           "y=\"{:.2f}\" text-anchor=\"end\">{:.4g}</text>",
                           kLeft, chart.py(tick), kWidth, kLeft - 6, chart.py(tick) + 4, tick);
    // Labels that would run into each other are left out.
    double free = -1;
    for (const double tick : chart.x.ticks) {
        const std::string label = fmt::format("{:.4g}", tick);
        const double half = 3.5 * static_cast<double>(label.size());
        svg += fmt::format("<path class=\"grid\" d=\"M{:.2f} {:g}v{:g}\"/>", chart.px(tick), kTop, kHeight);
        if (chart.px(tick) - half < free)
            continue;
        free = chart.px(tick) + half + 4;
        svg += fmt::format("<text class=\"label\" x=\"{:.2f}\" y=\"{:g}\" text-anchor=\"middle\">{}</text>",
                           chart.px(tick), bottom + 17, label);
    }
    svg += fmt::format("<text class=\"label\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"middle\">{}</text>",
                       kLeft + kWidth / 2, bottom + 37, escape(curve.xTitle));
    return svg + fmt::format("<text class=\"label\" transform=\"translate(12 {:g}) rotate(-90)\" "
                             "text-anchor=\"middle\">{}</text>",
                             kTop + kHeight / 2, escape(curve.yTitle));
}

std::string bandOf(const Chart& chart, const ReportCurve::Series& series, const std::string& color) {
    std::string there, back;
    for (const auto& [x, low, high] : series.band) {
        if (!chart.x.shows(x))
            continue;
        there += fmt::format("{}{:.2f} {:.2f}", there.empty() ? "M" : "L", chart.px(x), chart.py(high));
        back = fmt::format("L{:.2f} {:.2f}", chart.px(x), chart.py(low)) + back;
    }
    return there.empty() ? "" : fmt::format("<path class=\"band {}\" d=\"{}{}Z\"/>", color, there, back);
}

std::string lineOf(const Chart& chart, const ReportCurve::Series& series, const std::string& color) {
    std::string path, dots;
    for (const auto& [x, y] : series.points) {
        if (!chart.x.shows(x))
            continue;
        path += fmt::format("{}{:.2f} {:.2f}", path.empty() ? "M" : "L", chart.px(x), chart.py(y));
        if (!series.dashed && series.points.size() <= kFewPoints)
            dots += fmt::format("<circle class=\"dot {}\" cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"3.5\"><title>{}: "
                                "{:.4g}, {:.4g}</title></circle>",
                                color, chart.px(x), chart.py(y), escape(series.name), x, y);
    }
    return path.empty() ? ""
                        : fmt::format("<path class=\"line {}{}\" d=\"{}\"><title>{}</title></path>", color,
                                      series.dashed ? " dashed" : "", path, escape(series.name)) +
                              dots;
}

} // namespace

std::string curveChart(const ReportCurve& curve) {
    const auto chart = chartOf(curve);
    if (!chart)
        return "";
    const double legendTop = kTop + kHeight + 58;
    const double height = legendTop + kLegendLine * static_cast<double>(curve.series.size());
    std::string svg = fmt::format("<svg class=\"curve\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
                                  "height=\"{1:g}\" role=\"img\" aria-label=\"{2}\">",
                                  kLeft + kWidth + 20, height, escape(curve.title));
    svg += gridOf(*chart, curve);
    size_t color = 0, row = 0;
    for (const auto& series : curve.series) {
        // A straight dashed line is one to compare with.
        const std::string style =
            series.dashed && series.points.size() <= 2 ? "grey" : fmt::format("c{}", color++ % kColors);
        svg += bandOf(*chart, series, style) + lineOf(*chart, series, style);
        const double y = legendTop + kLegendLine * static_cast<double>(row++);
        svg += fmt::format("<path class=\"line {}{}\" d=\"M{:g} {:g}h26\"/><text class=\"label\" x=\"{:g}\" "
                           "y=\"{:g}\">{}</text>",
                           style, series.dashed ? " dashed" : "", kLeft, y, kLeft + 34, y + 4,
                           escape(series.name));
    }
    return svg + "</svg>";
}

std::string curvesSection(const ReportRun& run) {
    std::string out;
    for (const ReportCurve& curve : run.curves)
        if (const std::string svg = curveChart(curve); !svg.empty())
            out += "<figure><h3>" + escape(curve.title) + "</h3>" + svg + "</figure>";
    return out.empty() ? "" : "<div class=\"columns\">" + out + "</div>";
}

} // namespace diptych::html
