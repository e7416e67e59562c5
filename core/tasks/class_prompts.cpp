// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/class_prompts.h"

#include "core/text/prompts.h"

#include <algorithm>
#include <functional>

namespace diptych {

std::vector<std::string> promptTemplates(const Json& value) {
    if (value.is_string())
        return loadPromptSet(value.get<std::string>()).templates;
    auto templates = value.get<std::vector<std::string>>();
    checkPromptTemplates(templates);
    return templates;
}

Matrix classEmbeddings(EmbeddingSource& embeddings, std::span<const std::string> names,
                       const std::vector<std::string>& templates, const RunContext& context) {
    PromptSet prompts;
    prompts.templates = templates;
    std::vector<std::string> texts;
    for (const std::string& name : names)
        for (std::string& text : prompts.expand(name))
            texts.push_back(std::move(text));
    const Matrix encoded = embeddings.texts(texts, context);
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
        "Prompt templates: the name of a set, a file with one template a line, or your own; {} stands for "
        "the class name. Several templates are averaged.",
        ParamSpec::Type::Prompts,
        "simple",
        0,
        0,
        {}};
}

} // namespace diptych
