// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_warnings.h"

namespace diptych {

std::vector<std::string> runWarnings(const RunRecord& run) {
    std::vector<std::string> warnings;
    if (!run.details.is_object())
        return warnings;
    const auto found = run.details.find("warnings");
    if (found != run.details.end() && found->is_array())
        for (const Json& warning : *found)
            if (warning.is_string())
                warnings.push_back(warning.get<std::string>());
    return warnings;
}

} // namespace diptych
