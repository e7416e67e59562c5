// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/class_prompts.h"

#include "core/text/prompts.h"

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

std::vector<std::string> promptTemplates(const Json& value) {
    if (value.is_string() && !isTemplate(value.get<std::string>()))
        return loadPromptSet(value.get<std::string>()).templates;
    auto templates =
        value.is_string() ? promptsIn(value.get<std::string>()) : value.get<std::vector<std::string>>();
    checkPromptTemplates(templates);
    return templates;
}

std::vector<std::string> classPrompts(std::span<const std::string> names,
                                      const std::vector<std::string>& templates) {
    PromptSet prompts;
    prompts.templates = templates;
    std::vector<std::string> texts;
    for (const std::string& name : names)
        for (std::string& text : prompts.expand(name))
            texts.push_back(std::move(text));
    return texts;
}

Matrix classEmbeddings(Outputs& outputs, std::span<const std::string> names,
                       const std::vector<std::string>& templates, const RunContext& context) {
    const Matrix encoded = outputs.texts(classPrompts(names, templates), context);
    Matrix classes(names.size(), encoded.cols());
    for (size_t i = 0; i < encoded.rows(); ++i) {
        const auto from = encoded.row(i);
        const auto to = classes.row(i / templates.size());
        std::transform(from.begin(), from.end(), to.begin(), to.begin(), std::plus<>());
    }
    normalizeRows(classes);
    return classes;
}

ParamSpec templatesParam() {
    return {
        "templates",
        "Prompts",
        "Prompt templates: the name of a set, a file with one template a line, or your own ('a photo of a "
        "{}.'), with | between several; {} stands for the class name. Several templates are averaged.",
        ParamSpec::Type::Prompts,
        "simple",
        0,
        0,
        {}};
}

} // namespace diptych
