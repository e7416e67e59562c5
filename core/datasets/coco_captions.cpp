// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/coco_files.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"

#include <algorithm>

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    return jsonMentions(source, "\"images\"") && jsonMentions(source, "\"file_name\"") ? 70 : 0;
}

class Reader {
public:
    explicit Reader(const fs::path& source) : m_images(source, true) {}

    void take(const std::string& section, const Json& item, const JsonPlace& place) {
        if (!item.is_object())
            problems.add("values of a wrong type", place.text(), "should be an object");
        else if (section == "images")
            m_images.take(item, place, problems);
        else
            takeAnnotation(item, place);
    }
    /// Images with their captions; annotations of unknown images become problems.
    std::vector<CaptionedImage> join();

    ProblemList problems;

private:
    void takeAnnotation(const Json& item, const JsonPlace& place);

    CocoImages m_images;
    std::vector<std::vector<std::string>> m_captions; ///< by slot
};

void Reader::takeAnnotation(const Json& item, const JsonPlace& place) {
    const auto slot = m_images.slotOf(item, place, problems);
    if (slot < 0)
        return;
    const auto caption = item.find("caption");
    if (caption == item.end() || !caption->is_string()) {
        problems.add("values of a wrong type", place.text(),
                     wrongType("caption", "text", caption == item.end() ? Json() : *caption));
        return;
    }
    m_captions.resize(std::max(m_captions.size(), static_cast<size_t>(slot) + 1));
    if (auto text = trimmed(caption->get_ref<const std::string&>()); !text.empty())
        m_captions[static_cast<size_t>(slot)].push_back(std::move(text));
}

std::vector<CaptionedImage> Reader::join() {
    const auto slots = m_images.slotsOfImages("captions of unknown images", problems);
    for (size_t i = 0; i < slots.size(); ++i) {
        if (slots[i] < m_captions.size())
            m_images.images[i].captions = std::move(m_captions[slots[i]]);
    }
    return std::move(m_images.images);
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    Reader reader(source);
    forEachItem(
        source, {"images", "annotations"}, {"id", "file_name", "image_id", "caption"},
        [&](const auto& section, const Json& item, const JsonPlace& place) {
            reader.take(section, item, place);
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
