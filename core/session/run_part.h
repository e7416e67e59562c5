// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"
#include "core/store/run_record.h"

#include <optional>
#include <span>

namespace diptych {

/// "classes", "confusion" and, where the run has it, "calibration" of a run that names one class for each
/// image, computed on part of its examples: the same as a run on those alone would keep.
/// @param run whole @param examples all of the run's @param part the places of those that count, ascending
/// @return nothing where the examples do not give the run's own tables, so that part of them says nothing
/// either
std::optional<Json> classDetailsOn(const RunRecord& run, std::span<const ExampleResult> examples,
                                   std::span<const uint32_t> part);

} // namespace diptych
