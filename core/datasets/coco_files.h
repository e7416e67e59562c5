// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/captioned_images.h"

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

// Private to core/datasets: where COCO keeps things.

/// "val" of captions_val2017.json; empty where the name says no split.
std::string cocoSplit(const std::filesystem::path& source);
/// Folders the images of such a file may lie in, relative to its own: "val2017", "../val2017", ...
std::vector<std::string> cocoImageFolders(const std::filesystem::path& source);

/// The section 'images' of such a file, whatever its annotations say of them.
class CocoImages {
public:
    /// @param captionsExpected whether an image without captions is worth a word
    CocoImages(const std::filesystem::path& source, bool captionsExpected);
    /// An item without an id of its own or without a name becomes a problem.
    void take(const Json& item, const std::string& where, ProblemList& problems);
    /// Index in `images` of the image an annotation belongs to; for unknown images nothing, and a problem of
    /// @p kind.
    std::optional<size_t> find(const std::string& id, const std::string& where, const char* kind,
                               ProblemList& problems) const;

    std::vector<CaptionedImage> images;

private:
    std::string m_split;
    bool m_captionsExpected;
    std::unordered_map<std::string, size_t> m_positions; ///< by image id
};

} // namespace diptych
