// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/coco_files.h"

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

} // namespace diptych
