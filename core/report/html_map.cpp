// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

namespace diptych::html {
namespace {

constexpr double kSide = 440, kMargin = 8;
constexpr size_t kColors = 10; ///< classes beyond share one grey

struct Frame {
    double x = 0, y = 0, scale = 1;

    explicit Frame(const std::vector<ReportMap::Point>& points) {
        const auto [left, right] = std::ranges::minmax(points, {}, &ReportMap::Point::x);
        const auto [low, high] = std::ranges::minmax(points, {}, &ReportMap::Point::y);
        const double wide =
            std::max({static_cast<double>(right.x - left.x), static_cast<double>(high.y - low.y), 1e-9});
        scale = (kSide - 2 * kMargin) / wide;
        x = (static_cast<double>(left.x) + static_cast<double>(right.x)) / 2;
        y = (static_cast<double>(low.y) + static_cast<double>(high.y)) / 2;
    }
    double px(const ReportMap::Point& point) const {
        return kSide / 2 + (static_cast<double>(point.x) - x) * scale;
    }
    double py(const ReportMap::Point& point) const {
        return kSide / 2 - (static_cast<double>(point.y) - y) * scale;
    }
};

/// One path for all points of a colour: short strokes with round ends, a tenth of the size of circles.
std::string dots(const ReportMap& map, const Frame& frame, const std::string& style, const auto& wanted) {
    std::string path;
    for (const ReportMap::Point& point : map.points)
        if (wanted(point))
            path += fmt::format("M{:.1f} {:.1f}h0.01", frame.px(point), frame.py(point));
    return path.empty() ? "" : fmt::format("<path class=\"dots {}\" d=\"{}\"/>", style, path);
}

struct LegendEntry {
    std::string style, text;
};

std::string shortName(const std::string& name) {
    constexpr size_t kLongest = 26;
    if (name.size() <= kLongest)
        return name;
    size_t end = kLongest - 1;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
        --end; // not inside a character
    return name.substr(0, end) + "…";
}

/// The picture with its legend below, two entries a line.
std::string svg(const std::string& content, const char* label, const std::vector<LegendEntry>& legend) {
    constexpr double kLine = 19;
    const double height = kSide + 8 + kLine * static_cast<double>((legend.size() + 1) / 2);
    std::string out =
        fmt::format("<svg class=\"map\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" "
                    "role=\"img\" aria-label=\"{2}\"><rect class=\"frame\" x=\"0.5\" y=\"0.5\" "
                    "width=\"{3:g}\" height=\"{3:g}\" rx=\"6\"/>{4}",
                    kSide, height, label, kSide - 1, content);
    for (size_t i = 0; i < legend.size(); ++i) {
        const double x = 8 + (i % 2 ? kSide / 2 : 0), y = kSide + 18 + kLine * static_cast<double>(i / 2);
        out += fmt::format("<path class=\"dots {}\" d=\"M{:g} {:g}h0.01\"/><text class=\"label\" x=\"{:g}\" "
                           "y=\"{:g}\">{}</text>",
                           legend[i].style, x, y - 4, x + 9, y, escape(shortName(legend[i].text)));
    }
    return out + "</svg>";
}

/// The classes with most points get a colour of their own.
std::map<int, std::string> stylesOf(const ReportMap& map) {
    std::map<int, size_t> counts;
    for (const ReportMap::Point& point : map.points)
        ++counts[point.label];
    counts.erase(-1);
    std::vector<std::pair<int, size_t>> order(counts.begin(), counts.end());
    std::ranges::stable_sort(order, std::greater(), &std::pair<int, size_t>::second);
    order.resize(std::min(order.size(), kColors));
    std::ranges::sort(order);
    std::map<int, std::string> styles;
    for (const auto& [label, count] : order)
        styles.emplace(label, fmt::format("m{}", styles.size()));
    return styles;
}

} // namespace

std::string mapByClass(const ReportRun& run) {
    if (!run.map || run.map->points.empty())
        return "";
    const ReportMap& map = *run.map;
    const Frame frame(map.points);
    const auto styles = stylesOf(map);
    const auto others = [&](const ReportMap::Point& point) { return !styles.contains(point.label); };
    std::string content = dots(map, frame, "grey", others);
    std::vector<LegendEntry> legend;
    for (const auto& [label, style] : styles) {
        content += dots(map, frame, style,
                        [wanted = label](const ReportMap::Point& point) { return point.label == wanted; });
        const auto index = static_cast<size_t>(label);
        legend.push_back({style, index < run.record.classNames.size() ? run.record.classNames[index] : "?"});
    }
    if (std::ranges::any_of(map.points, others))
        legend.push_back({"grey", styles.empty() ? "No class" : "Other classes, or none"});
    return svg(content, "Map by class", legend);
}

std::string mapByVerdict(const ReportRun& run) {
    const auto is = [](std::optional<bool> correct) {
        return [correct](const ReportMap::Point& point) { return point.correct == correct; };
    };
    if (!run.map || std::ranges::none_of(run.map->points, [](const ReportMap::Point& point) {
            return point.correct.has_value();
        }))
        return "";
    const ReportMap& map = *run.map;
    const Frame frame(map.points);
    std::vector<LegendEntry> legend = {{"good", "Right"}, {"bad", "Wrong"}};
    if (std::ranges::any_of(map.points, is(std::nullopt)))
        legend.push_back({"grey", "Not judged"});
    return svg(dots(map, frame, "grey", is(std::nullopt)) + dots(map, frame, "good", is(true)) +
                   dots(map, frame, "bad", is(false)),
               "Map by right and wrong", legend);
}

std::string mapSection(const ReportRun& run) {
    if (!run.map || run.map->points.empty())
        return "";
    return "<h3>" + escape(run.map->title) + "</h3><div class=\"columns\"><figure>" + mapByClass(run) +
           "</figure><figure>" + mapByVerdict(run) + "</figure></div><p class=\"soft\">" +
           escape(run.map->note) + "</p>";
}

} // namespace diptych::html
