// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/run_compare.h"

#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/session/comparison.h"
#include "core/session/run_table.h"
#include "core/session/space_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, examples, format = "text";
    std::vector<int64_t> runs;
    int64_t limit = -1;
    size_t resamples = 1000;
    bool classes = false, space = false, allWrong = false;
};

PairKind kindFrom(const std::string& name) {
    for (const PairKind kind : pairKinds())
        if (pairKindName(kind) == name)
            return kind;
    return PairKind::Flips;
}

std::vector<std::string> kindNames() {
    std::vector<std::string> names;
    for (const PairKind kind : pairKinds())
        names.emplace_back(pairKindName(kind));
    return names;
}

/// The first of them where there is a limit.
template<class T>
std::span<const T> limited(const std::vector<T>& values, int64_t limit) {
    return std::span(values).first(limit < 0 ? values.size()
                                             : std::min(values.size(), static_cast<size_t>(limit)));
}

OrderedJson samplesJson(const Workspace& workspace, std::span<const SampleId> ids) {
    OrderedJson list = OrderedJson::array();
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        list.push_back(
            {{"sample", sample.id.value}, {"key", sample.key}, {"path", displayPath(sample.path)}});
    return list;
}

std::unordered_map<SampleId, std::string> keysOf(const Workspace& workspace, const RunComparison& comparison,
                                                 std::span<const uint32_t> places) {
    std::vector<SampleId> ids;
    for (const uint32_t place : places)
        ids.push_back(comparison.examples[place].sample);
    std::unordered_map<SampleId, std::string> keys;
    for (Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        keys.emplace(sample.id, std::move(sample.key));
    return keys;
}

OrderedJson nameOrNull(const RunComparison& comparison, int index) {
    return index < 0 ? OrderedJson() : OrderedJson(comparison.nameOf(index));
}

/// NaN as null.
OrderedJson answerJson(const RunComparison& comparison, int answer, float score) {
    return {{"answer", nameOrNull(comparison, answer)},
            {"score", std::isfinite(score) ? OrderedJson(score) : OrderedJson()}};
}

OrderedJson examplesJson(const Workspace& workspace, const RunComparison& comparison,
                         std::span<const uint32_t> places) {
    const auto keys = keysOf(workspace, comparison, places);
    OrderedJson list = OrderedJson::array();
    for (const uint32_t place : places) {
        const ComparedExample& example = comparison.examples[place];
        const auto key = keys.find(example.sample);
        list.push_back({{"sample", example.sample.value},
                        {"key", key == keys.end() ? OrderedJson() : OrderedJson(key->second)},
                        {"truth", nameOrNull(comparison, example.truth)},
                        {"first", answerJson(comparison, example.firstAnswer, example.firstScore)},
                        {"second", answerJson(comparison, example.secondAnswer, example.secondScore)},
                        {"first_value", example.first},
                        {"second_value", example.second},
                        {"gap", example.gap}});
    }
    return list;
}

OrderedJson classesJson(const RunComparison& comparison) {
    OrderedJson list = OrderedJson::array();
    for (const ClassDifference& one : comparison.classes)
        list.push_back({{"class", one.name},
                        {"n", one.n},
                        {"first", one.first},
                        {"second", one.second},
                        {"difference", one.difference()},
                        {"first_alone", one.onlyFirst},
                        {"second_alone", one.onlySecond},
                        {"p", one.pValue},
                        {"adjusted_p", one.adjustedP},
                        {"differs", one.differs}});
    return list;
}

OrderedJson tableJson(const RunComparison& comparison) {
    if (!comparison.rightOrWrong())
        return {};
    return {{"both_right", comparison.count(PairOutcome::BothRight)},
            {"first_alone", comparison.count(PairOutcome::FirstRight)},
            {"second_alone", comparison.count(PairOutcome::SecondRight)},
            {"both_wrong", comparison.count(PairOutcome::BothWrong)}};
}

std::string_view decisionName(Decision decision) {
    switch (decision) {
    case Decision::Agree:
        return "agree";
    case Decision::FirstBetter:
        return "first";
    case Decision::SecondBetter:
        return "second";
    case Decision::Open:
        return "not decided";
    }
    return "";
}

OrderedJson comparisonObject(const Workspace& workspace, const RunComparison& comparison) {
    const auto& [difference, interval, pValue, n] = comparison.difference;
    const char* mean = comparison.rightOrWrong() ? "right" : "mean";
    OrderedJson mcNemarJson;
    if (const auto& test = comparison.mcNemar)
        mcNemarJson = {{"first_alone", test->onlyFirst},
                       {"second_alone", test->onlySecond},
                       {"exact", test->exact},
                       {"p", test->pValue}};
    return {{"first", {{"run", comparison.first.id.value}, {mean, comparison.firstMean}}},
            {"second", {{"run", comparison.second.id.value}, {mean, comparison.secondMean}}},
            {"score", comparison.rightOrWrong() ? OrderedJson() : OrderedJson(comparison.score)},
            {"examples", comparison.common},
            {"only_in_first", comparison.onlyInFirst},
            {"only_in_second", comparison.onlyInSecond},
            {"difference",
             {{"value", difference}, {"low", interval.low}, {"high", interval.high}, {"p", pValue}}},
            {"decision", decisionName(decisionOf(comparison))},
            {"verdict", verdictText(comparison, "the first", "the second")},
            {"mcnemar", std::move(mcNemarJson)},
            {"table", tableJson(comparison)},
            {"classes", classesJson(comparison)},
            {"notes", comparison.notes},
            {"first_alone", samplesJson(workspace, comparison.firstHigher)},
            {"second_alone", samplesJson(workspace, comparison.secondHigher)}};
}

OrderedJson spaceJson(const SpaceComparison& space) {
    if (space.answer != Answer::Ready)
        return {{"answer", space.answer == Answer::Busy ? "busy" : "not encoded"}, {"model", space.model}};
    const auto number = [](double value) {
        return std::isfinite(value) ? OrderedJson(value) : OrderedJson();
    };
    return {{"answer", "ready"},
            {"pictures", space.samples.size()},
            {"same_space", space.sameSpace},
            {"cka", number(space.cka.debiased)},
            {"cka_biased", number(space.cka.biased)},
            {"neighbours", space.overlap.k},
            {"neighbours_in_common", space.overlap.common},
            {"neighbours_in_common_by_chance", space.overlap.chance},
            {"jaccard", space.overlap.jaccard},
            {"neighbour_recall", space.neighbourRecall}};
}

std::string spaceLines(const SpaceComparison& space) {
    if (space.answer == Answer::NotEncoded)
        return fmt::format("Spaces: {} has not encoded these images yet (as its run did); 'diptych map' with "
                           "--model {} does.",
                           space.model, space.model);
    if (space.answer == Answer::Busy)
        return fmt::format("Spaces: {} is busy with a run.", space.model);
    return fmt::format("Spaces: {} Jaccard {}, biased CKA {}.", spaceText(space),
                       numberText(space.overlap.jaccard), numberText(space.cka.biased));
}

void printTable(Console& console, const RunComparison& c) {
    using enum Table::Align;
    const auto cell = [&](PairOutcome outcome) {
        return fmt::format("{} ({})", formatCount(static_cast<int64_t>(c.count(outcome))),
                           shareText(static_cast<double>(c.count(outcome)) / static_cast<double>(c.common)));
    };
    Table table({{""}, {"Second right", Right}, {"Second wrong", Right}});
    table.addRow({"First right", cell(PairOutcome::BothRight), cell(PairOutcome::FirstRight)});
    table.addRow({"First wrong", cell(PairOutcome::SecondRight), cell(PairOutcome::BothWrong)});
    console.printRaw(table.text());
}

void printClasses(Console& console, const RunComparison& c) {
    if (c.classes.empty()) {
        console.print("No classes: the runs keep no class for each example, or compare scores.");
        return;
    }
    using enum Table::Align;
    Table table({{"Class"},
                 {"Examples", Right},
                 {"First", Right},
                 {"Second", Right},
                 {"Difference", Right},
                 {"First alone", Right},
                 {"Second alone", Right},
                 {"p (Holm)", Right},
                 {""}});
    std::vector<const ClassDifference*> sorted;
    for (const ClassDifference& one : c.classes)
        sorted.push_back(&one);
    std::ranges::stable_sort(sorted, std::greater(),
                             [](const ClassDifference* one) { return std::abs(one->difference()); });
    for (const ClassDifference* one : sorted)
        table.addRow({oneLine(one->name), formatCount(static_cast<int64_t>(one->n)), shareText(one->first),
                      shareText(one->second), pointsText(one->difference()), std::to_string(one->onlyFirst),
                      std::to_string(one->onlySecond), numberText(one->adjustedP),
                      one->differs ? "differs" : ""});
    console.printRaw(table.text());
}

void printExamples(Console& console, const Workspace& workspace, const RunComparison& c,
                   const Options& options) {
    const PairKind kind = kindFrom(options.examples);
    const auto places = pairsOf(c, kind, PairOrder::Disagreement);
    console.print(fmt::format("{}: {}", pairKindTitle(kind, c, "first", "second"),
                              formatCount(static_cast<int64_t>(places.size()))));
    const auto shown = limited(places, options.limit);
    if (shown.empty())
        return;
    const auto keys = keysOf(workspace, c, shown);
    using enum Table::Align;
    const auto answer = [&](int index, float score, double value) {
        std::string text = index >= 0 ? oneLine(c.nameOf(index)) + "  " : "";
        if (!c.rightOrWrong())
            return text + numberText(value);
        text += std::isfinite(score) ? shareText(static_cast<double>(score)) : "";
        return text + (value > 0 ? "  right" : "  wrong");
    };
    Table table({{"Image"}, {"Is"}, {"First says"}, {"Second says"}, {"Gap", Right}});
    for (const uint32_t place : shown) {
        const ComparedExample& example = c.examples[place];
        const auto key = keys.find(example.sample);
        table.addRow({key == keys.end() ? "(gone)" : oneLine(key->second), oneLine(c.nameOf(example.truth)),
                      answer(example.firstAnswer, example.firstScore, example.first),
                      answer(example.secondAnswer, example.secondScore, example.second),
                      numberText(example.gap)});
    }
    console.printRaw(table.text());
}

void printComparison(Console& console, const RunComparison& c) {
    console.print(oneLine("First:  " + runHeadline(c.first)));
    console.print(oneLine("Second: " + runHeadline(c.second)));
    console.print(fmt::format(
        "{} the {} examples of both: {} and {}", c.rightOrWrong() ? "Right among" : c.score + ", mean over",
        formatCount(static_cast<int64_t>(c.common)), c.meanText(c.firstMean), c.meanText(c.secondMean)));
    if (c.onlyInFirst + c.onlyInSecond > 0)
        console.print(
            fmt::format("Judged by one alone and left out: {} and {}", c.onlyInFirst, c.onlyInSecond));
    console.print(fmt::format("Difference: {}, 95 % interval {}, {}",
                              c.differenceText(c.difference.difference), c.intervalText(),
                              pValueText(c.difference.pValue)));
    if (c.mcNemar)
        console.print(fmt::format("McNemar ({}): {}", c.mcNemar->exact ? "exact" : "chi-square",
                                  pValueText(c.mcNemar->pValue)));
    console.print(verdictText(c, "the first", "the second"));
    for (const std::string& note : c.notes)
        console.print("Note: " + note);
    if (c.rightOrWrong())
        printTable(console, c);
    else
        console.print(fmt::format("Higher in the first: {}, in the second: {}, equal: {}",
                                  c.count(PairOutcome::FirstRight), c.count(PairOutcome::SecondRight),
                                  c.count(PairOutcome::BothRight)));
}

int compareTwo(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    const RunComparison comparison =
        compareRuns(workspace, {options.runs[0]}, {options.runs[1]}, options.resamples, context.run);
    std::optional<SpaceComparison> space;
    if (options.space)
        space =
            session->compareSpaces(spaceSpecOf(workspace, comparison.first, comparison.second), context.run);
    Console& console = context.console;
    if (console.json()) {
        OrderedJson object = comparisonObject(workspace, comparison);
        if (space)
            object["space"] = spaceJson(*space);
        if (!options.examples.empty()) {
            const auto places = pairsOf(comparison, kindFrom(options.examples), PairOrder::Disagreement);
            object["listed"] = examplesJson(workspace, comparison, limited(places, options.limit));
        }
        console.printJson(object);
        return 0;
    }
    printComparison(console, comparison);
    if (space)
        console.print(oneLine(spaceLines(*space)));
    if (options.classes)
        printClasses(console, comparison);
    if (!options.examples.empty())
        printExamples(console, workspace, comparison, options);
    return 0;
}

void printAllWrong(Console& console, const Workspace& workspace, const RunTable& table, int64_t limit) {
    for (const AllWrong& one : table.allWrong) {
        console.print(oneLine(fmt::format("{}: {} of {} examples wrong in all {} runs", one.datasetName,
                                          formatCount(static_cast<int64_t>(one.samples.size())),
                                          formatCount(static_cast<int64_t>(one.judged)), one.runs.size())));
        for (const Sample& sample : workspace.samples(limited(one.samples, limit), SampleDetail::Basic))
            console.print(oneLine("  " + sample.key));
    }
    if (table.allWrong.empty())
        console.print("No dataset has two runs that tell right from wrong.");
}

/// Columns are headed by their dataset and a number, which a line below the table spells out.
std::string textTable(const RunTable& table) {
    std::vector<Table::Column> columns{{"Model"}};
    std::string key;
    for (size_t i = 0; i < table.columns.size(); ++i) {
        columns.push_back(
            {oneLine(fmt::format("{}: {}", i + 1, table.columns[i].dataset)), Table::Align::Right});
        key += oneLine(fmt::format("{}: {}", i + 1, table.columns[i].title())) + "\n";
    }
    Table text(columns);
    for (size_t row = 0; row < table.rows.size(); ++row) {
        std::vector<std::string> cells{oneLine(table.rows[row])};
        for (const RunTableCell& cell : table.cells[row])
            cells.push_back(cell.run ? metricValueText(cell.metric) + (cell.tied ? " *" : "  ") : "–  ");
        text.addRow(cells);
    }
    return text.text() +
           "* the best of its column, and all that no test tells from it (paired tests against "
           "the best, Holm at 5 %)\n" +
           key;
}

int compareMany(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    std::vector<RunId> runs;
    for (const int64_t run : options.runs)
        runs.push_back({run});
    const RunTable table = tabulateRuns(workspace, runs, options.resamples, context.run);
    Console& console = context.console;
    if (console.json() || options.format == "json") {
        console.printJson(runTableJson(table));
        return 0;
    }
    if (options.format != "text") {
        console.printRaw(runTableDocument(table, options.format));
        return 0;
    }
    console.printRaw(textTable(table));
    for (const std::string& note : table.notes)
        console.print(oneLine("Note: " + note));
    if (options.allWrong)
        printAllWrong(console, workspace, table, options.limit);
    return 0;
}

int compare(const Options& options, CommandContext& context) {
    const bool two = options.runs.size() == 2 && options.format == "text" && !options.allWrong;
    if (context.console.json() && options.format != "text" && options.format != "json")
        throw UsageError(fmt::format("--json and --format {} exclude each other", options.format));
    if (!two && (options.classes || options.space || !options.examples.empty()))
        throw UsageError(
            "--classes, --space and --examples are about two runs: give two, without --format and "
            "--all-wrong");
    if (options.allWrong && options.format != "text" && options.format != "json")
        throw UsageError("--all-wrong is a list for people; leave --format out, or use --json");
    return two ? compareTwo(options, context) : compareMany(options, context);
}

} // namespace

void defineRunCompare(CommandLine& line, CLI::App& runs) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        runs, "compare",
        "Compare runs on the examples they share. Two: who is better, with the interval (paired bootstrap), "
        "McNemar's test, the table of right and wrong, classes, examples and spaces. More, or with --format: "
        "models by datasets, with all that no test tells from the best of a column marked.",
        "runs compare 3 5 --workspace work\n"
        "runs compare 3 5 --workspace work --classes --space --examples first-right --limit 20\n"
        "runs compare 3 5 8 9 --workspace work --format latex\n"
        "runs compare 3 5 8 --workspace work --all-wrong --limit 20",
        [options](CommandContext& context) { return compare(*options, context); });
    addWorkspaceOption(command, options->workspace);
    command->add_option("RUN", options->runs, "Numbers of two runs or more")
        ->required()
        ->expected(2, 1000)
        ->type_name("");
    command->add_flag("--classes", options->classes, "The difference by class, with Holm-adjusted p-values");
    command->add_flag(
        "--space", options->space,
        "How alike the models' embeddings of the dataset are: linear CKA and common neighbours; "
        "of what has been encoded");
    command->add_option("--examples", options->examples, "List the examples of a kind, widest gap first")
        ->type_name(fmt::format("{}", fmt::join(kindNames(), "|")))
        ->check(CLI::IsMember(kindNames()));
    command->add_flag("--all-wrong", options->allWrong, "List what every run got wrong, by dataset");
    command->add_option("--limit", options->limit, "List at most so many examples")
        ->type_name("N")
        ->check(wholeNumber(0));
    command->add_option("-f,--format", options->format, "The table of models by datasets in this form")
        ->capture_default_str()
        ->type_name("text|markdown|latex|csv|json")
        ->check(CLI::IsMember({"text", "markdown", "latex", "csv", "json"}));
    command->add_option("--resamples", options->resamples, "Draws behind intervals and bootstrap tests")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(100, 100'000));
}

} // namespace diptych::cli
