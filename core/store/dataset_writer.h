// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/datasets/dataset.h"
#include "core/results/ids.h"
#include "core/store/database.h"

#include <filesystem>
#include <string>

namespace diptych {

/// Private to core/store: an import as it is about to be stored. Checked once, before anything is written.
struct PreparedDataset {
    const DatasetIndex& index;
    std::filesystem::path source, root; ///< absolute
    std::string fingerprint;
    int64_t labelled = 0, captions = 0;
};

/// @throws Error InvalidArgument for a repeated key or a label without class name; Cancelled
PreparedDataset prepareDataset(const DatasetIndex& index, const RunContext& context);
/// Writes classes, problems, samples and captions of a dataset whose row exists. Samples already there are
/// recognised by their keys. Inside the caller's transaction. @throws Error, Cancelled
void writeDataset(sql::Database& database, DatasetId id, const PreparedDataset& dataset,
                  const RunContext& context);
/// How a sample's path is stored: relative to the root where it lies below it, else as it is.
std::string storedPath(const std::filesystem::path& path, const std::filesystem::path& root);

} // namespace diptych
