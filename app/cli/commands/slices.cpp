// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/slices.h"

#include "app/cli/commands/shared.h"
#include "core/metrics/metric_text.h"
#include "core/session/slice_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, metric, output, formulas = "escape";
    int64_t run = 0, limit = -1;
    std::vector<std::string> by;
    size_t minimum = SliceSpec().minimum, bins = SliceSpec().bins;
    bool csv = false;
};

OrderedJson numberOrNull(double value) {
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson();
}

OrderedJson sliceObject(const Slice& slice) {
    OrderedJson object = metricsObject({slice.metric})[slice.metric.name];
    object.erase("chance");
    OrderedJson difference = {{"value", numberOrNull(slice.difference.difference)}};
    if (slice.difference.interval) {
        difference["low"] = slice.difference.interval->low;
        difference["high"] = slice.difference.interval->high;
    }
    difference["p"] = slice.difference.pValue;
    difference["p_holm"] = slice.adjustedP;
    OrderedJson out;
    out["values"] = slice.values;
    out.update(object);
    if (!std::isnan(slice.difference.difference))
        out["difference"] = std::move(difference);
    out["differs"] = slice.differs;
    out["too_few"] = slice.tooFew;
    out["others"] = metricsObject(slice.others);
    return out;
}

OrderedJson slicesObject(const RunSlices& slices) {
    OrderedJson out;
    out["run"] = slices.run.id.value;
    out["metric"] = slices.whole.name;
    out["whole"] = metricsObject({slices.whole})[slices.whole.name];
    out["by"] = slices.by;
    if (!slices.note.empty())
        out["note"] = slices.note;
    out["slices"] = OrderedJson::array();
    for (const Slice& slice : slices.slices)
        out["slices"].push_back(sliceObject(slice));
    out["tested"] = slices.tested;
    out["hidden"] = slices.hidden;
    out["cannot_be_cut"] = OrderedJson::object();
    for (const UnsliceableMetric& metric : slices.uncut)
        out["cannot_be_cut"][metric.name] = metric.why;
    return out;
}

void printSlices(Console& console, const RunSlices& slices, int64_t limit) {
    using enum Table::Align;
    console.print(oneLine(runHeadline(slices.run)));
    console.print(fmt::format("{}: {}, 95 % interval {}, n = {}", metricTitle(slices.whole.name),
                              metricValueText(slices.whole), metricIntervalText(slices.whole),
                              formatCount(static_cast<int64_t>(slices.whole.n))));
    std::vector<Table::Column> columns;
    for (const std::string& title : slices.by)
        columns.push_back({oneLine(title)});
    columns.insert(columns.end(), {{"n", Right},
                                   {slices.whole.name, Right},
                                   {"95 % interval", Right},
                                   {"Less the rest", Right},
                                   {"95 % interval", Right},
                                   {"p (Holm)", Right},
                                   {""}});
    Table table(std::move(columns));
    const size_t shown =
        limit < 0 ? slices.slices.size() : std::min(slices.slices.size(), static_cast<size_t>(limit));
    for (size_t i = 0; i < shown; ++i) {
        const Slice& slice = slices.slices[i];
        std::vector<std::string> cells;
        for (const std::string& value : slice.values)
            cells.push_back(oneLine(value));
        cells.insert(cells.end(),
                     {formatCount(static_cast<int64_t>(slice.metric.n)), metricValueText(slice.metric),
                      metricIntervalText(slice.metric), differenceText(slice), differenceIntervalText(slice),
                      adjustedPText(slice), verdictText(slice)});
        table.addRow(std::move(cells));
    }
    console.printRaw(table.empty() ? "No examples to cut.\n" : table.text());
    if (shown < slices.slices.size())
        console.print(fmt::format("and {} more slices", slices.slices.size() - shown));
    console.print(slicesNote(slices));
}

/// By the ending of the file.
void writeSlices(const Options& options, Workspace& workspace, const SliceSpec& spec,
                 CommandContext& context) {
    const std::filesystem::path path = options.output;
    const std::string ending = path.extension().string();
    if (ending != ".html" && ending != ".md" && ending != ".csv")
        throw UsageError(fmt::format("--output writes .html, .md or .csv, not '{}'", options.output));
    writeOutput(context.console, options.output,
                slicesDocument(workspace, spec, ending.substr(1), context.run));
    context.console.note("Wrote " + displayPath(path));
}

int runSlices(const Options& options, CommandContext& context) {
    if (options.csv && context.console.json())
        throw UsageError("--json and --csv exclude each other");
    if (!options.output.empty() && (options.csv || context.console.json()))
        throw UsageError("--output says the form by its file's ending; leave --csv and --json away");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    Workspace& workspace = session->workspace();
    if (options.by.empty()) {
        const RunRecord run = workspace.run({options.run});
        throw UsageError(fmt::format("Say what to cut the run by: --by one of {}",
                                     fmt::join(sliceKeyNames(workspace, run), ", ")));
    }
    SliceSpec spec;
    spec.run = {options.run};
    spec.by = options.by;
    spec.metric = options.metric;
    spec.minimum = options.minimum;
    spec.bins = options.bins;
    if (!options.output.empty()) {
        writeSlices(options, workspace, spec, context);
        return 0;
    }
    spec.others = options.csv || context.console.json(); // the table has no room for them
    const RunSlices slices = sliceRun(workspace, spec, context.run);
    if (options.csv)
        context.console.printRaw(
            slicesCsv(slices, options.formulas == "keep" ? CsvFormulas::Keep : CsvFormulas::Escape));
    else if (context.console.json())
        context.console.printJson(slicesObject(slices));
    else
        printSlices(context.console, slices, options.limit);
    return 0;
}

} // namespace

void defineRunSlices(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "slices",
        "Show where a run is worse than elsewhere: its metric on every class, split, tag, saved view or "
        "value "
        "of a column, worst first, with 95 % intervals and the difference to the rest; from the examples it "
        "keeps, without the model.",
        "runs slices 3 --workspace work --by class\n"
        "runs slices 3 --workspace work --by camera --by weight --min-n 20\n"
        "runs slices 3 --workspace work --by view:night --by class --output night.html\n"
        "runs slices 3 --workspace work --by tag --metric mean_per_class_recall --csv",
        [options](CommandContext& context) { return runSlices(*options, context); });
    command->add_option("RUN", options->run, "Number of the run, as 'diptych runs list' shows it")
        ->required()
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
    command
        ->add_option(
            "--by", options->by,
            "What to cut by: class, split, tag, note, transparency; view (every saved view of the "
            "dataset), selection (the saved selections alone), view:NAME (that view and the others); or "
            "a column of the dataset (column:NAME for one of these names); numbers are put into bins; "
            "given several times, their intersections")
        ->type_name("KEY")
        ->take_all();
    command
        ->add_option("--metric", options->metric,
                     "The metric to compare; the task's main one where not given")
        ->type_name("NAME");
    command
        ->add_option("--min-n", options->minimum,
                     "Slices of fewer examples (captions, pairs) are too few to say: listed last, not tested")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1));
    command->add_option("--bins", options->bins, "Bins of about equal size for columns of numbers")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(2, 100));
    command->add_option("--limit", options->limit, "Show at most so many slices")
        ->type_name("N")
        ->check(wholeNumber(0));
    command->add_flag("--csv", options->csv, "A line per slice, with all metrics that can be cut");
    command
        ->add_option("-o,--output", options->output,
                     "Write them to a file instead: a report with the table as .html or .md, or .csv")
        ->type_name("FILE");
    command
        ->add_option(
            "--formulas", options->formulas,
            "In CSV, put an apostrophe before names that a spreadsheet would run as formulas, or keep "
            "them as they are")
        ->capture_default_str()
        ->type_name("escape|keep")
        ->check(CLI::IsMember({"escape", "keep"}));
}

} // namespace diptych::cli
