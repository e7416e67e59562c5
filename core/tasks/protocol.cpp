// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/protocol.h"

#include "core/text/prompts.h"

#include <cctype>

namespace diptych {
namespace {

/// Letters and digits alone, small.
std::string bare(const std::string& name) {
    std::string out;
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)))
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

} // namespace

std::string publishedPromptSet(const std::string& datasetName) {
    const std::string name = bare(datasetName);
    std::string found;
    for (const PromptSet& set : builtInPromptSets())
        if (const std::string id = bare(set.id); id.size() > found.size() && set.id != "none" &&
                                                 set.id != "simple" && name.find(id) != std::string::npos)
            found = set.id; // cifar100, not cifar10
    return found.empty() ? "openai-imagenet-80" : found;
}

} // namespace diptych
