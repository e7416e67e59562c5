// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/csv_reader.h"
#include "core/datasets/formats.h"
#include "core/datasets/table_import.h"
#include "core/datasets/values.h"

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

int detect(const fs::path& source) {
    std::error_code failed;
    if (fs::is_directory(source, failed))
        return fs::is_regular_file(source / kFolderTable, failed) ? 80 : 0;
    return isTableFile(source) ? 90 : 0;
}

/// Where the columns stand in a record; -1 = not there.
struct Positions {
    int image = -1, label = -1, labelName = -1, caption = -1, split = -1, id = -1;
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

TableRow makeRow(std::vector<std::string>& fields, const Positions& at, std::string where) {
    const auto text = [&](int position) {
        return position < 0 ? std::string() : plainText(toValidUtf8(fields[static_cast<size_t>(position)]));
    };
    TableRow row;
    row.where = std::move(where);
    row.label = labelOf(text(at.label));
    row.label.name = text(at.labelName);
    row.split = text(at.split);
    row.id = canonicalId(text(at.id));
    if (auto caption = text(at.caption); !caption.empty())
        row.captions = listInField(caption).value_or(std::vector{caption});
    for (const auto& [position, name] : at.others)
        row.attributes[name] = toValidUtf8(fields[position]);
    row.image = trimmed(fields[static_cast<size_t>(at.image)]);
    return row;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    CsvReader records(path);
    const auto header = records.header();
    const TableColumns columns = mapColumns(header, options.columns, displayPath(path));
    const Positions at = locate(header, columns);
    TableImport table(path, options, columns);
    std::vector<std::string> fields;
    context.begin("Reading the table", 0);
    while (records.next(fields)) {
        context.throwIfCancelled();
        context.advance();
        if (!records.acceptable(fields, table.problems()))
            continue;
        table.add(makeRow(fields, at, records.where()));
    }
    context.end();
    DatasetIndex index = table.finish(context);
    index.columns = header;
    return index;
}

} // namespace

std::vector<std::string> csvColumns(const fs::path& source) {
    const fs::path path = tableOf(source);
    return CsvReader(path).header();
}

DatasetFormat csvFormat() {
    return {"csv", "CSV or TSV table",
            "A table with a header: a column that names the images, and columns for label, caption, split "
            "and id; "
            "rows that name one image again add captions",
            detect, read};
}

} // namespace diptych
