// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <unordered_set>

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    return jsonMentions(source, "\"images\"") && jsonMentions(source, "\"sentences\"") ? 80 : 0;
}

std::string textOr(const Json& item, const char* member, const std::string& fallback) {
    const auto found = item.find(member);
    return found != item.end() && found->is_string() ? found->get<std::string>() : fallback;
}

class Reader {
public:
    void take(const Json& item, const std::string& where);

    ProblemList problems;
    std::vector<CaptionedImage> images;

private:
    std::unordered_set<std::string> m_names;
};

void Reader::take(const Json& item, const std::string& where) {
    const std::string file = item.is_object() ? textOr(item, "filename", "") : std::string();
    if (file.empty()) {
        problems.add("values of a wrong type", where, "has no 'filename' that is text; left out");
        return;
    }
    CaptionedImage image;
    const std::string folder = textOr(item, "filepath", "");
    image.name = folder.empty() ? file : folder + "/" + file;
    image.split = textOr(item, "split", "");
    image.where = where;
    if (!m_names.insert(image.name).second) {
        problems.add("images named twice", where, fmt::format("{} was named before; left out", image.name));
        return;
    }
    const auto sentences = item.find("sentences");
    if (sentences != item.end() && sentences->is_array()) {
        for (const auto& sentence : *sentences) {
            const std::string raw =
                sentence.is_object() ? trimmed(textOr(sentence, "raw", "")) : std::string();
            if (raw.empty())
                problems.add("values of a wrong type", where, "has a sentence whose 'raw' is not text");
            else
                image.captions.push_back(raw);
        }
    }
    for (const char* id : {"cocoid", "imgid"}) {
        if (const auto number = jsonWholeNumber(item.value(id, Json())))
            image.attributes[id] = *number;
    }
    images.push_back(std::move(image));
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    Reader reader;
    forEachItem(
        source, {"images"}, {"filename", "filepath", "split", "sentences", "cocoid", "imgid"},
        [&](const auto&, const Json& item, const JsonPlace& place) { reader.take(item, place.text()); },
        context);
    return indexCaptionedImages(source, options, std::move(reader.images),
                                {"flickr30k-images", "flickr30k_images", "flickr8k-images",
                                 "Flicker8k_Dataset", "../flickr30k-images", "../coco", "coco"},
                                reader.problems, context);
}

} // namespace

DatasetFormat karpathyFormat() {
    return {"karpathy", "Karpathy split",
            "dataset_coco.json, dataset_flickr30k.json or dataset_flickr8k.json: images with their five "
            "sentences and "
            "the split that retrieval results are reported on",
            detect, read};
}

} // namespace diptych
