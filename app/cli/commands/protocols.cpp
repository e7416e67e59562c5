// SPDX-License-Identifier: GPL-3.0-or-later
// A run as others would count it, and a published number beside it.
#include "app/cli/commands/protocols.h"

#include "app/cli/commands/findings.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/metrics/metric_text.h"
#include "core/session/run_protocols.h"
#include "core/session/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, flips;
    int64_t run = 0;
    FindingsOptions list;
};

int listFlips(const Options& options, CommandContext& context, Workspace& workspace,
              const RunProtocols& found) {
    std::vector<std::string> known;
    for (const ProtocolResult& protocol : found.protocols) {
        known.push_back(protocol.id);
        if (protocol.id != options.flips)
            continue;
        std::vector<Finding> findings;
        for (const SampleId id : protocol.gained)
            findings.push_back({id, {{"becomes", "better"}}});
        for (const SampleId id : protocol.lost)
            findings.push_back({id, {{"becomes", "worse"}}});
        printFindings(context.console, workspace, options.list,
                      {{"run", options.run},
                       {"protocol", protocol.id},
                       {"better", protocol.gained.size()},
                       {"worse", protocol.lost.size()}},
                      fmt::format("By {}: {} better, {} worse", protocol.title,
                                  counted(protocol.gained.size(), "example is", "examples are"),
                                  protocol.lost.size()),
                      findings, {});
        return 0;
    }
    throw UsageError(fmt::format("--flips: there is no protocol '{}' here; there are {}", options.flips,
                                 fmt::join(known, ", ")));
}

int showProtocols(const Options& options, CommandContext& context) {
    const auto session = openForCaching(options.workspace);
    const RunProtocols found = runProtocols(*session, {options.run}, context.run);
    if (!options.flips.empty())
        return listFlips(options, context, session->workspace(), found);
    Console& console = context.console;
    if (console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const ProtocolResult& protocol : found.protocols)
            list.push_back({{"protocol", protocol.id},
                            {"title", protocol.title},
                            {"source", protocol.source},
                            {"changes", protocol.changes},
                            {"metrics", metricsObject(protocol.metrics)},
                            {"better", protocol.gained.size()},
                            {"worse", protocol.lost.size()},
                            {"remark", protocol.remark}});
        console.printJson({{"run", options.run},
                           {"metrics", metricsObject(found.run.metrics)},
                           {"protocols", std::move(list)},
                           {"note", found.note}});
        return 0;
    }
    console.print(oneLine(runHeadline(found.run)));
    using enum Table::Align;
    std::vector<Table::Column> columns = {{"Protocol"}};
    for (const Metric& metric : found.run.metrics)
        columns.push_back({metricTitle(metric.name), Right});
    columns.insert(columns.end(), {{"Better", Right}, {"Worse", Right}});
    Table table(columns);
    const auto row = [&](const std::string& name, const std::vector<Metric>& metrics,
                         const std::string& better, const std::string& worse) {
        std::vector<std::string> cells = {name};
        for (const Metric& metric : found.run.metrics) {
            const Metric* other = findMetric(metrics, metric.name);
            cells.push_back(other ? metricValueText(*other) : "–");
        }
        cells.insert(cells.end(), {better, worse});
        table.addRow(cells);
    };
    row("as run", found.run.metrics, "", "");
    for (const ProtocolResult& protocol : found.protocols)
        row(protocol.title, protocol.metrics, std::to_string(protocol.gained.size()),
            std::to_string(protocol.lost.size()));
    console.printRaw(table.text());
    for (const ProtocolResult& protocol : found.protocols) {
        const std::string changes =
            protocol.changes.empty() ? "as the run" : fmt::format("{}", fmt::join(protocol.changes, "; "));
        console.print(oneLine(fmt::format("{} ({}): {}{}{}", protocol.title, protocol.source, changes,
                                          protocol.remark.empty() ? "" : ". ", protocol.remark)));
    }
    if (!found.note.empty())
        console.note(found.note);
    return 0;
}

} // namespace

void defineRunProtocols(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add(group, "protocols",
                 "Count a run again as others do (CLIP's paper, CLIP_benchmark, LAVIS, ...), on the "
                 "embeddings that are "
                 "kept, and show which examples come out otherwise.",
                 "runs protocols 3 --workspace work\nruns protocols 3 --workspace work --flips lavis --csv",
                 [options](CommandContext& context) { return showProtocols(*options, context); });
    command->add_option("RUN", options->run, "Number of the run, as 'diptych runs list' shows it")
        ->required()
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
    command
        ->add_option("--flips", options->flips, "List the examples that come out otherwise by this protocol")
        ->type_name("PROTOCOL");
    addListOptions(command, options->list);
}

} // namespace diptych::cli
