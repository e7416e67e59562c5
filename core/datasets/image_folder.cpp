// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/class_names.h"
#include "core/datasets/folder_walk.h"
#include "core/datasets/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

bool isSplitName(const std::string& name) {
    static const std::set<std::string> kNames{"train",   "training", "val",   "valid",   "validation",
                                              "dev",     "test",     "eval",  "testing", "train2017",
                                              "val2017", "test2017", "Train", "Val",     "Test"};
    return kNames.contains(name);
}

/// "images" alone in a folder is where its pictures are, not a class.
bool isContainerName(const std::string& name) {
    static const std::set<std::string> kNames{"images", "image", "imgs", "img", "pictures", "photos", "data"};
    return kNames.contains(name);
}

int detect(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return 0;
    const FolderGlance glance = glanceAt(source);
    const auto& folders = glance.foldersWithImages;
    if (folders.size() >= 2 || (glance.truncated && glance.images == 0))
        return 60;
    return folders.size() == 1 && glance.images == 0 && !isContainerName(folders.front()) ? 60 : 0;
}

/// First part of a relative name; empty if it has only one.
std::string firstPart(const std::string& relative, size_t from = 0) {
    const auto slash = relative.find('/', from);
    return slash == std::string::npos ? std::string() : relative.substr(from, slash - from);
}

/// All images lie in folders named like splits, and in class folders below those.
bool hasSplitFolders(const std::vector<std::string>& images) {
    bool any = false;
    for (const auto& image : images) {
        const std::string split = firstPart(image);
        if (split.empty())
            continue;
        if (!isSplitName(split))
            return false;
        any = any || !firstPart(image, split.size() + 1).empty();
    }
    return any;
}

DatasetIndex read(const fs::path& source, const ImportOptions&, const RunContext& context) {
    ProblemList problems;
    const FolderContent content = walkFolder(source, problems, context);
    const bool splits = hasSplitFolders(content.images);
    DatasetIndex index;
    index.root = source;
    struct Found {
        const std::string* relative;
        std::string split, folder;
    };
    std::vector<Found> found;
    std::map<std::string, int> classes;
    for (const auto& relative : content.images) {
        const std::string split = splits ? firstPart(relative) : std::string();
        const std::string folder = firstPart(relative, split.empty() ? 0 : split.size() + 1);
        if (folder.empty()) {
            problems.add("images outside of class folders", displayPath(source / relative),
                         "lies outside of any class folder; left out");
            continue;
        }
        classes.emplace(folder, 0);
        found.push_back({&relative, split, folder});
    }
    if (found.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} has no images in class folders (FOLDER/class/image.jpg). For images without "
                        "classes use the format 'flat'",
                        displayPath(source)));
    std::vector<std::string> folders;
    for (auto& [folder, label] : classes) {
        label = static_cast<int>(folders.size());
        folders.push_back(folder);
    }
    index.classNames = nameClassFolders(folders, source, problems);
    reportOthers(content, displayPath(source), problems);
    KeySet keys;
    index.samples.reserve(found.size());
    for (const auto& item : found) {
        DatasetSample sample;
        sample.key = keys.unique(*item.relative);
        sample.image = source / *item.relative;
        sample.label = classes[item.folder];
        sample.split = item.split;
        index.samples.push_back(std::move(sample));
    }
    index.problems = problems.take(displayPath(source));
    return index;
}

} // namespace

DatasetFormat imageFolderFormat() {
    return {
        "imagefolder", "Folder of class folders",
        "One folder per class with its images in it; train, val and test folders around the classes become "
        "splits. Classes are sorted by folder name; classnames.txt may give them other names",
        detect, read};
}

} // namespace diptych
