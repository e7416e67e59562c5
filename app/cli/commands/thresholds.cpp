// SPDX-License-Identifier: GPL-3.0-or-later
// What a run decides at other thresholds, and which examples change side.
#include "app/cli/commands/thresholds.h"

#include "app/cli/commands/findings.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/metrics/number_text.h"
#include "core/session/run_thresholds.h"
#include "core/tasks/temperature_scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, chooseOn;
    int64_t run = 0;
    std::vector<double> at, changed;
    MistakeCosts costs;
    FindingsOptions list;
};

/// What thresholds are chosen on, and what they are judged on.
struct Parts {
    RunThresholds chosen, judged;
};

Parts partsOf(RunThresholds run, const std::string& split) {
    if (split.empty())
        return {run, run};
    Parts parts{run.part(split, true), run.part(split, false)};
    if (parts.chosen.samples.empty())
        throw UsageError(fmt::format("--choose-on: no scored example of run {} is of split '{}'",
                                     run.run.id.value, split));
    if (parts.judged.samples.empty())
        throw UsageError(fmt::format(
            "--choose-on: all scored examples of run {} are of split '{}'; nothing is left to judge on",
            run.run.id.value, split));
    return parts;
}

OrderedJson orNull(const std::optional<double>& value) {
    return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson countsObject(const ThresholdCounts& counts) {
    return {{"true_positives", counts.truePositives},
            {"false_positives", counts.falsePositives},
            {"true_negatives", counts.trueNegatives},
            {"false_negatives", counts.falseNegatives},
            {"accuracy", counts.accuracy()},
            {"precision", orNull(counts.precision())},
            {"recall", orNull(counts.recall())},
            {"false_positive_rate", orNull(counts.falsePositiveRate())},
            {"f1", orNull(counts.f1())},
            {"called_share", counts.calledShare()}};
}

std::string shareOrDash(const std::optional<double>& value) {
    return value ? shareText(*value) : "–";
}

/// The rows asked for: what rules choose, and thresholds given.
std::vector<NamedThreshold> rowsOf(const Parts& parts, const Options& options) {
    std::vector<NamedThreshold> rows = namedThresholds(parts.chosen, parts.judged, options.costs);
    const Thresholds chosen = parts.chosen.thresholds(), judged = parts.judged.thresholds();
    for (const double value : options.at)
        rows.push_back({"given", "given", chosen.at(value), judged.at(value)});
    return rows;
}

std::string tableOf(const std::vector<NamedThreshold>& rows, RunThresholds::Kind kind) {
    using enum Table::Align;
    const bool decides = kind == RunThresholds::Kind::Decision;
    std::vector<Table::Column> columns = {{"Threshold chosen by"}, {"Threshold", Right}};
    if (decides)
        columns.insert(columns.end(), {{"Accuracy", Right},
                                       {"Precision", Right},
                                       {"Recall", Right},
                                       {"False alarms", Right},
                                       {"F1", Right},
                                       {"TP", Right},
                                       {"FP", Right},
                                       {"TN", Right},
                                       {"FN", Right}});
    else
        columns.insert(columns.end(), {{"Answered", Right}, {"Right among them", Right}});
    Table table(columns);
    for (const NamedThreshold& row : rows) {
        const ThresholdCounts& counts = row.judged;
        std::vector<std::string> cells = {row.name, fmt::format("{:.4f}", counts.threshold)};
        if (decides) {
            for (const auto& value : {std::optional(counts.accuracy()), counts.precision(), counts.recall(),
                                      counts.falsePositiveRate(), counts.f1()})
                cells.push_back(shareOrDash(value));
            for (const uint64_t count :
                 {counts.truePositives, counts.falsePositives, counts.trueNegatives, counts.falseNegatives})
                cells.push_back(formatCount(static_cast<int64_t>(count)));
        } else {
            cells.push_back(shareText(counts.calledShare()));
            cells.push_back(shareOrDash(counts.precision()));
        }
        table.addRow(cells);
    }
    return table.text();
}

std::string flatters(const Options& options) {
    return options.chooseOn.empty()
               ? "Thresholds of the rules are chosen on the examples they are judged on, which flatters; "
                 "--choose-on sets a split apart"
               : "";
}

int listChanged(const Options& options, CommandContext& context, Workspace& workspace,
                const RunThresholds& run) {
    if (options.changed.size() != 2)
        throw UsageError("--changed takes two thresholds, FROM and TO");
    const double from = options.changed[0], to = options.changed[1];
    std::unordered_map<SampleId, double> scores;
    std::unordered_map<SampleId, uint8_t> labels;
    for (size_t i = 0; i < run.samples.size(); ++i) {
        scores.emplace(run.samples[i], run.scores[i]);
        labels.emplace(run.samples[i], run.labels[i]);
    }
    const std::vector<SampleId> ids = run.changingSide(from, to);
    std::vector<Finding> findings;
    for (const SampleId id : ids)
        findings.push_back({id,
                            {{"score", scores.at(id)},
                             {"truth", toValidUtf8(labels.at(id) ? run.positive : run.negative)},
                             {"becomes", toValidUtf8(scores.at(id) >= to ? run.positive : run.negative)},
                             {"right_then", (scores.at(id) >= to) == (labels.at(id) == 1)}}});
    printFindings(context.console, workspace, options.list,
                  {{"run", options.run}, {"from", from}, {"to", to}, {"changed", ids.size()}},
                  fmt::format("From {} to {}: {} side", from, to,
                              counted(ids.size(), "example changes", "examples change")),
                  findings, ids);
    return 0;
}

int showThresholds(const Options& options, CommandContext& context) {
    const bool writes = !options.changed.empty() && !options.list.tag.empty();
    const auto session =
        Session::open(options.workspace, writes ? WorkspaceMode::ReadWrite : WorkspaceMode::ReadOnly);
    const RunThresholds run = runThresholds(session->workspace(), {options.run});
    if (!options.changed.empty())
        return listChanged(options, context, session->workspace(), run);
    const Parts parts = partsOf(run, options.chooseOn);
    const std::vector<NamedThreshold> rows = rowsOf(parts, options);
    const bool decides = run.kind == RunThresholds::Kind::Decision;
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const NamedThreshold& row : rows)
            list.push_back({{"rule", row.id},
                            {"threshold", row.judged.threshold},
                            {"judged", countsObject(row.judged)},
                            {"chosen", countsObject(row.chosen)}});
        context.console.printJson({{"run", options.run},
                                   {"kind", decides ? "decision" : "confidence"},
                                   {"positive", toValidUtf8(run.positive)},
                                   {"chosen_on", parts.chosen.samples.size()},
                                   {"judged_on", parts.judged.samples.size()},
                                   {"thresholds", std::move(list)},
                                   {"note", flatters(options)}});
        return 0;
    }
    Console& console = context.console;
    console.print(oneLine(runHeadline(run.run)));
    console.print(oneLine(
        decides ? fmt::format("Positive: {}, score at or above the threshold; judged on {}", run.positive,
                              counted(parts.judged.samples.size(), "example", "examples"))
                : fmt::format("Answers only what it is at least so sure of; judged on {}",
                              counted(parts.judged.samples.size(), "example", "examples"))));
    console.printRaw(tableOf(rows, run.kind));
    if (const std::string note = flatters(options); !note.empty())
        console.note(note);
    return 0;
}

int showCalibration(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const RunRecord run = session->workspace().run({options.run});
    if (!run.details.is_object() || !run.details.contains("calibration"))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} ({}) keeps no confidences", run.id.value, run.task));
    const Json& calibration = run.details["calibration"];
    if (context.console.json()) {
        context.console.printJson({{"run", options.run}, {"calibration", calibration}});
        return 0;
    }
    Console& console = context.console;
    console.print(oneLine(runHeadline(run)));
    using enum Table::Align;
    Table table({{"Confidence"}, {"Examples", Right}, {"Mean confidence", Right}, {"Right", Right}});
    for (const Json& bin : calibration.at("bins")) {
        if (bin.at("count").get<int64_t>() > 0)
            table.addRow(
                {fmt::format("{:.2f} – {:.2f}", bin.at("low").get<double>(), bin.at("high").get<double>()),
                 formatCount(bin.at("count").get<int64_t>()), shareText(bin.at("confidence").get<double>()),
                 shareText(bin.at("accuracy").get<double>())});
    }
    console.printRaw(table.text());
    console.print(
        fmt::format("Expected calibration error: {}", numberText(calibration.at("ece").get<double>())));
    if (const auto text = temperatureText(calibration); !text.empty())
        console.print(oneLine(text));
    else
        console.note("This run fitted no temperature: evaluate again, on 20 labelled images or more");
    return 0;
}

void addRun(CLI::App* command, Options& options) {
    command->add_option("RUN", options.run, "Number of the run, as 'diptych runs list' shows it")
        ->required()
        ->type_name("");
    addWorkspaceOption(command, options.workspace);
}

} // namespace

void defineRunThresholds(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "thresholds",
        "Show what a run decides at other thresholds: 0.5, its own, the best by accuracy, F1, Youden's index "
        "and cost. Of a run that names one class an image: how much it answers, and how much of that is "
        "right, if it answers only what it is sure of.",
        "runs thresholds 4 --workspace work --at 0.7 --at 0.9\n"
        "runs thresholds 4 --workspace work --choose-on val --missed-cost 5\n"
        "runs thresholds 4 --workspace work --changed 0.5 0.7 --tag borderline",
        [options](CommandContext& context) { return showThresholds(*options, context); });
    addRun(command, *options);
    command->add_option("--at", options->at, "A threshold to show beside the others; may be repeated")
        ->type_name("T")
        ->allow_extra_args(false)
        ->check(CLI::Range(0.0, 1.0));
    command
        ->add_option("--choose-on", options->chooseOn,
                     "Choose thresholds on this split and judge them on the others")
        ->type_name("SPLIT");
    command->add_option("--missed-cost", options->costs.missed, "What a missed positive costs")
        ->capture_default_str()
        ->type_name("C")
        ->check(CLI::Range(0.0, 1e9));
    command->add_option("--alarm-cost", options->costs.falseAlarm, "What a false alarm costs")
        ->capture_default_str()
        ->type_name("C")
        ->check(CLI::Range(0.0, 1e9));
    command
        ->add_option("--changed", options->changed,
                     "List the examples on one side at FROM and on the other at TO")
        ->type_name("FROM TO")
        ->expected(2);
    addFindingsOptions(command, options->list);
}

void defineRunCalibration(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add(group, "calibration",
                 "Show how far a run's confidences can be trusted: by bin how many are right, the expected "
                 "calibration error, and what is left of it after temperature scaling.",
                 "runs calibration 3 --workspace work\nruns calibration 3 --workspace work --json",
                 [options](CommandContext& context) { return showCalibration(*options, context); });
    addRun(command, *options);
}

} // namespace diptych::cli
