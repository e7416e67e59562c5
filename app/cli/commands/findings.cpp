// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/findings.h"

#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/report/report_writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace diptych::cli {
namespace {

/// {"image": key, ...facts, "class": ..., "split": ..., "path": ...}
std::vector<OrderedJson> rowsOf(Workspace& workspace, const std::vector<Finding>& findings) {
    std::vector<SampleId> ids;
    for (const Finding& finding : findings)
        ids.push_back(finding.sample);
    std::unordered_map<SampleId, Sample> samples;
    for (Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        samples.emplace(sample.id, std::move(sample));
    std::unordered_map<DatasetId, std::vector<std::string>> names;
    std::vector<OrderedJson> rows;
    for (const Finding& finding : findings) {
        const auto found = samples.find(finding.sample);
        if (found == samples.end())
            continue; // removed meanwhile
        const Sample& sample = found->second;
        if (!names.contains(sample.dataset))
            names.emplace(sample.dataset, workspace.classNames(sample.dataset));
        OrderedJson row{{"image", toValidUtf8(sample.key)}};
        for (const auto& [name, value] : finding.facts.items())
            row[name] = value;
        row["class"] = sample.label < 0
                           ? OrderedJson()
                           : OrderedJson(names[sample.dataset][static_cast<size_t>(sample.label)]);
        row["split"] = sample.split.empty() ? OrderedJson() : OrderedJson(sample.split);
        row["path"] = displayPath(sample.path);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string cellOf(const OrderedJson& value) {
    if (value.is_null())
        return {};
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_boolean())
        return value.get<bool>() ? "yes" : "no";
    return value.dump();
}

std::string csvOf(const std::vector<OrderedJson>& rows) {
    std::string out;
    if (rows.empty())
        return out;
    const auto addLine = [&](const auto& cellOfItem) {
        bool first = true;
        for (const auto& item : rows.front().items())
            out += (std::exchange(first, false) ? "" : ",") + csvField(cellOfItem(item.key()));
        out += '\n';
    };
    addLine([](const std::string& name) { return name; });
    for (const OrderedJson& row : rows)
        addLine([&](const std::string& name) { return cellOf(row.value(name, OrderedJson())); });
    return out;
}

/// "self_confidence" -> "Self confidence"
std::string titleOf(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

std::string tableOf(const std::vector<OrderedJson>& rows, size_t limit) {
    std::vector<Table::Column> columns;
    std::vector<std::string> names;
    for (const auto& item : rows.front().items()) {
        if (item.key() == "path" ||
            std::ranges::all_of(rows, [&](const OrderedJson& row) { return row[item.key()].is_null(); }))
            continue;
        names.push_back(item.key());
        columns.push_back(
            {titleOf(item.key()), item.value().is_number() ? Table::Align::Right : Table::Align::Left});
    }
    Table table(columns);
    for (size_t i = 0; i < rows.size() && (limit == 0 || i < limit); ++i) {
        std::vector<std::string> cells;
        for (const std::string& name : names)
            cells.push_back(cellOf(rows[i][name]));
        table.addRow(std::move(cells));
    }
    return table.text();
}

} // namespace

double rounded(double value) {
    return std::round(value * 1e4) / 1e4;
}

void addListOptions(CLI::App* command, FindingsOptions& options) {
    command->add_flag("--csv", options.csv, "All findings as CSV, one image a line");
    command
        ->add_option("-n,--limit", options.limit,
                     "Lines of the table; 0 is all. CSV and JSON have all anyway")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(0));
}

void addFindingsOptions(CLI::App* command, FindingsOptions& options) {
    addListOptions(command, options);
    command->add_option("--tag", options.tag, "Give this tag to the images found")->type_name("TAG");
}

void printFindings(Console& console, Workspace& workspace, const FindingsOptions& options,
                   OrderedJson summary, const std::string& headline, const std::vector<Finding>& findings,
                   const std::vector<SampleId>& tagged) {
    if (options.csv && console.json())
        throw UsageError("--csv and --json exclude each other");
    const std::vector<OrderedJson> rows = rowsOf(workspace, findings);
    std::string tagText;
    if (!options.tag.empty()) {
        const size_t added = workspace.addTag(tagged, options.tag).size();
        summary["tagged"] = added;
        tagText = fmt::format("{} tagged '{}'", countedImages(added), options.tag);
    }
    if (console.json()) {
        summary["findings"] = rows;
        console.printJson(summary);
        return;
    }
    if (options.csv) {
        console.printRaw(csvOf(rows));
        console.note(oneLine(headline));
    } else {
        console.print(headline);
        if (!rows.empty())
            console.printRaw('\n' + tableOf(rows, options.limit));
        if (options.limit > 0 && rows.size() > options.limit)
            console.print(fmt::format("... {} more; --limit 0, --csv or --json has all",
                                      formatCount(static_cast<int64_t>(rows.size() - options.limit))));
    }
    if (!tagText.empty())
        console.note(tagText);
}

} // namespace diptych::cli
