// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/explain_options.h"

#include "app/cli/commands/shared.h"

namespace diptych::cli {

std::vector<std::string> explainMethodNames() {
    std::vector<std::string> names;
    for (const ExplainMethodInfo& info : explainMethods())
        names.emplace_back(info.name);
    return names;
}

void addExplainOptions(CLI::App* command, ExplainOptions& options) {
    const auto number = [command](const char* name, int& value, const char* help) {
        command->add_option(name, value, help)
            ->check(wholeNumber(0, 1000))
            ->type_name("N")
            ->capture_default_str();
    };
    number("--last-layers", options.lastLayers, "relevance: through so many of the last layers; 0 = all");
    number("--layer", options.layer, "attention: of this layer, from 1; 0 = the last");
    number("--head", options.head, "attention: of this head, from 1; 0 = the mean of all");
    number("--window", options.window, "occlusion: side of what is covered, in patches; odd");
}

} // namespace diptych::cli
