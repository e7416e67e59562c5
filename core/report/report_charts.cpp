// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_charts.h"

#include "core/report/html_parts.h"

namespace diptych {
namespace {

/// The style sheet's drawings with colours in place of its variables, which SVG Tiny does not have.
constexpr std::string_view kStyle =
    R"css(text{font-family:"DejaVu Sans",sans-serif}
.track{fill:#e2e5ea}.fill{fill:#2f6fb7}.counts{fill:#5d6673;fill-opacity:.6}
.whisker{stroke:#1c2026;stroke-width:1.4;fill:none}
.chance{stroke:#c8553d;stroke-width:1.6;stroke-dasharray:3 2;fill:none}
.grid{stroke:#e2e5ea;fill:none}.diagonal{stroke:#1c2026;stroke-dasharray:5 4;fill:none}
.c0{stroke:#2f6fb7;fill:#2f6fb7}.c1{stroke:#c8553d;fill:#c8553d}.c2{stroke:#2c8a5b;fill:#2c8a5b}
.c3{stroke:#8d63c4;fill:#8d63c4}.c4{stroke:#c98a1b;fill:#c98a1b}.c5{stroke:#2a9db0;fill:#2a9db0}
.grey{stroke:#5d6673;fill:#5d6673}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.dashed{stroke-width:1.5;stroke-dasharray:6 4}
.band{stroke:none;fill-opacity:.16}.dot{stroke:none}
.label{fill:#5d6673;font-size:11.5px}.frame{fill:none;stroke:#e2e5ea}
.none{fill:#f6f7f9}.right{fill:#2c8a5b}.wrong{fill:#c8553d}
.count{fill:#1c2026;font-size:10.5px}.strong{fill:#ffffff}
.m0{stroke:#4477aa}.m1{stroke:#ee6677}.m2{stroke:#228833}.m3{stroke:#ccbb44}.m4{stroke:#66ccee}
.m5{stroke:#aa3377}.m6{stroke:#ee7733}.m7{stroke:#009988}.m8{stroke:#8f7bd6}.m9{stroke:#997700}
.dots{fill:none;stroke-width:5;stroke-linecap:round;stroke-opacity:.75}
.good{stroke:#2c8a5b}.bad{stroke:#c8553d}
)css";

std::string standalone(const std::string& svg) {
    if (svg.empty())
        return "";
    const size_t head = svg.find('>') + 1;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + svg.substr(4, head - 4) + "<style>" +
           std::string(kStyle) + "</style>" + svg.substr(head);
}

void add(std::vector<ReportChart>& charts, const std::string& title, const std::string& svg) {
    if (!svg.empty())
        charts.push_back({title, standalone(svg)});
}

} // namespace

ReportChart reportChart(const ReportCurve& curve) {
    return {curve.title, standalone(html::curveChart(curve))};
}

std::vector<ReportChart> reportCharts(const ReportRun& run, std::string_view section) {
    std::vector<ReportChart> charts;
    if (section == "confusion")
        add(charts, "", html::confusionChart(run));
    else if (section == "calibration")
        add(charts, "", html::reliabilityChart(run));
    else if (section == "map") {
        add(charts, "", html::mapByClass(run));
        add(charts, "", html::mapByVerdict(run));
    } else if (section == "curves") {
        for (const ReportCurve& curve : run.curves)
            add(charts, curve.title, html::curveChart(curve));
    }
    return charts;
}

std::string reportBar(const Metric& metric) {
    return metric.unit == Unit::Share ? standalone(html::metricBar(metric)) : "";
}

} // namespace diptych
