// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/class_prompts.h"

#include "core/base/file.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>

namespace diptych {
namespace {

/// A template written out where a name could stand; a file of that name goes first.
bool isTemplate(const std::string& text) {
    std::error_code failed;
    return text.find("{}") != std::string::npos && !std::filesystem::exists(text, failed);
}

} // namespace

std::vector<std::string> promptsIn(const std::string& text) {
    std::vector<std::string> prompts;
    for (size_t from = 0; from <= text.size();) {
        const size_t bar = std::min(text.find('|', from), text.size());
        std::string prompt = text.substr(from, bar - from);
        prompt.erase(0, prompt.find_first_not_of(" \t"));
        prompt.erase(prompt.find_last_not_of(" \t") + 1);
        if (!prompt.empty())
            prompts.push_back(std::move(prompt));
        from = bar + 1;
    }
    return prompts;
}

PromptSet promptSetOf(const Json& value) {
    if (value.is_string() && !isTemplate(value.get<std::string>()))
        return loadPromptSet(value.get<std::string>());
    if (!value.is_string())
        return promptSetFromJson(value, "the prompts");
    PromptSet set;
    set.templates = promptsIn(value.get<std::string>());
    checkPromptSet(set);
    return set;
}

ClassTexts classTexts(std::span<const std::string> names, const PromptSet& prompts) {
    ClassTexts out;
    for (const std::string& name : names) {
        out.starts.push_back(out.texts.size());
        for (std::string& text : prompts.expand(name))
            out.texts.push_back(std::move(text));
        if (out.texts.size() == out.starts.back())
            throw Error(ErrorCode::InvalidArgument,
                        "There are no templates, and class '" + toValidUtf8(name) +
                            "' has no prompts of its own. Add a template, or prompts for that class");
    }
    out.starts.push_back(out.texts.size());
    return out;
}

Matrix classMeans(const Matrix& rows, const ClassTexts& texts) {
    Matrix classes(texts.starts.size() - 1, rows.cols());
    for (size_t c = 0; c < classes.rows(); ++c)
        for (size_t i = texts.starts[c]; i < texts.starts[c + 1]; ++i)
            std::ranges::transform(rows.row(i), classes.row(c), classes.row(c).begin(), std::plus<>());
    normalizeRows(classes);
    return classes;
}

Matrix classEmbeddings(Outputs& outputs, std::span<const std::string> names, const PromptSet& prompts,
                       const RunContext& context) {
    const ClassTexts texts = classTexts(names, prompts);
    return classMeans(outputs.texts(texts.texts, context), texts);
}

void addPromptDetails(Json& details, const PromptSet& prompts) {
    details["templates"] = prompts.templates;
    if (const Json json = promptSetJson(prompts); json.contains("classes"))
        details["class_words"] = json["classes"];
}

ParamSpec templatesParam() {
    return {
        "templates",
        "Prompts",
        "Prompt templates: the name of a set or of prompts kept in the workspace, a file with one template a "
        "line or as JSON, or your own ('a photo of a {}.'), with | between several; {} stands for the class "
        "name. Several templates are averaged.",
        ParamSpec::Type::Prompts,
        "simple",
        0,
        0,
        {}};
}

} // namespace diptych
