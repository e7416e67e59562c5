// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// What a person should know before believing the numbers.
struct RunWarning {
    std::string text;                           ///< a sentence without its full stop
    std::vector<SampleId> samples = {};         ///< the pictures it is about, to look at; may be empty
    std::optional<ExampleStatus> examples = {}; ///< or: it is about all examples of this status
};

/// First the images that could not be read, then details["warnings"]; a record without its details has the
/// former alone.
std::vector<RunWarning> runWarnings(const RunRecord& run);

} // namespace diptych
