// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/coco_files.h"

#include "core/base/file.h"
#include "core/datasets/split_names.h"

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
    switch (splitPart(source.stem().native())) {
    case SplitPart::Train:
        return "train";
    case SplitPart::Validation:
        return "val";
    case SplitPart::Test:
        return "test";
    default:
        return {};
    }
}

std::vector<std::string> cocoImageFolders(const std::filesystem::path& source) {
    const std::string folder = folderInName(source);
    return {folder, "../" + folder, "images/" + folder, "../images/" + folder};
}

CocoImages::CocoImages(const std::filesystem::path& source, bool captionsExpected)
    : m_shown(displayPath(source)), m_split(cocoSplit(source)), m_captionsExpected(captionsExpected) {}

size_t CocoImages::findSlot(const std::string& id) {
    const auto [found, fresh] = m_slotOfId.emplace(id, m_slots.size());
    if (fresh)
        m_slots.emplace_back();
    return found->second;
}

void CocoImages::take(const Json& item, const JsonPlace& place, ProblemList& problems) {
    const std::string id = idText(item, "id");
    const auto name = item.find("file_name");
    if (id.empty()) {
        problems.add("images without an id", place.text(),
                     "has no 'id' that is a whole number or text; left out");
        return;
    }
    if (name == item.end() || !name->is_string()) {
        problems.add("values of a wrong type", place.text(),
                     wrongType("file_name", "the image's name", name == item.end() ? Json() : *name));
        return;
    }
    Slot& slot = m_slots[findSlot(id)];
    if (slot.image >= 0) {
        problems.add("ids given twice", place.text(),
                     fmt::format("image id {} was given before; left out", id));
        return;
    }
    slot.image = static_cast<int64_t>(images.size());
    images.push_back(
        {name->get<std::string>(), m_split, place.text(), {}, Json{{"image_id", item.at("id")}}});
    images.back().captionsExpected = m_captionsExpected;
}

int64_t CocoImages::slotOf(const Json& annotation, const JsonPlace& place, ProblemList& problems) {
    const std::string id = idText(annotation, "image_id");
    if (id.empty()) {
        problems.add("values of a wrong type", place.text(),
                     "has no 'image_id' that is a whole number or text");
        return -1;
    }
    const size_t number = findSlot(id);
    Slot& slot = m_slots[number];
    if (slot.annotations++ == 0) {
        slot.line = place.line;
        slot.index = place.index;
    }
    return static_cast<int64_t>(number);
}

std::vector<size_t> CocoImages::slotsOfImages(const char* kind, ProblemList& problems) const {
    std::vector<size_t> slots(images.size());
    std::vector<const std::string*> unknown(m_slots.size());
    for (const auto& [id, number] : m_slotOfId) {
        if (m_slots[number].image < 0)
            unknown[number] = &id;
        else
            slots[static_cast<size_t>(m_slots[number].image)] = number;
    }
    for (size_t i = 0; i < unknown.size(); ++i) {
        if (!unknown[i])
            continue;
        const Slot& slot = m_slots[i];
        problems.add(kind, annotationPlace(m_shown, slot.line, slot.index),
                     fmt::format("there is no image with the id {}{}", *unknown[i],
                                 slot.annotations > 1 ? fmt::format(", nor for {} more", slot.annotations - 1)
                                                      : std::string()));
    }
    return slots;
}

std::string annotationPlace(const std::string& file, int64_t line, int64_t index) {
    return JsonPlace{file, line, "annotations", index}.text();
}

} // namespace diptych
