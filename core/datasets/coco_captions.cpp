// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/coco_files.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    return jsonMentions(source, "\"images\"") && jsonMentions(source, "\"file_name\"") ? 70 : 0;
}

class Reader {
public:
    explicit Reader(const fs::path& source) : m_images(source, true) {}

    void take(const std::string& section, const Json& item, const std::string& where) {
        if (!item.is_object())
            problems.add("values of a wrong type", where, "should be an object");
        else if (section == "images")
            m_images.take(item, where, problems);
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
    void takeAnnotation(const Json& item, const std::string& where);

    CocoImages m_images;
    std::vector<Annotation> m_annotations;
};

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
        const auto image =
            m_images.find(annotation.image, annotation.where, "captions of unknown images", problems);
        if (image && !annotation.caption.empty())
            m_images.images[*image].captions.push_back(std::move(annotation.caption));
    }
    return std::move(m_images.images);
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
