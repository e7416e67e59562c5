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

std::vector<std::string> jsonlColumns(const std::filesystem::path& source);
/// The file of the first split that has one; empty if none has.
std::filesystem::path firstSplitTable(const std::filesystem::path& source);

/// The format that takes @p source most surely for its own; null if none does.
const DatasetFormat* detectedFormat(const std::filesystem::path& source);

} // namespace diptych
