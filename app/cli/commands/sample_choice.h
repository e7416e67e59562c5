// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diptych::cli {

/// Which images of a dataset a command is about: a saved view and conditions, all of which must hold.
struct SampleChoice {
    std::string view, text;
    std::vector<std::string> classes, tags, splits, where, predicted;
    bool untagged = false, noted = false, right = false, wrong = false;
    int64_t run = 0;
    std::optional<double> leastConfidence, mostConfidence;
    bool hasConditions() const; ///< any beside the view
};

/// --view, --class, --text, --tagged, --untagged, --noted, --split, --where, --run and what goes with it.
void addSampleChoice(CLI::App* command, SampleChoice& choice);

/// --view alone, for commands that have few of the others or their own.
CLI::Option* addViewOption(CLI::App* command, std::string& view);

/// The conditions without the view. @throws UsageError; Error NotFound that lists the classes or columns
/// there are
SampleFilter conditionsOf(const SampleChoice& choice, const Workspace& workspace, DatasetId dataset);

/// The named view of the dataset. @throws Error NotFound that lists those there are
SavedView viewByName(const Workspace& workspace, DatasetId dataset, const std::string& name);

/// What is both in the view and fits the conditions, in order. @throws as the two above
std::vector<SampleId> chosenSamples(const SampleChoice& choice, const Workspace& workspace, DatasetId dataset,
                                    const SampleSort& sort = {});

/// The sample of that key. @throws Error NotFound
Sample sampleByKey(const Workspace& workspace, DatasetId dataset, const std::string& datasetName,
                   const std::string& key);

/// @throws Error NotFound that lists the columns there are
void requireColumn(const std::vector<ColumnInfo>& columns, const std::string& name);

} // namespace diptych::cli
