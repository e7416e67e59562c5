// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/json_lines.h"
#include "core/datasets/pair_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// The published file, in the folder that was named or in the "data" folder it is published in.
constexpr std::array<const char*, 2> kFiles = {"examples.jsonl", "data/examples.jsonl"};
constexpr std::array<const char*, 4> kTexts = {"image_0", "image_1", "caption_0", "caption_1"};

fs::path tableOf(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return source;
    for (const char* name : kFiles) {
        if (fs::is_regular_file(source / name, failed))
            return source / name;
    }
    return source / kFiles[0];
}

int detect(const fs::path& source) {
    const fs::path table = tableOf(source);
    if (!isJsonLinesFile(table))
        return 0;
    const Json first = firstJsonLine(table);
    return std::all_of(kTexts.begin(), kTexts.end(),
                       [&](const char* member) { return first.contains(member); })
               ? 95
               : 0;
}

Result<PairRow> makeRow(const Json& object, std::string where) {
    PairRow row;
    row.where = std::move(where);
    row.captions.resize(2);
    const std::array<std::string*, 4> values = {&row.images[0], &row.images[1], &row.captions[0],
                                                &row.captions[1]};
    for (size_t i = 0; i < kTexts.size(); ++i) {
        const auto found = object.find(kTexts[i]);
        const bool text = found != object.end() && found->is_string();
        if (text)
            *values[i] = i < 2 ? found->get<std::string>() : trimmed(found->get<std::string>());
        if (!text || values[i]->empty())
            return failure(ErrorCode::Corrupt, wrongType(kTexts[i], i < 2 ? "the name of an image" : "text",
                                                         found == object.end() ? Json() : *found) +
                                                   "; left out");
    }
    if (const auto id = object.find("id"); id != object.end() && !id->is_null()) {
        row.id = idText(object, "id");
        if (row.id.empty())
            return failure(ErrorCode::Corrupt, wrongType("id", "text or a whole number", *id) + "; left out");
    }
    for (const auto& [name, value] : object.items()) {
        if (name != "id" && std::find(kTexts.begin(), kTexts.end(), name) == kTexts.end())
            row.attributes[name] = value;
    }
    return row;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    PairImport pairs(path, options);
    JsonLineReader objects(path, context);
    context.begin("Reading the pairs", 0);
    while (const auto object = objects.next()) {
        context.throwIfCancelled();
        context.advance();
        if (!*object) {
            pairs.problems().add("broken lines", objects.where(), object->error().what());
            continue;
        }
        auto row = makeRow(**object, objects.where());
        if (row)
            pairs.add(std::move(*row));
        else
            pairs.problems().add("values of a wrong type", objects.where(), row.error().what());
    }
    context.end();
    return pairs.finish({"data/images"}, context);
}

} // namespace

DatasetFormat winogroundFormat() {
    return {"winoground", "Winoground",
            "examples.jsonl as published (image_0, image_1, caption_0, caption_1, tag, ...), or its folder; "
            "the images in a folder beside it, named with or without extension",
            detect, read};
}

} // namespace diptych
