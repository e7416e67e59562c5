// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Samples under a name: a selection, the lines of a file.
struct NamedSamples {
    std::string name;
    std::vector<SampleId> samples;
};

/// One way to cut examples into slices: the values there are, and which of them each example has.
struct SliceKey {
    std::string name;                ///< as it was asked for: "class", "split", "column:size"
    std::string title;               ///< for people: "size"
    std::vector<std::string> values; ///< in their order: classes, bins and numbers ascending, else by text
    /// By example: numbers of values, ascending; several where it has several tags or labels.
    std::vector<std::vector<uint32_t>> valuesOf;
    std::vector<std::string> notes = {}; ///< for people, sentences without their stop; what was left out, say
};

/// "class", "split", "tag", "note", where the dataset has saved views "view" (each of them), where some are
/// saved selections "selection" (those alone), "transparency", and the dataset's columns that hold anything,
/// in this order; a column of one of these names is "column:NAME". What the samples know at present. Empty
/// where the run's dataset is gone.
std::vector<std::string> sliceKeyNames(const Workspace& workspace, const RunRecord& run);

struct SliceKeyOptions {
    size_t bins = 5; ///< of a column of numbers with more different ones than kMostNumbers
    std::span<const NamedSamples> lists = {}; ///< for the keys "list" and "list:NAME"
};
/// Numbers are taken one by one where there are no more of them.
inline constexpr size_t kMostNumbers = 10;

/// @param name of sliceKeyNames(); "view:NAME", one saved view and the others; "list" and "list:NAME",
/// likewise for the lists given @param run whole
/// @throws Error NotFound that says what there is; InvalidArgument where no example has any value
SliceKey sliceKey(Workspace& workspace, const RunRecord& run, std::span<const ExampleResult> examples,
                  const std::string& name, const SliceKeyOptions& options);

} // namespace diptych
