// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/sample_choice.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

namespace diptych::cli {
namespace {

/// "COLUMN=VALUE" taken apart. A column's name may hold any of the signs, so the longest name that fits wins.
struct Condition {
    std::string column, sign, value;
};

Condition takeApart(const std::string& text, const std::vector<ColumnInfo>& columns) {
    Condition best;
    for (const ColumnInfo& column : columns) {
        if (column.name.size() < best.column.size() || !text.starts_with(column.name))
            continue;
        for (const char* sign : {">=", "<=", "="})
            if (text.compare(column.name.size(), std::string_view(sign).size(), sign) == 0) {
                best = {column.name, sign, text.substr(column.name.size() + std::string_view(sign).size())};
                break;
            }
    }
    if (!best.sign.empty())
        return best;
    const size_t at = text.find_first_of("<>=");
    if (at == std::string::npos || text.find('=', at) == std::string::npos)
        throw UsageError(
            fmt::format("--where: '{}' is not COLUMN=VALUE, COLUMN>=NUMBER or COLUMN<=NUMBER", text));
    requireColumn(columns, text.substr(0, at)); // throws: there is no such column
    throw UsageError(fmt::format("--where: '{}' compares with neither =, >= nor <=", text));
}

double numberOf(const Condition& condition) {
    double number = 0;
    const char* end = condition.value.data() + condition.value.size();
    const auto [stop, error] = std::from_chars(condition.value.data(), end, number);
    if (error != std::errc() || stop != end || !std::isfinite(number))
        throw UsageError(fmt::format("--where: '{}{}' needs a number, not '{}'", condition.column,
                                     condition.sign, condition.value));
    return number;
}

/// Several values of one column are alternatives; the ends of a range belong together.
void addWhere(SampleFilter& filter, const Condition& condition) {
    const auto ofColumn = [&](auto& list) -> auto& {
        const auto found = std::find_if(list.begin(), list.end(),
                                        [&](const auto& known) { return known.column == condition.column; });
        if (found != list.end())
            return *found;
        list.push_back({condition.column, {}});
        return list.back();
    };
    if (condition.sign == "=") {
        ofColumn(filter.columns).values.push_back(condition.value);
        return;
    }
    NumberRange& range = ofColumn(filter.ranges).range;
    const double number = numberOf(condition);
    if (condition.sign == ">=")
        range.least = range.least ? std::max(*range.least, number) : number;
    else
        range.most = range.most ? std::min(*range.most, number) : number;
}

int classIndex(const std::vector<std::string>& names, const std::string& name, const std::string& whose) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        throw Error(ErrorCode::NotFound,
                    fmt::format("{} has no class '{}'; it has: {}", whose, name, fmt::join(names, ", ")));
    return static_cast<int>(found - names.begin());
}

std::optional<OutcomeFilter> outcomeOf(const SampleChoice& choice, const Workspace& workspace,
                                       DatasetId dataset) {
    const bool asked = choice.right || choice.wrong || !choice.predicted.empty() || choice.leastConfidence ||
                       choice.mostConfidence;
    if (choice.run == 0) {
        if (asked)
            throw UsageError("--right, --wrong, --predicted and the confidence need a --run to look at");
        return std::nullopt;
    }
    const RunRecord run = workspace.run({choice.run});
    if (run.datasetId != dataset)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} is of dataset '{}', not of this one", choice.run, run.datasetName));
    OutcomeFilter outcome{run.id};
    if (choice.right != choice.wrong)
        outcome.verdict = choice.right ? Verdict::Right : Verdict::Wrong;
    for (const std::string& name : choice.predicted)
        outcome.predicted.push_back(classIndex(run.classNames, name, fmt::format("Run {}", choice.run)));
    outcome.confidence = {choice.leastConfidence, choice.mostConfidence};
    return outcome;
}

} // namespace

bool SampleChoice::hasConditions() const {
    return !text.empty() || !classes.empty() || !tags.empty() || !splits.empty() || !where.empty() ||
           untagged || noted || run != 0;
}

CLI::Option* addViewOption(CLI::App* command, std::string& view) {
    return command
        ->add_option("--view", view, "Only what this saved view holds ('diptych samples views' lists them)")
        ->type_name("NAME");
}

void addSampleChoice(CLI::App* command, SampleChoice& choice) {
    addViewOption(command, choice.view);
    const auto several = [command](const char* name, std::vector<std::string>& values, const char* help,
                                   const char* type) {
        command->add_option(name, values, help)->type_name(type)->take_all();
    };
    several("--class", choice.classes, "Only of this class; several are alternatives, as below", "NAME");
    command->add_option("--text", choice.text, "Only with this in the name, a caption or the note")
        ->type_name("TEXT");
    several("--tagged", choice.tags, "Only with this tag", "TAG");
    command->add_flag("--untagged", choice.untagged, "Only without a tag");
    command->add_flag("--noted", choice.noted, "Only with a note");
    several("--split", choice.splits, "Only in this split", "NAME");
    several("--where,--filter", choice.where,
            "Only where a column of the source has this value, or for COLUMN>=NUMBER and COLUMN<=NUMBER a "
            "number in the range; several values of a column are alternatives, several columns must all fit",
            "COLUMN=VALUE");
    command->add_option("--run", choice.run, "Only what this run has a result for")->type_name("N");
    command->add_flag("--right", choice.right, "Only what the run got right");
    command->add_flag("--wrong", choice.wrong, "Only what the run got wrong");
    several("--predicted", choice.predicted, "Only what the run took for this class", "NAME");
    command
        ->add_option("--least-confidence", choice.leastConfidence,
                     "Only where the run's first prediction has at least this score")
        ->type_name("X");
    command
        ->add_option("--most-confidence", choice.mostConfidence,
                     "Only where the run's first prediction has at most this score")
        ->type_name("X");
}

void requireColumn(const std::vector<ColumnInfo>& columns, const std::string& name) {
    std::string known;
    for (const ColumnInfo& info : columns) {
        if (info.name == name)
            return;
        known += (known.empty() ? "" : ", ") + info.name;
    }
    throw Error(ErrorCode::NotFound,
                fmt::format("The dataset has no column '{}'; {}", name,
                            known.empty() ? "it has no columns of its own" : "it has: " + known));
}

SampleFilter conditionsOf(const SampleChoice& choice, const Workspace& workspace, DatasetId dataset) {
    SampleFilter filter;
    const auto names = workspace.classNames(dataset);
    for (const std::string& name : choice.classes)
        filter.labels.push_back(classIndex(names, name, "The dataset"));
    filter.text = choice.text;
    filter.tags = choice.tags;
    if (choice.untagged)
        filter.tags.push_back("");
    filter.splits = choice.splits;
    filter.noted = choice.noted;
    if (!choice.where.empty()) {
        const auto columns = workspace.columns(dataset);
        for (const std::string& condition : choice.where)
            addWhere(filter, takeApart(condition, columns));
    }
    filter.outcome = outcomeOf(choice, workspace, dataset);
    return filter;
}

SavedView viewByName(const Workspace& workspace, DatasetId dataset, const std::string& name) {
    if (auto found = workspace.findView(dataset, name))
        return *found;
    std::string known;
    for (const SavedView& view : workspace.views(dataset))
        known += (known.empty() ? "" : ", ") + view.name;
    throw Error(ErrorCode::NotFound,
                fmt::format("The dataset has no saved view '{}'; {}", name,
                            known.empty() ? "it has none yet ('diptych samples save' makes one)"
                                          : "it has: " + known));
}

std::vector<SampleId> chosenSamples(const SampleChoice& choice, const Workspace& workspace, DatasetId dataset,
                                    const SampleSort& sort) {
    if (sort.by == SampleOrder::Column)
        requireColumn(workspace.columns(dataset), sort.column);
    std::vector<SampleId> ids = workspace.sampleIds(dataset, conditionsOf(choice, workspace, dataset), sort);
    if (choice.view.empty())
        return ids;
    const SampleFilter filter = workspace.viewFilter(viewByName(workspace, dataset, choice.view));
    const auto inView = workspace.sampleIds(dataset, filter);
    const std::unordered_set<SampleId> members(inView.begin(), inView.end());
    std::erase_if(ids, [&](SampleId id) { return !members.contains(id); });
    return ids;
}

Sample sampleByKey(const Workspace& workspace, DatasetId dataset, const std::string& datasetName,
                   const std::string& key) {
    for (Sample& sample : workspace.samples(workspace.sampleIds(dataset, {.text = key})))
        if (sample.key == key)
            return std::move(sample);
    throw Error(ErrorCode::NotFound,
                fmt::format("'{}' has no image '{}' ('diptych samples list' lists them)", datasetName, key));
}

} // namespace diptych::cli
