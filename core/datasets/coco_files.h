// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/captioned_images.h"
#include "core/datasets/json_items.h"

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

// Private to core/datasets: where COCO keeps things.

/// "val" of captions_val2017.json; empty where the name says no split.
std::string cocoSplit(const std::filesystem::path& source);
/// Folders the images of such a file may lie in, relative to its own: "val2017", "../val2017", ...
std::vector<std::string> cocoImageFolders(const std::filesystem::path& source);

/// The section 'images' of such a file, and which annotations belong to which image, in whatever order they
/// come.
class CocoImages {
public:
    /// @param captionsExpected whether an image without captions is worth a word
    CocoImages(const std::filesystem::path& source, bool captionsExpected);
    /// An item without an id of its own or without a name becomes a problem.
    void take(const Json& item, const JsonPlace& place, ProblemList& problems);
    /// The number that stands for an image id, from 0, known or not yet; -1, and a problem, where the
    /// annotation has no id that is a whole number or text.
    int64_t slotOf(const Json& annotation, const JsonPlace& place, ProblemList& problems);
    /// Once all is read: for each image its slot's number, and a problem of @p kind for each unknown id.
    std::vector<size_t> slotsOfImages(const char* kind, ProblemList& problems) const;

    std::vector<CaptionedImage> images;

private:
    struct Slot {
        int64_t image = -1; ///< index in images
        int64_t annotations = 0;
        int64_t line = 0, index = 0; ///< of the first annotation
    };
    size_t findSlot(const std::string& id);

    std::string m_shown, m_split;
    bool m_captionsExpected;
    std::unordered_map<std::string, size_t> m_slotOfId;
    std::vector<Slot> m_slots;
};

/// "file:12: annotations[3]", of an annotation of which only its numbers were kept.
std::string annotationPlace(const std::string& file, int64_t line, int64_t index);

} // namespace diptych
