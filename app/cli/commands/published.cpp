// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a run's number is one that was published.
#include "app/cli/commands/protocols.h"
#include "app/cli/commands/shared.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/session/published_number.h"
#include "core/session/session.h"
#include "core/tasks/run_task.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, value, metric;
    int64_t run = 0;
    size_t n = 0;
    bool protocols = false;
};

const Metric& chosenMetric(const RunRecord& run, const std::string& name) {
    const Metric* found = name.empty() ? headlineMetric(run) : findMetric(run.metrics, name);
    if (!found)
        throw UsageError(fmt::format("--metric: run {} has no '{}'", run.id.value, name));
    return *found;
}

OrderedJson orNull(const std::optional<double>& value) {
    return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson checkObject(const PublishedCheck& check) {
    OrderedJson causes = OrderedJson::array();
    for (const KnownCause& cause : check.causes)
        causes.push_back({{"cause", cause.id},
                          {"title", cause.title},
                          {"state", knownCauseStateName(cause.state)},
                          {"finding", toValidUtf8(cause.finding)}});
    return {{"run", check.run.id.value},
            {"metric", check.metric.name},
            {"here", check.metric.value},
            {"published", check.published.value},
            {"difference", check.difference},
            {"interval", check.interval
                             ? OrderedJson{{"low", check.interval->low}, {"high", check.interval->high}}
                             : OrderedJson()},
            {"p", check.pValue},
            {"within_rounding", check.withinRounding},
            {"within_sampling", check.withinSampling},
            {"images_judged_otherwise", orNull(check.flippedImages)},
            {"smallest_difference",
             {{"other_images", orNull(check.smallestApart)},
              {"same_images_5_percent_flips", orNull(check.smallestPaired)},
              {"same_images_at_all", orNull(check.smallestAtAll)}}},
            {"verdict", check.verdict},
            {"causes", std::move(causes)}};
}

int showPublished(const Options& options, CommandContext& context) {
    const auto session = options.protocols ? openForCaching(options.workspace)
                                           : Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const RunRecord run = session->workspace().run({options.run});
    PublishedNumber published = parsePublished(options.value, chosenMetric(run, options.metric));
    published.n = options.n;
    std::optional<RunProtocols> protocols;
    if (options.protocols)
        protocols = runProtocols(*session, run.id, context.run);
    const PublishedCheck check = checkPublished(run, published, protocols ? &*protocols : nullptr);
    Console& console = context.console;
    if (console.json()) {
        console.printJson(checkObject(check));
        return 0;
    }
    console.print(oneLine(runHeadline(run)));
    console.print(oneLine(metricTitle(check.metric.name) + ": " + check.verdict));
    if (check.interval && check.metric.unit == Unit::Share)
        console.print(fmt::format("95 % interval of the difference by sampling: {} to {} points",
                                  pointsText(check.interval->low), pointsText(check.interval->high)));
    if (const std::string smallest = smallestDifferenceText(check); !smallest.empty())
        console.print(smallest);
    Table table({{"Known cause"}, {""}, {"In this run"}});
    for (const KnownCause& cause : check.causes)
        table.addRow({cause.title, std::string(knownCauseStateName(cause.state)), cause.finding});
    console.printRaw(table.text());
    return 0;
}

} // namespace

void defineRunPublished(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "published",
        "Hold a run's number against one that was published: inside sampling error or not, the smallest "
        "difference this set can show, and the known causes of a difference, filled in from the run.",
        "runs published 3 --workspace work --value 63.2\n"
        "runs published 3 --workspace work --value 63.2 --n 50000 --metric top1 --protocols",
        [options](CommandContext& context) { return showPublished(*options, context); });
    command->add_option("RUN", options->run, "Number of the run, as 'diptych runs list' shows it")
        ->required()
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
    command->add_option("--value", options->value, "The number as it was printed: 63.2, '63.2 %', 0.632")
        ->required()
        ->type_name("X");
    command->add_option("--n", options->n, "Images it was measured on; as many as the run where not given")
        ->type_name("N")
        ->check(wholeNumber(1));
    command
        ->add_option("--metric", options->metric, "Which of the run's metrics; its headline where not given")
        ->type_name("NAME");
    command->add_flag(
        "--protocols", options->protocols,
        "Also count the run by other protocols ('runs protocols') and see whether one gives it");
}

} // namespace diptych::cli
