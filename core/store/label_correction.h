// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <cstdint>
#include <string>

namespace diptych {

/// A label that a person has corrected; classes by their names, so that it outlives a new import.
struct LabelCorrection {
    int64_t id = 0; ///< ascending in the order in which they were made
    SampleId sample;
    std::string from, to;    ///< class before and after; empty = no label
    std::string correctedAt; ///< ISO 8601 UTC
    std::string note;
};

} // namespace diptych
