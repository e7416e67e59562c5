// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <string>

namespace diptych {

/// How somebody counts: the parameters of a task that give their number.
struct Protocol {
    std::string id;     ///< "openai", "clip-benchmark", ...
    std::string title;  ///< for people
    std::string source; ///< where the rule is written down
    Json params;        ///< those that it decides; the others stay as they are
    /// What it decides that parameters do not say, such as precision; may be empty.
    std::string remark;
};

/// The built-in set of prompts published for a dataset of that name ("Food-101" is food101), else ImageNet's.
/// @throws Error for sets of the program that cannot be read
std::string publishedPromptSet(const std::string& datasetName);

} // namespace diptych
