// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/csv_reader.h"
#include "core/datasets/formats.h"
#include "core/datasets/names.h"
#include "core/datasets/pair_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 2> kFolderTables = {"pairs.csv", "pairs.tsv"};

fs::path tableOf(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return source;
    for (const char* name : kFolderTables) {
        if (fs::is_regular_file(source / name, failed))
            return source / name;
    }
    return source / kFolderTables[0];
}

/// Where the columns stand in a record; -1 = not there.
struct Columns {
    std::array<int, 2> images = {-1, -1}, captions = {-1, -1};
    int wrongCaption = -1, id = -1, split = -1;
    std::vector<std::pair<size_t, std::string>> others;

    bool twoImages() const { return images[1] >= 0; }
    bool complete() const {
        return images[0] >= 0 && captions[0] >= 0 &&
               (twoImages() ? captions[1] >= 0 : captions[1] < 0 && wrongCaption >= 0);
    }
};

Columns locate(const std::vector<std::string>& header) {
    Columns at;
    const auto has = [&](const char* name) {
        return std::any_of(header.begin(), header.end(),
                           [&](const auto& column) { return lowerCase(column) == name; });
    };
    const bool two = has("image_1");
    for (size_t i = 0; i < header.size(); ++i) {
        const std::string name = lowerCase(header[i]);
        int* position = name == (two ? "image_0" : "image")       ? &at.images[0]
                        : name == "image_1"                       ? &at.images[1]
                        : name == (two ? "caption_0" : "caption") ? &at.captions[0]
                        : name == "caption_1"                     ? &at.captions[1]
                        : name == "wrong_caption" && !two         ? &at.wrongCaption
                        : name == "id"                            ? &at.id
                        : name == "split"                         ? &at.split
                                                                  : nullptr;
        if (position)
            *position = static_cast<int>(i);
        else
            at.others.emplace_back(i, name == "tag" ? name : header[i]);
    }
    return at;
}

int detect(const fs::path& source) {
    const fs::path table = tableOf(source);
    std::error_code failed;
    if (!isTableFile(table) || !fs::is_regular_file(table, failed))
        return 0;
    try {
        return locate(CsvReader(table).header()).complete() ? 95 : 0;
    } catch (const Error&) { // whoever reads it says why it cannot be read
        return 0;
    }
}

/// The row, or which of its fields is empty.
Result<PairRow> makeRow(CsvReader& records, const std::vector<std::string>& fields, const Columns& at,
                        ProblemList& problems) {
    PairRow row;
    row.where = records.where();
    const auto text = [&](int position) {
        return position < 0 ? std::string()
                            : trimmed(records.text(fields[static_cast<size_t>(position)], problems));
    };
    const size_t images = at.twoImages() ? 2 : 1;
    for (size_t i = 0; i < images; ++i) {
        row.images[i] = trimmed(fields[static_cast<size_t>(at.images[i])]);
        row.captions.push_back(text(at.captions[i]));
        if (row.images[i].empty())
            return failure(ErrorCode::Corrupt, "names no image; left out");
        if (row.captions[i].empty())
            return failure(ErrorCode::Corrupt, "has an empty caption; left out");
    }
    if (images == 1) {
        row.wrongCaptions.push_back(text(at.wrongCaption));
        if (row.wrongCaptions.back().empty())
            return failure(ErrorCode::Corrupt, "has an empty wrong caption; left out");
    }
    row.id = text(at.id);
    row.split = text(at.split);
    for (const auto& [position, name] : at.others)
        row.attributes[name] = records.text(fields[position], problems);
    return row;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const fs::path path = tableOf(source);
    CsvReader records(path, context);
    const Columns at = locate(records.header());
    if (!at.complete())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} has not the columns of pairs: image_0, image_1, caption_0 and caption_1, "
                                "or image, caption and wrong_caption",
                                displayPath(path)));
    PairImport pairs(path, options);
    std::vector<std::string> fields;
    context.begin("Reading the pairs", 0);
    while (records.next(fields)) {
        context.throwIfCancelled();
        context.advance();
        if (!records.acceptable(fields, pairs.problems()))
            continue;
        auto row = makeRow(records, fields, at, pairs.problems());
        if (row)
            pairs.add(std::move(*row));
        else
            pairs.problems().add("rows with empty fields", records.where(), row.error().what());
    }
    context.end();
    return pairs.finish({}, context);
}

} // namespace

DatasetFormat pairsFormat() {
    return {"pairs", "Pairs of your own",
            "A CSV or TSV table with the columns image_0, image_1, caption_0, caption_1, or image, caption, "
            "wrong_caption; tag, id and split may be there. Or a folder with pairs.csv",
            detect, read};
}

} // namespace diptych
