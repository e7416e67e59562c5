// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/json_lines.h"
#include "core/datasets/table_import.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <system_error>
#include <unordered_set>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFolderTable = "metadata.jsonl";
constexpr int64_t kRowsForColumns = 100; ///< objects looked at for column names

fs::path tableOf(const fs::path& source) {
    std::error_code failed;
    return fs::is_directory(source, failed) ? source / kFolderTable : source;
}

int detect(const fs::path& source) {
    std::error_code failed;
    if (fs::is_directory(source, failed))
        return fs::is_regular_file(source / kFolderTable, failed) ? 80 : 0;
    return isJsonLinesFile(source) ? 90 : 0;
}

const Json* memberOf(const Json& object, const std::string& column) {
    const auto found = column.empty() ? object.end() : object.find(column);
    return found == object.end() ? nullptr : &*found;
}

Result<std::string> textOf(const Json& object, const std::string& column, const char* expected) {
    const Json* value = memberOf(object, column);
    if (!value)
        return std::string();
    auto text = jsonPlainText(*value);
    return text ? Result<std::string>(std::move(*text))
                : failure(ErrorCode::Corrupt, wrongType(column, expected, *value));
}

/// A value, or a list of them for an image of several classes, which may be empty.
Result<RawLabel> labelOf(const Json& object, const std::string& column) {
    RawLabel label;
    const Json* value = memberOf(object, column);
    if (!value)
        return label;
    label.said = value->is_array();
    for (const Json& item : value->is_array() ? *value : Json::array({*value})) {
        auto text = jsonPlainText(item);
        if (!text)
            return failure(ErrorCode::Corrupt,
                           wrongType(column, "text, a whole number or a list of these", *value));
        if (!text->empty())
            label.values.push_back(std::move(*text));
    }
    label.said = label.said || !label.values.empty();
    return label;
}

Result<std::vector<std::string>> captionsOf(const Json& object, const std::string& column) {
    std::vector<std::string> captions;
    const Json* value = memberOf(object, column);
    if (!value)
        return captions;
    for (const Json& item : value->is_array() ? *value : Json::array({*value})) {
        auto text = jsonPlainText(item);
        if (!text || (!item.is_string() && !text->empty()))
            return failure(ErrorCode::Corrupt, wrongType(column, "text or a list of texts", *value));
        if (!text->empty())
            captions.push_back(std::move(*text));
    }
    return captions;
}

/// A list of files, or one folder.
Result<std::vector<std::string>> framesOf(const Json& object, const std::string& column) {
    std::vector<std::string> frames;
    const Json* value = memberOf(object, column);
    if (!value || value->is_null())
        return frames;
    for (const Json& item : value->is_array() ? *value : Json::array({*value})) {
        if (!item.is_string())
            return failure(
                ErrorCode::Corrupt,
                wrongType(column, "a list of the frames' names, or the name of their folder", *value));
        frames.push_back(item.get<std::string>());
    }
    std::erase(frames, std::string());
    return frames;
}

Result<TableRow> makeRow(const Json& object, const TableColumns& columns, std::string where) {
    TableRow row;
    row.where = std::move(where);
    const Json* image = memberOf(object, columns.image);
    if (image && !image->is_null() && !image->is_string())
        return failure(ErrorCode::Corrupt, wrongType(columns.image, "the name of an image", *image));
    struct Field {
        const std::string& column;
        std::string& value;
        const char* expected;
    };
    for (const auto& field :
         {Field{columns.image, row.image, "the name of an image"}, Field{columns.split, row.split, "text"},
          Field{columns.id, row.id, "text or a whole number"}}) {
        auto value = textOf(object, field.column, field.expected);
        if (!value)
            return tl::unexpected<Error>(value.error());
        field.value = std::move(*value);
    }
    auto frames = framesOf(object, columns.frames);
    if (!frames)
        return tl::unexpected<Error>(frames.error());
    row.frames = std::move(*frames);
    row.id = canonicalId(row.id);
    auto label = labelOf(object, columns.label);
    if (!label)
        return tl::unexpected<Error>(label.error());
    row.label = std::move(*label);
    if (const Json* name = memberOf(object, columns.labelName))
        row.label.name = jsonPlainText(*name).value_or(std::string());
    auto captions = captionsOf(object, columns.caption);
    if (!captions)
        return tl::unexpected<Error>(captions.error());
    row.captions = std::move(*captions);
    for (const auto& [name, value] : object.items()) {
        if (name != columns.image && name != columns.frames && name != columns.label &&
            name != columns.split && name != columns.id && name != columns.caption)
            row.attributes[name] = value;
    }
    return row;
}

JsonColumns columnsOf(const fs::path& path, const RunContext& context) {
    JsonLineReader objects(path, context);
    JsonColumns columns;
    std::unordered_set<std::string> known;
    for (int64_t i = 0; i < kRowsForColumns; ++i) {
        const auto object = objects.next();
        if (!object)
            break;
        if (!*object)
            continue;
        for (const auto& [name, value] : (*object)->items()) {
            if (known.insert(name).second)
                columns.names.push_back(name);
            if (columns.frames.empty() && lowerAscii(name) == "frames" && value.is_array() &&
                !value.empty() && value.front().is_string())
                columns.frames = name;
        }
    }
    return columns;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    const auto [names, frames] = columnsOf(path, context);
    if (names.empty()) {
        JsonLineReader objects(path);
        const auto first = objects.next();
        throw Error(first ? ErrorCode::Corrupt : ErrorCode::InvalidArgument,
                    first && !*first ? objects.where() + ": " + first->error().what()
                                     : fmt::format("{} has no objects in it", displayPath(path)));
    }
    const TableColumns columns = mapColumns(names, withFrames(options.columns, frames), displayPath(path));
    TableImport table(path, options, columns);
    JsonLineReader objects(path, context);
    context.begin("Reading the table", 0);
    while (const auto object = objects.next()) {
        context.throwIfCancelled();
        context.advance();
        if (!*object) {
            table.problems().add("broken lines", objects.where(), object->error().what());
            continue;
        }
        auto row = makeRow(**object, columns, objects.where());
        if (row)
            table.add(std::move(*row));
        else
            table.problems().add("values of a wrong type", objects.where(), row.error().what());
    }
    context.end();
    DatasetIndex index = table.finish(context);
    index.columns = names;
    return index;
}

} // namespace

JsonColumns jsonlColumns(const fs::path& source) {
    return columnsOf(tableOf(source), {});
}

std::map<std::string, std::string> withFrames(std::map<std::string, std::string> chosen,
                                              const std::string& frames) {
    if (!frames.empty())
        chosen.emplace("frames", frames);
    return chosen;
}

DatasetFormat jsonlFormat() {
    return {"jsonl", "JSON lines",
            "One JSON object a line: a member that names the image, or the frames of a clip (a list, or "
            "their folder), and members for label, caption (text or a list), split and id",
            detect, read};
}

} // namespace diptych
