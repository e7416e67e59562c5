// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"

// Private to core/datasets: one function per format, each in the file of its name; registry.cpp lists them.
namespace diptych {

DatasetFormat imageFolderFormat();
DatasetFormat flatFolderFormat();
DatasetFormat csvFormat();
DatasetFormat jsonlFormat();
DatasetFormat splitTablesFormat();
DatasetFormat publishedFormat();
DatasetFormat cocoCaptionsFormat();
DatasetFormat cocoInstancesFormat();
DatasetFormat karpathyFormat();
DatasetFormat candidatesFormat();
DatasetFormat winogroundFormat();
DatasetFormat pairsFormat();
DatasetFormat sugarcrepeFormat();
DatasetFormat hatefulMemesFormat();

/// Names of the members that JSON lines have.
struct JsonColumns {
    std::vector<std::string> names;
    std::string frames; ///< the one called "frames" whose values are lists of texts; empty = none
};
JsonColumns jsonlColumns(const std::filesystem::path& source);
/// @p chosen (ImportOptions::columns) with @p frames for its frames, unless something is chosen for them.
std::map<std::string, std::string> withFrames(std::map<std::string, std::string> chosen,
                                              const std::string& frames);
/// The file of the first split that has one; empty if none has.
std::filesystem::path firstSplitTable(const std::filesystem::path& source);

/// The format that takes @p source most surely for its own; null if none does.
const DatasetFormat* detectedFormat(const std::filesystem::path& source);

} // namespace diptych
