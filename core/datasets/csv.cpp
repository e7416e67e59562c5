// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/csv_reader.h"
#include "core/datasets/formats.h"
#include "core/datasets/names.h"
#include "core/datasets/table_import.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// A metadata table inside an image folder, as the Hugging Face "imagefolder" loader has it.
constexpr const char* kFolderTable = "metadata.csv";

fs::path tableOf(const fs::path& source) {
    std::error_code failed;
    return fs::is_directory(source, failed) ? source / kFolderTable : source;
}

/// Captions often come in tables called .txt or .token: told by a header that names the images, or by
/// numbered captions.
bool isTableInside(const fs::path& source) {
    std::error_code failed;
    const std::string extension = lowerExtension(source);
    if ((extension != ".txt" && extension != ".token" && extension != ".tab") ||
        !fs::is_regular_file(source, failed))
        return false;
    try {
        const CsvReader records(source);
        return records.numberedCaptions() ||
               (records.header().size() > 1 && records.hasHeader() &&
                !mapColumns(records.header(), {}, displayPath(source)).image.empty());
    } catch (const Error&) { // whoever reads it says why it cannot be read
        return false;
    }
}

int detect(const fs::path& source) {
    std::error_code failed;
    if (fs::is_directory(source, failed))
        return fs::is_regular_file(source / kFolderTable, failed) ? 80 : 0;
    return isTableFile(source) ? 90 : isTableInside(source) ? 60 : 0;
}

/// Where the columns stand in a record; -1 = not there.
struct Positions {
    int image = -1, frames = -1, label = -1, labelName = -1, caption = -1, split = -1, id = -1;
    std::vector<std::pair<size_t, std::string>> others;
};

Positions locate(const std::vector<std::string>& header, const TableColumns& columns) {
    Positions at;
    for (size_t i = 0; i < header.size(); ++i) {
        bool used = false;
        const auto take = [&](const std::string& column, int& position) {
            if (column == header[i]) {
                position = static_cast<int>(i);
                used = true;
            }
        };
        take(columns.image, at.image);
        take(columns.frames, at.frames);
        take(columns.label, at.label);
        take(columns.caption, at.caption);
        take(columns.split, at.split);
        take(columns.id, at.id);
        if (columns.labelName == header[i])
            at.labelName = static_cast<int>(i);
        if (!used)
            at.others.emplace_back(i, header[i]);
    }
    return at;
}

RawLabel labelOf(const std::string& text) {
    RawLabel label;
    label.said = !text.empty();
    if (label.said)
        label.values = listInField(text).value_or(std::vector{text});
    return label;
}

TableRow makeRow(CsvReader& records, const std::vector<std::string>& fields, const Positions& at,
                 ProblemList& problems) {
    const auto text = [&](int position) {
        return position < 0 ? std::string()
                            : plainText(records.text(fields[static_cast<size_t>(position)], problems));
    };
    TableRow row;
    row.where = records.where();
    row.label = labelOf(text(at.label));
    row.label.name = text(at.labelName);
    row.split = text(at.split);
    row.id = canonicalId(text(at.id));
    if (auto caption = text(at.caption); !caption.empty())
        row.captions = listInField(caption).value_or(std::vector{caption});
    for (const auto& [position, name] : at.others)
        row.attributes[name] = records.text(fields[position], problems);
    if (at.image >= 0)
        row.image = trimmed(fields[static_cast<size_t>(at.image)]);
    if (at.frames >= 0)
        if (auto folder = trimmed(fields[static_cast<size_t>(at.frames)]); !folder.empty())
            row.frames = {std::move(folder)};
    return row;
}

/// Which column means what; those of a table without a header are called by their numbers.
TableColumns columnsOf(const CsvReader& records, const ImportOptions& options, const fs::path& path) {
    const auto& header = records.header();
    if (records.hasHeader())
        return mapColumns(header, options.columns, displayPath(path));
    auto chosen = options.columns;
    if (chosen.empty() && records.numberedCaptions())
        chosen = {{"image", header[0]}, {"caption", header[1]}};
    for (auto& [role, column] : chosen) {
        const auto number = wholeNumber(column);
        if (number && *number >= 1 && *number <= static_cast<int64_t>(header.size()))
            column = header[static_cast<size_t>(*number) - 1];
    }
    if (!chosen.contains("image") && !chosen.contains("frames"))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} needs a first line that names its columns, such as image,label or "
                                "image,caption: its own, '{}', is data. Or say which column is which: "
                                "they are numbered from 1 (image=1, label=2; on the command line "
                                "--columns image=1,label=2)",
                                displayPath(path), records.firstLine()));
    return mapColumns(header, chosen, displayPath(path));
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    CsvReader records(path, context);
    const auto header = records.header();
    const TableColumns columns = columnsOf(records, options, path);
    const Positions at = locate(header, columns);
    if (header.size() == 2 && at.caption == 1)
        records.keepSeparatorsInLastColumn();
    TableImport table(path, options, columns);
    std::vector<std::string> fields;
    context.begin("Reading the table", 0);
    while (records.next(fields)) {
        context.throwIfCancelled();
        context.advance();
        if (!records.acceptable(fields, table.problems()))
            continue;
        table.add(makeRow(records, fields, at, table.problems()));
    }
    context.end();
    DatasetIndex index = table.finish(context);
    index.columns = header;
    return index;
}

} // namespace

DatasetFormat csvFormat() {
    return {"csv", "CSV or TSV table",
            "A table with a header: a column that names the images, and columns for label, caption, split "
            "and id; rows that name one image again add captions. Separators are , ; tab or |. Flickr's "
            "numbered captions (x.jpg#0) need no header",
            detect, read};
}

} // namespace diptych
