// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// What a metric means, for people: one table for the window, `diptych metric --help` and docs/metrics.md.
struct MetricHelp {
    std::vector<std::string> names; ///< in runs, comparisons and `diptych metric`; '#' is a number
    std::string title;
    std::string definition; ///< sentences, ties and edge cases among them
    std::string range;      ///< and which way is better
    std::string formula;
    std::string source;
};

const std::vector<MetricHelp>& metricHelpTable();
/// Of the metric of that name; null if there is none.
const MetricHelp* findMetricHelp(std::string_view name);
/// Definition, range, formula and source, a line each; empty for a name that is not known.
std::string metricHelpText(std::string_view name);
/// The whole table as docs/metrics.md has it.
std::string metricHelpMarkdown();

} // namespace diptych
