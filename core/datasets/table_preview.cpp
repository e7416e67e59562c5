// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/table_preview.h"

#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/csv_reader.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_lines.h"
#include "core/datasets/table_import.h"

#include <algorithm>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

void readCsv(const fs::path& path, size_t most, TablePreview& preview) {
    CsvReader records(path);
    preview.columns = records.header();
    std::vector<std::string> fields;
    while (preview.rows.size() < most && records.next(fields)) {
        fields.resize(preview.columns.size());
        std::transform(fields.begin(), fields.end(), fields.begin(),
                       [](const std::string& field) { return readableText(field); });
        preview.rows.push_back(fields);
    }
}

/// @param options gets the column of frames where the objects tell
void readJsonLines(const fs::path& path, size_t most, TablePreview& preview, ImportOptions& options) {
    const JsonColumns found = jsonlColumns(path);
    preview.columns = found.names;
    options.columns = withFrames(std::move(options.columns), found.frames);
    JsonLineReader objects(path);
    while (preview.rows.size() < most) {
        const auto object = objects.next();
        if (!object)
            break;
        if (!*object)
            continue;
        std::vector<std::string> fields;
        for (const auto& column : preview.columns) {
            const auto found = (*object)->find(column);
            fields.push_back(found == (*object)->end() || found->is_null() ? std::string()
                             : found->is_string()                          ? found->get<std::string>()
                                                                           : found->dump());
        }
        preview.rows.push_back(std::move(fields));
    }
}

/// What the import would take each column for, as far as it can tell without a column of images.
std::map<std::string, std::string> rolesOf(const std::vector<std::string>& columns,
                                           const ImportOptions& options) {
    std::map<std::string, std::string> roles = options.columns;
    try {
        const TableColumns found = mapColumns(columns, options.columns, {});
        roles = {{"image", found.image},     {"frames", found.frames}, {"label", found.label},
                 {"caption", found.caption}, {"split", found.split},   {"id", found.id}};
    } catch (const Error&) { // no column of images: importing says so
    }
    std::erase_if(roles, [](const auto& role) { return role.second.empty(); });
    return roles;
}

} // namespace

std::optional<TablePreview> previewTable(const fs::path& source, const ImportOptions& options,
                                         size_t mostRows) {
    const DatasetFormat* detected = options.format.empty() ? detectedFormat(source) : nullptr;
    const std::string format = detected ? detected->id : options.format;
    if (format == "split-tables") {
        const fs::path first = firstSplitTable(source);
        return first.empty() ? std::nullopt : previewTable(first, {"", options.columns, "", {}}, mostRows);
    }
    if (format != "csv" && format != "jsonl")
        return std::nullopt;
    TablePreview preview;
    ImportOptions known = options;
    std::error_code failed;
    const bool isCsv = format == "csv";
    const fs::path path =
        fs::is_directory(source, failed) ? source / (isCsv ? "metadata.csv" : "metadata.jsonl") : source;
    if (isCsv)
        readCsv(path, mostRows, preview);
    else
        readJsonLines(path, mostRows, preview, known);
    preview.roles = rolesOf(preview.columns, known);
    return preview;
}

} // namespace diptych
