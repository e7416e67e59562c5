// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// A filter as an object that outlives a new import of its dataset: classes by name (null = without a class);
/// only the conditions that are set, so {} is the filter that finds all.
///
///     {"classes": ["cat", null], "columns": {"camera": ["north"]}, "noted": true,
///      "ranges": {"weight": [2.5, null]}, "splits": ["test"], "tags": ["odd"], "text": "on a mat",
///      "selection": 4, "run": {"id": 3, "correct": false, "predicted": [1], "confidence": [0.9, null]}}
///
/// @param classNames of the dataset
Json sampleFilterJson(const SampleFilter& filter, const std::vector<std::string>& classNames);

/// The other way. @param where names the source in messages
/// @throws Error NotFound for a class that is not among @p classNames; Corrupt for anything else that is not
/// such an object
SampleFilter sampleFilterFromJson(const Json& json, const std::vector<std::string>& classNames,
                                  std::string_view where);

} // namespace diptych
