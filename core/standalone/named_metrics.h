// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A metric that can be computed from files alone, whoever made them.
struct NamedMetric {
    std::string name;    ///< "zeroshot"
    std::string summary; ///< for help
    struct File {
        std::string name;     ///< "logits.npy"
        std::string contents; ///< "[n, c]: score of every class"
        bool optional = false;
    };
    std::vector<File> files;
    std::vector<std::string> keys; ///< of the result; "text_TAG" stands for one key a tag
    Json (*compute)(const std::filesystem::path& directory, const RunContext& context);
};

/// In the order help shows them.
const std::vector<NamedMetric>& namedMetrics();

/// The object `diptych metric NAME --input DIR --json` prints. A value that is undefined on this data (ROC
/// area of a single class, average precision without positives) is null.
/// @throws Error NotFound (an unknown name, with those known; a missing file), Corrupt and InvalidArgument
/// naming the file and the line or position that is wrong; Cancelled
Json computeNamedMetric(std::string_view name, const std::filesystem::path& directory,
                        const RunContext& context);

} // namespace diptych
