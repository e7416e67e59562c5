// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// The beginning of a table as it stands there, for choosing which column is what before it can be imported.
struct TablePreview {
    std::vector<std::string> columns;           ///< valid UTF-8
    std::vector<std::vector<std::string>> rows; ///< the first rows: valid UTF-8, a field a column
    std::map<std::string, std::string>
        roles; ///< as ImportOptions::columns: those chosen and those known by name
};

/// Of a CSV or JSON lines file, or of the folder that has one; of the first where each split has one; nullopt
/// for what is no table. @param options format and columns count. @throws Error if it cannot be read
std::optional<TablePreview> previewTable(const std::filesystem::path& source, const ImportOptions& options,
                                         size_t mostRows);

} // namespace diptych
