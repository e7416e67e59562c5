// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <string>
#include <vector>

namespace diptych {

/// The sentences in details["warnings"]: what a person should know before believing the numbers. Needs a
/// record with its details.
std::vector<std::string> runWarnings(const RunRecord& run);

} // namespace diptych
