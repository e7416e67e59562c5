// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "app/cli/help_formatter.h"
#include "core/metrics/metric_help.h"
#include "core/standalone/named_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace diptych::cli {
namespace {

constexpr size_t kHelpWidth = 100;

std::string filesHelp(const NamedMetric& metric) {
    std::string text = "Files in DIR:\n";
    for (const auto& file : metric.files)
        text +=
            fmt::format("  {:<24}{}{}\n", file.name, file.contents, file.optional ? " (may be absent)" : "");
    text += fmt::format("Keys of the result: {}\n", fmt::join(metric.keys, ", "));
    std::vector<const MetricHelp*> said;
    for (const std::string& key : metric.keys) {
        const MetricHelp* help = findMetricHelp(key);
        if (!help || std::ranges::find(said, help) != said.end())
            continue;
        said.push_back(help);
        text += fmt::format("\n{}\n", help->title);
        std::istringstream lines(metricHelpText(key));
        for (std::string paragraph; std::getline(lines, paragraph);)
            text += wrapText(paragraph, kHelpWidth, 0) + "\n";
    }
    return text;
}

void printValues(Console& console, const Json& values) {
    Table table({{"Metric"}, {"Value", Table::Align::Right}});
    for (const auto& [key, value] : values.items())
        table.addRow({key, value.is_number_float() ? fmt::format("{:.6f}", value.get<double>())
                           : value.is_null()       ? "undefined"
                           : value.is_array()      ? fmt::format("{} values", value.size())
                                                   : value.dump()});
    console.printRaw(table.text());
}

int runMetric(const std::string& name, const std::string& directory, CommandContext& context) {
    const Json values = computeNamedMetric(name, directory, context.run);
    if (context.console.json())
        context.console.printJson(values);
    else
        printValues(context.console, values);
    return 0;
}

} // namespace

void defineMetric(CommandLine& line) {
    const auto directory = std::make_shared<std::string>();
    CLI::App* group =
        line.addGroup("metric", "Compute one metric from arrays in a folder, whoever made them.");
    for (const auto& metric : namedMetrics()) {
        CLI::App* command = line.add(*group, metric.name, metric.summary,
                                     fmt::format("metric {} --input scores/ --json", metric.name),
                                     [directory, name = metric.name](CommandContext& context) {
                                         return runMetric(name, *directory, context);
                                     });
        command->footer(filesHelp(metric) + "\n" + command->get_footer());
        command->add_option("-i,--input", *directory, "Folder that holds the files")
            ->type_name("DIR")
            ->required();
    }
}

} // namespace diptych::cli
