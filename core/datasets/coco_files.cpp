// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/coco_files.h"

#include "core/datasets/json_items.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// "train2017" of captions_train2017.json: the folder COCO keeps those images in.
std::string folderInName(const std::filesystem::path& source) {
    const std::string stem = source.stem().native();
    const auto underscore = stem.rfind('_');
    return underscore == std::string::npos ? stem : stem.substr(underscore + 1);
}

} // namespace

std::string cocoSplit(const std::filesystem::path& source) {
    const std::string folder = folderInName(source);
    for (const char* split : {"train", "val", "test"}) {
        if (folder.starts_with(split))
            return split;
    }
    return {};
}

std::vector<std::string> cocoImageFolders(const std::filesystem::path& source) {
    const std::string folder = folderInName(source);
    return {folder, "../" + folder, "images/" + folder, "../images/" + folder};
}

CocoImages::CocoImages(const std::filesystem::path& source, bool captionsExpected)
    : m_split(cocoSplit(source)), m_captionsExpected(captionsExpected) {}

void CocoImages::take(const Json& item, const std::string& where, ProblemList& problems) {
    const std::string id = idText(item, "id");
    const auto name = item.find("file_name");
    if (id.empty()) {
        problems.add("images without an id", where, "has no 'id' that is a whole number or text; left out");
    } else if (name == item.end() || !name->is_string()) {
        problems.add("values of a wrong type", where,
                     wrongType("file_name", "the image's name", name == item.end() ? Json() : *name));
    } else if (!m_positions.emplace(id, images.size()).second) {
        problems.add("ids given twice", where, fmt::format("image id {} was given before; left out", id));
    } else {
        images.push_back({name->get<std::string>(), m_split, where, {}, Json{{"image_id", item.at("id")}}});
        images.back().captionsExpected = m_captionsExpected;
    }
}

std::optional<size_t> CocoImages::find(const std::string& id, const std::string& where, const char* kind,
                                       ProblemList& problems) const {
    const auto found = m_positions.find(id);
    if (found != m_positions.end())
        return found->second;
    problems.add(kind, where, fmt::format("there is no image with the id {}", id));
    return std::nullopt;
}

} // namespace diptych
