// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/equal_names.h"
#include "core/datasets/folder_layout.h"
#include "core/datasets/formats.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

std::string knownIds() {
    std::string ids;
    for (const auto& format : datasetFormats())
        ids += (ids.empty() ? "" : ", ") + format.id;
    return ids;
}

const DatasetFormat& detectFormat(const fs::path& source) {
    if (const DatasetFormat* format = detectedFormat(source))
        return *format;
    throw Error(ErrorCode::Unsupported,
                fmt::format("Cannot tell what kind of dataset {} is. Name its format, one of: {}",
                            displayPath(source), knownIds()));
}

const DatasetFormat& chooseFormat(const fs::path& source, const ImportOptions& options) {
    std::string id = options.format;
    std::error_code failed;
    if (id.empty() && !options.folders.empty() && fs::is_directory(source, failed))
        id = patternHasClasses(options.folders) ? "imagefolder" : "flat";
    if (id.empty())
        return detectFormat(source);
    const auto& all = datasetFormats();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& format) { return format.id == id; });
    if (found == all.end())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("There is no dataset format '{}'. The formats are: {}", toValidUtf8(id), knownIds()));
    return *found;
}

/// Columns that were chosen by their number, from 1 on, by the name that the table gives them.
void callByName(std::map<std::string, std::string>& chosen, const std::vector<std::string>& columns) {
    for (auto& [role, column] : chosen) {
        const auto number = wholeNumber(column);
        if (std::find(columns.begin(), columns.end(), column) == columns.end() && number && *number >= 1 &&
            *number <= static_cast<int64_t>(columns.size()))
            column = columns[static_cast<size_t>(*number) - 1];
    }
}

/// Absolute, so that an index means the same wherever the program runs next. @throws Error
fs::path existingSource(const fs::path& source) {
    if (source.empty())
        throw Error(ErrorCode::InvalidArgument, "No dataset was named: give a folder or a file");
    std::error_code failed;
    fs::path full = fs::absolute(source, failed).lexically_normal();
    if (!full.has_filename() && full.has_relative_path())
        full = full.parent_path();
    if (const auto status = fs::status(full, failed); !fs::exists(status) && !failed)
        failed = std::make_error_code(std::errc::no_such_file_or_directory);
    if (failed)
        throw errnoError(failed.value(), "Cannot read the dataset", displayPath(full));
    return full;
}

} // namespace

const std::vector<DatasetFormat>& datasetFormats() {
    static const std::vector<DatasetFormat> formats{
        imageFolderFormat(), flatFolderFormat(),  csvFormat(),          jsonlFormat(),
        splitTablesFormat(), publishedFormat(),   cocoCaptionsFormat(), cocoInstancesFormat(),
        karpathyFormat(),    candidatesFormat(),  winogroundFormat(),   pairsFormat(),
        sugarcrepeFormat(),  hatefulMemesFormat()};
    return formats;
}

const DatasetFormat* detectedFormat(const fs::path& source) {
    const DatasetFormat* best = nullptr;
    int bestScore = 0;
    for (const auto& format : datasetFormats()) {
        const int score = format.detect(source);
        if (score > bestScore) {
            bestScore = score;
            best = &format;
        }
    }
    return best;
}

DatasetIndex importDataset(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path full = existingSource(source);
    const DatasetFormat& format = chooseFormat(full, options);
    if (!options.folders.empty() && format.id != "imagefolder" && format.id != "flat")
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("What folders are can only be said of a folder of images, and {} is read as '{}'",
                        displayPath(full), format.id));
    ImportOptions resolved = options;
    if (!options.imageRoot.empty())
        resolved.imageRoot = existingSource(options.imageRoot);
    DatasetIndex index = format.read(full, resolved, context);
    index.format = format.id;
    index.source = full;
    index.options = std::move(resolved);
    callByName(index.options.columns, index.columns);
    for (auto& warning : equalNameWarnings(index.classNames))
        index.problems.push_back({displayPath(full), std::move(warning), true});
    return index;
}

} // namespace diptych
