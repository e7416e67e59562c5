// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/json_lines.h"

#include <fmt/format.h>

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    if (!isJsonLinesFile(source))
        return 0;
    const Json first = firstJsonLine(source);
    return first.is_object() && first.contains("image") && first.contains("candidate") ? 95 : 0;
}

/// A text or a list of texts; blank ones do not count.
Result<std::vector<std::string>> referencesOf(const Json& object) {
    std::vector<std::string> references;
    const auto found = object.find("references");
    if (found == object.end() || found->is_null())
        return references;
    const Json list = found->is_array() ? *found : Json::array({*found});
    for (const Json& item : list) {
        if (!item.is_string())
            return failure(ErrorCode::Corrupt, wrongType("references", "text or a list of texts", *found));
        if (std::string text = trimmed(item.get<std::string>()); !text.empty())
            references.push_back(std::move(text));
    }
    return references;
}

/// The line as a sample, or why it is none.
Result<CaptionedImage> makeImage(const Json& object, std::string where) {
    const auto at = [&](const char* member) {
        const auto found = object.find(member);
        return found == object.end() ? Json() : *found;
    };
    if (!at("image").is_string() || at("image").get<std::string>().empty())
        return failure(ErrorCode::Corrupt, wrongType("image", "the name of an image", at("image")));
    if (!at("candidate").is_string() || trimmed(at("candidate").get<std::string>()).empty())
        return failure(ErrorCode::Corrupt, wrongType("candidate", "a caption", at("candidate")));
    auto references = referencesOf(object);
    if (!references)
        return tl::unexpected<Error>(references.error());
    CaptionedImage image{at("image").get<std::string>(), {}, std::move(where), std::move(*references), {}};
    image.captionsExpected = false;
    image.key = idText(object, "id");
    for (const auto& [name, value] : object.items())
        if (name != "image" && name != "references" && name != "id" && name != "split")
            image.attributes[name] = value;
    image.attributes["candidate"] = trimmed(at("candidate").get<std::string>());
    if (at("split").is_string())
        image.split = at("split").get<std::string>();
    return image;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    JsonLineReader objects(source, context);
    ProblemList problems;
    std::vector<CaptionedImage> images;
    context.begin("Reading " + displayPath(source.filename()), 0);
    while (const auto object = objects.next()) {
        context.throwIfCancelled();
        context.advance();
        if (!*object) {
            problems.add("broken lines", objects.where(), object->error().what());
            continue;
        }
        auto image = makeImage(**object, objects.where());
        if (image)
            images.push_back(std::move(*image));
        else
            problems.add("values of a wrong type", objects.where(),
                         std::string(image.error().what()) + "; left out");
    }
    context.end();
    return indexCaptionedImages(source, options, std::move(images), {}, problems, context);
}

} // namespace

DatasetFormat candidatesFormat() {
    return {"caption-candidates", "Candidate captions",
            "JSON lines of 'image', 'candidate' (the caption to be judged) and, where there are any, "
            "'references' (a text or a list); an image may have several lines",
            detect, read};
}

} // namespace diptych
