// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/class_names.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/json_lines.h"
#include "core/datasets/names.h"
#include "core/datasets/split_names.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

bool isSplit(const fs::path& file) {
    return lowerExtension(file) == ".jsonl" && isSplitName(file.stem().native());
}

/// In the order of training, validation and test, each by name.
std::vector<fs::path> filesOf(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return {source};
    std::vector<fs::path> files;
    for (fs::directory_iterator at(source, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code unknown;
        if (isSplit(at->path()) && at->is_regular_file(unknown))
            files.push_back(at->path());
    }
    std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
        const SplitPart ofA = splitPart(a.stem().native()), ofB = splitPart(b.stem().native());
        return ofA != ofB ? ofA < ofB : a.native() < b.native();
    });
    return files;
}

/// 0 or 1 however it is written, -1 where it is missing.
std::optional<int> binaryLabel(const Json& value) {
    const auto text = jsonPlainText(value);
    if (!text)
        return std::nullopt;
    if (missingness(*text) != Missing::No)
        return -1;
    const auto truth = truthValue(*text);
    const auto number = truth ? std::optional<int64_t>(*truth) : wholeNumber(*text);
    return number == 0 || number == 1 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

int detect(const fs::path& source) {
    const auto files = filesOf(source);
    if (files.empty() || !isSplit(files.front()) || !isJsonLinesFile(files.front()))
        return 0;
    const Json first = firstJsonLine(files.front());
    const auto label = first.find("label"); // other files of that name have other labels
    const bool ours = label == first.end() || binaryLabel(*label);
    return ours && first.contains("id") && first.contains("img") && first.contains("text") ? 95 : 0;
}

class Reader {
public:
    void read(const fs::path& file, const RunContext& context);

    ProblemList problems;
    std::vector<CaptionedImage> images;

private:
    /// The meme without its label, or why the line is none.
    static Result<CaptionedImage> makeImage(const Json& object, const std::string& split);
    /// -1 where there is none
    int labelOf(const Json& object, const std::string& where);

    std::unordered_map<std::string, std::string> m_whereOfId; ///< ids are unique within a split
};

Result<CaptionedImage> Reader::makeImage(const Json& object, const std::string& split) {
    CaptionedImage image;
    image.split = split;
    const auto at = [&](const char* member) {
        const auto found = object.find(member);
        return found == object.end() ? Json() : *found;
    };
    const std::string id = idText(object, "id");
    if (id.empty())
        return failure(ErrorCode::Corrupt, wrongType("id", "text or a whole number", at("id")));
    if (!at("img").is_string() || at("img").get<std::string>().empty())
        return failure(ErrorCode::Corrupt, wrongType("img", "the name of an image", at("img")));
    if (!at("text").is_string())
        return failure(ErrorCode::Corrupt, wrongType("text", "text", at("text")));
    image.name = at("img").get<std::string>();
    image.key = split + "/" + id;
    image.captions = {trimmed(at("text").get<std::string>())};
    for (const auto& [name, value] : object.items()) {
        if (name != "img" && name != "text" && name != "label")
            image.attributes[name] = value;
    }
    return image;
}

int Reader::labelOf(const Json& object, const std::string& where) {
    const auto label = object.find("label");
    const auto number = label == object.end() ? std::optional(-1) : binaryLabel(*label);
    if (number)
        return *number;
    problems.add("labels out of range", where,
                 wrongType("label", "0 or 1", *label) + "; kept without a label");
    return -1;
}

void Reader::read(const fs::path& file, const RunContext& context) {
    const std::string split = toValidUtf8(file.stem().native());
    JsonLineReader objects(file, context);
    context.begin("Reading " + displayPath(file.filename()), 0);
    while (const auto object = objects.next()) {
        context.throwIfCancelled();
        context.advance();
        if (!*object) {
            problems.add("broken lines", objects.where(), object->error().what());
            continue;
        }
        auto image = makeImage(**object, split);
        if (!image) {
            problems.add("values of a wrong type", objects.where(),
                         std::string(image.error().what()) + "; left out");
            continue;
        }
        image->where = objects.where();
        const auto [known, fresh] = m_whereOfId.emplace(image->key, image->where);
        if (!fresh) {
            problems.add(
                "ids given twice", image->where,
                fmt::format("id {} was given before ({}); left out", idText(**object, "id"), known->second));
            continue;
        }
        image->label = labelOf(**object, image->where);
        images.push_back(std::move(*image));
    }
    context.end();
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const auto files = filesOf(source);
    if (files.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no train.jsonl, dev_seen.jsonl, test_seen.jsonl, ... in {}",
                                displayPath(source)));
    Reader reader;
    for (const auto& file : files)
        reader.read(file, context);
    DatasetIndex index =
        indexCaptionedImages(files.front(), options, std::move(reader.images), {}, reader.problems, context);
    const auto names = readClassList(files.front().parent_path());
    index.classNames =
        names && names->size() == 2 ? *names : std::vector<std::string>{"not hateful", "hateful"};
    return index;
}

} // namespace

DatasetFormat hatefulMemesFormat() {
    return {"hateful-memes", "Hateful Memes",
            "A folder with train, dev_seen, dev_unseen, test_seen, test_unseen .jsonl (id, img, label, text) "
            "and the images, as published, or one of these files; classes.txt renames the two classes",
            detect, read};
}

} // namespace diptych
