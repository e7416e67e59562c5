// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_columns.h"

#include "core/session/run_samples.h"
#include "core/tasks/run_task.h"
#include "core/tasks/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace diptych {
namespace {

const Json& member(const Json& object, const std::string& key) {
    static const Json none;
    if (!object.is_object())
        return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

std::string textOf(const Json& value) {
    if (value.is_null())
        return "";
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string samplesText(const Json& samples) {
    if (samples.is_null())
        return "";
    try {
        return describe(RunSamples::fromJson(samples, "a run's samples"));
    } catch (const Error&) { // of another version: shown as it is written
        return textOf(samples);
    }
}

/// The column of that id, which is added where it is not there yet.
RunColumn& columnOf(std::vector<RunColumn>& columns, const std::string& id, const std::string& title,
                    size_t runs) {
    const auto found = std::ranges::find(columns, id, &RunColumn::id);
    if (found != columns.end())
        return *found;
    columns.push_back({id, title, std::vector<std::string>(runs)});
    return columns.back();
}

void addParameters(std::vector<RunColumn>& columns, const RunRecord& run, size_t index, size_t count) {
    const Task* task = taskOf(run);
    const Json& params = member(run.spec, "params");
    if (!task || !params.is_object())
        return;
    for (const ParamSpec& spec : task->info.params) {
        const bool prompts = spec.type == ParamSpec::Type::Prompts;
        const Json& value = member(params, spec.id);
        columnOf(columns, prompts ? "prompts" : spec.id, prompts ? "Prompts" : spec.title, count)
            .values[index] = prompts ? promptsText(value) : textOf(value);
    }
}

} // namespace

std::string promptsText(const Json& prompts) {
    if (prompts.is_string())
        return prompts.get<std::string>();
    const Json& templates = prompts.is_array() ? prompts : member(prompts, "templates");
    const Json &title = member(prompts, "title"), &classes = member(prompts, "classes");
    if (title.is_string() && !title.get<std::string>().empty())
        return title.get<std::string>();
    std::string text;
    const size_t count = templates.is_array() ? templates.size() : 0;
    if (count == 1)
        text = textOf(templates[0]);
    else if (count > 1)
        text = classes.is_object() ? fmt::format("{} templates", count)
                                   : fmt::format("{} templates: {}, …", count, textOf(templates[0]));
    if (classes.is_object())
        text += fmt::format("{}words of {} {}", text.empty() ? "" : ", ", classes.size(),
                            classes.size() == 1 ? "class" : "classes");
    return text;
}

std::vector<RunColumn> runColumns(std::span<const RunRecord> runs) {
    std::vector<RunColumn> columns;
    for (const auto& [id, title] :
         {std::pair("prompts", "Prompts"), std::pair("split", "Split"), std::pair("labels", "Labels"),
          std::pair("samples", "Samples"), std::pair("alpha", "Transparency"), std::pair("seed", "Seed")})
        columns.push_back({id, title, std::vector<std::string>(runs.size())});
    for (size_t i = 0; i < runs.size(); ++i) {
        const Json& spec = runs[i].spec;
        if (runs[i].status == RunStatus::Damaged || !spec.is_object() || !taskOf(runs[i]))
            continue;
        const std::string split = textOf(member(spec, "split"));
        const std::string labels = textOf(member(spec, "labels"));
        const std::string samples = samplesText(member(spec, "samples"));
        const std::string alpha = textOf(member(spec, "alpha"));
        columns[1].values[i] = split.empty() ? "all" : split;
        columns[2].values[i] = labels.empty() ? "imported" : labels;
        columns[3].values[i] = samples.empty() ? "all" : samples;
        columns[4].values[i] = alpha.empty() ? "drop" : alpha; // what runs of before it was a choice saw
        columns[5].values[i] = std::to_string(runs[i].seed);
        addParameters(columns, runs[i], i, runs.size());
    }
    for (RunColumn& column : columns) {
        std::set<std::string> values(column.values.begin(), column.values.end());
        values.erase("");
        column.differs = values.size() > 1;
    }
    std::erase_if(columns, [](const RunColumn& column) {
        return std::ranges::all_of(column.values, [](const std::string& value) { return value.empty(); });
    });
    return columns;
}

} // namespace diptych
