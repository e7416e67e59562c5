// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_examples.h"
#include "core/results/json_read.h"

#include <algorithm>
#include <cmath>

namespace diptych::report {
namespace {

ReportCurve::Series readSeries(const Json& json) {
    ReportCurve::Series series;
    series.name = textOf(memberOf(json, "name"));
    const Json& dashed = memberOf(json, "dashed");
    series.dashed = dashed.is_boolean() && dashed.get<bool>();
    for (const Json& point : listOf(json, "points")) {
        const double x = numberOf(itemOf(point, 0)), y = numberOf(itemOf(point, 1));
        if (std::isfinite(x) && std::isfinite(y))
            series.points.emplace_back(x, y);
    }
    for (const Json& entry : listOf(json, "band")) {
        const std::array<double, 3> value = {numberOf(itemOf(entry, 0)), numberOf(itemOf(entry, 1)),
                                             numberOf(itemOf(entry, 2))};
        if (std::ranges::all_of(value, [](double number) { return std::isfinite(number); }))
            series.band.push_back(value);
    }
    return series;
}

bool isWhollyRight(const Json& group) {
    const Json& right = memberOf(group, "all_right");
    return right.is_boolean() && right.get<bool>();
}

} // namespace

std::vector<ReportCurve> readCurves(const Json& details) {
    std::vector<ReportCurve> curves;
    for (const Json& entry : listOf(details, "curves")) {
        ReportCurve curve;
        curve.title = textOf(memberOf(entry, "title"));
        curve.xTitle = textOf(memberOf(entry, "x"));
        curve.yTitle = textOf(memberOf(entry, "y"));
        const Json& logX = memberOf(entry, "x_log");
        curve.logX = logX.is_boolean() && logX.get<bool>();
        for (const Json& series : listOf(entry, "series"))
            if (ReportCurve::Series read = readSeries(series); !read.points.empty())
                curve.series.push_back(std::move(read));
        if (!curve.series.empty())
            curves.push_back(std::move(curve));
    }
    return curves;
}

void readGroups(const Workspace& workspace, const ReportOptions& options, const RunContext& context,
                ReportRun& run) {
    std::vector<const Json*> order;
    for (const Json& group : listOf(run.record.details, "groups"))
        if (!listOf(group, "samples").empty())
            order.push_back(&group);
    run.groupCount = order.size();
    run.groupsRight = static_cast<size_t>(
        std::ranges::count_if(order, [](const Json* group) { return isWhollyRight(*group); }));
    std::ranges::stable_sort(order, {}, [](const Json* group) { return isWhollyRight(*group); });
    order.resize(std::min(order.size(), options.examples));
    for (const Json* entry : order) {
        context.throwIfCancelled();
        ReportGroup group;
        group.shared = textOf(memberOf(*entry, "kind")) == "same_image" ? "Same image" : "Same text";
        group.allRight = isWhollyRight(*entry);
        for (const Json& sample : listOf(*entry, "samples"))
            if (const auto result = workspace.exampleFor(run.record.id, sampleOf(sample)))
                group.members.push_back(predictedExample(workspace, run.record, *result, options));
        run.groups.push_back(std::move(group));
        context.advance();
    }
}

} // namespace diptych::report
