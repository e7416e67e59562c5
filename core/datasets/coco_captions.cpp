// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/coco_files.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"

#include <fmt/format.h>

#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    return jsonMentions(source, "\"images\"") && jsonMentions(source, "\"file_name\"") ? 70 : 0;
}

class Reader {
public:
    explicit Reader(const fs::path& source) : m_split(cocoSplit(source)) {}

    void take(const std::string& section, const Json& item, const std::string& where) {
        if (!item.is_object())
            problems.add("values of a wrong type", where, "should be an object");
        else if (section == "images")
            takeImage(item, where);
        else
            takeAnnotation(item, where);
    }
    /// Images with their captions; annotations of unknown images become problems.
    std::vector<CaptionedImage> join();

    ProblemList problems;

private:
    struct Annotation {
        std::string image, caption, where;
    };
    void takeImage(const Json& item, const std::string& where);
    void takeAnnotation(const Json& item, const std::string& where);

    std::string m_split;
    std::vector<CaptionedImage> m_images;
    std::unordered_map<std::string, size_t> m_positions; ///< by image id
    std::vector<Annotation> m_annotations;
};

void Reader::takeImage(const Json& item, const std::string& where) {
    const std::string id = idText(item, "id");
    const auto name = item.find("file_name");
    if (id.empty()) {
        problems.add("images without an id", where, "has no 'id' that is a whole number or text; left out");
    } else if (name == item.end() || !name->is_string()) {
        problems.add("values of a wrong type", where,
                     wrongType("file_name", "the image's name", name == item.end() ? Json() : *name));
    } else if (!m_positions.emplace(id, m_images.size()).second) {
        problems.add("ids given twice", where, fmt::format("image id {} was given before; left out", id));
    } else {
        m_images.push_back({name->get<std::string>(), m_split, where, {}, Json{{"image_id", item.at("id")}}});
    }
}

void Reader::takeAnnotation(const Json& item, const std::string& where) {
    const auto caption = item.find("caption");
    const std::string image = idText(item, "image_id");
    if (image.empty())
        problems.add("values of a wrong type", where, "has no 'image_id' that is a whole number or text");
    else if (caption == item.end() || !caption->is_string())
        problems.add("values of a wrong type", where,
                     wrongType("caption", "text", caption == item.end() ? Json() : *caption));
    else
        m_annotations.push_back({image, trimmed(caption->get<std::string>()), where});
}

std::vector<CaptionedImage> Reader::join() {
    for (auto& annotation : m_annotations) {
        const auto image = m_positions.find(annotation.image);
        if (image == m_positions.end())
            problems.add("captions of unknown images", annotation.where,
                         fmt::format("there is no image with the id {}", annotation.image));
        else if (!annotation.caption.empty())
            m_images[image->second].captions.push_back(std::move(annotation.caption));
    }
    return std::move(m_images);
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    Reader reader(source);
    forEachItem(
        source, {"images", "annotations"},
        [&](const auto& section, const Json& item, const std::string& where) {
            reader.take(section, item, where);
        },
        context);
    auto images = reader.join();
    return indexCaptionedImages(source, options, std::move(images), cocoImageFolders(source), reader.problems,
                                context);
}

} // namespace

DatasetFormat cocoCaptionsFormat() {
    return {"coco-captions", "COCO captions",
            "A JSON file with 'images' (id, file_name) and 'annotations' (image_id, caption), as COCO "
            "publishes them",
            detect, read};
}

} // namespace diptych
