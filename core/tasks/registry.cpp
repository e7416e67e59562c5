// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/clipscore.h"
#include "core/tasks/hateful_memes.h"
#include "core/tasks/knn_probe.h"
#include "core/tasks/linear_probe.h"
#include "core/tasks/retrieval.h"
#include "core/tasks/task.h"
#include "core/tasks/winoground.h"
#include "core/tasks/zero_shot.h"
#include "core/tasks/zero_shot_binary.h"
#include "core/tasks/zero_shot_multilabel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace diptych {

const std::vector<Task>& tasks() {
    // clang-format off
    static const std::vector<Task> table = {
        zeroShotTask(),
        zeroShotMultilabelTask(),
        zeroShotBinaryTask(),
        linearProbeTask(),
        knnProbeTask(),
        retrievalTask(),
        clipScoreTask(),
        winogroundTask(),
        hatefulMemesTask(),
    };
    // clang-format on
    return table;
}

const Task& findTask(std::string_view id) {
    std::vector<std::string> known;
    for (const Task& task : tasks()) {
        if (task.info.id == id)
            return task;
        known.push_back(task.info.id);
    }
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no task '{}'; the tasks are: {}", id, fmt::join(known, ", ")));
}

Faces bothEmbeddings(const Json&) {
    return {.imageEmbeddings = true, .textEmbeddings = true};
}

std::string lacking(const TaskInfo& info, const DatasetInfo& dataset) {
    for (const DatasetNeed need : info.needs) {
        if (need == DatasetNeed::Images && dataset.sampleCount == 0)
            return "it has no images";
        if (need == DatasetNeed::Labels && dataset.labelledCount == 0)
            return "none of its images has a label";
        if (need == DatasetNeed::Captions && dataset.captionCount == 0)
            return "none of its images has a caption";
    }
    return "";
}

bool hasClips(const TaskDataset& dataset) {
    return std::ranges::any_of(dataset.samples, &TaskSample::isClip);
}

std::string lacking(const Faces& needed, const ModelInfo& model, bool clips) {
    if (model.frames > 1 && !clips)
        return fmt::format("it takes clips of {} frames, not single pictures", model.frames);
    const auto missing = model.faces.missing(needed).names();
    return missing.empty() ? "" : fmt::format("it has no {}", fmt::join(missing, " and no "));
}

bool canExport(std::string_view taskId, std::string_view form) {
    const auto found =
        std::ranges::find_if(tasks(), [&](const Task& task) { return task.info.id == taskId; });
    return found != tasks().end() &&
           std::ranges::find(found->info.exports, form) != found->info.exports.end();
}

namespace {

[[noreturn]] void refuse(const ParamSpec& spec, const Json& value, const std::string& expected) {
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("Parameter '{}' should be {}, it is {}", spec.id, expected,
                            value.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void checkNumber(const ParamSpec& spec, const Json& value) {
    const bool whole = spec.type == ParamSpec::Type::Int;
    const bool limited = spec.minimum != spec.maximum;
    const std::string range = limited ? fmt::format(" from {} to {}", spec.minimum, spec.maximum) : "";
    const std::string expected = (whole ? "a whole number" : "a number") + range;
    if (whole ? !value.is_number_integer() : !value.is_number())
        refuse(spec, value, expected);
    const double number = value.get<double>();
    if (!std::isfinite(number) || (limited && (number < spec.minimum || number > spec.maximum)))
        refuse(spec, value, expected);
}

bool isTemplateList(const Json& value) {
    return value.is_array() && !value.empty() &&
           std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
}

void checkParam(const ParamSpec& spec, const Json& value) {
    switch (spec.type) {
    case ParamSpec::Type::Bool:
        if (!value.is_boolean())
            refuse(spec, value, "true or false");
        break;
    case ParamSpec::Type::Int:
    case ParamSpec::Type::Float:
        checkNumber(spec, value);
        break;
    case ParamSpec::Type::Choice:
        if (!value.is_string() || std::find(spec.choices.begin(), spec.choices.end(),
                                            value.get<std::string>()) == spec.choices.end())
            refuse(spec, value, fmt::format("one of: {}", fmt::join(spec.choices, ", ")));
        break;
    case ParamSpec::Type::Text:
        if (!value.is_string())
            refuse(spec, value, "a text");
        break;
    case ParamSpec::Type::Prompts:
        if (!value.is_string() && !value.is_object() && !isTemplateList(value))
            refuse(spec, value, "the name of a prompt set, a file, a list of templates, or an object");
        break;
    }
}

} // namespace

Json completeParams(const TaskInfo& info, const Json& given) {
    if (!given.is_object())
        throw Error(ErrorCode::InvalidArgument, "Task parameters should be a JSON object");
    Json complete = Json::object();
    for (const ParamSpec& spec : info.params) {
        const auto found = given.find(spec.id);
        complete[spec.id] = found == given.end() || found->is_null() ? spec.defaultValue : *found;
        checkParam(spec, complete[spec.id]);
    }
    for (const auto& [key, value] : given.items())
        if (!complete.contains(key))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Task '{}' has no parameter '{}'", info.id, key));
    return complete;
}

} // namespace diptych
