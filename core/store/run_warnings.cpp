// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_warnings.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// A sentence, or {"text": sentence, "samples": [ids]}.
std::optional<RunWarning> warningFrom(const Json& json) {
    if (json.is_string())
        return RunWarning{json.get<std::string>()};
    if (!json.is_object() || !json.contains("text") || !json["text"].is_string())
        return std::nullopt;
    RunWarning warning{json["text"].get<std::string>()};
    if (const auto samples = json.find("samples"); samples != json.end() && samples->is_array())
        for (const Json& sample : *samples)
            if (sample.is_number_integer())
                warning.samples.push_back({sample.get<int64_t>()});
    return warning;
}

} // namespace

std::vector<RunWarning> runWarnings(const RunRecord& run) {
    std::vector<RunWarning> warnings;
    if (run.failureCount > 0)
        warnings.push_back({fmt::format("{} of {} images could not be read and are not part of the numbers",
                                        run.failureCount, run.exampleCount),
                            {},
                            ExampleStatus::Unreadable});
    if (!run.details.is_object())
        return warnings;
    const auto found = run.details.find("warnings");
    if (found != run.details.end() && found->is_array())
        for (const Json& item : *found)
            if (auto warning = warningFrom(item))
                warnings.push_back(std::move(*warning));
    return warnings;
}

} // namespace diptych
