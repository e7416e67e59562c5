// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/class_folders.h"
#include "core/datasets/class_names.h"
#include "core/datasets/folder_layout.h"
#include "core/datasets/formats.h"

#include <fmt/format.h>

#include <map>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

int detect(const fs::path& source) {
    std::error_code failed;
    return fs::is_directory(source, failed) && FolderLayout(glanceAt(source)).hasClasses() ? 60 : 0;
}

struct FoundImage {
    const std::string* relative;
    FolderLayout::Place place;
};

/// The images that lie where they should; the others become problems.
std::vector<FoundImage> placeImages(const FolderContent& content, const FolderLayout& layout,
                                    const fs::path& source, ProblemList& problems) {
    std::vector<FoundImage> found;
    std::map<std::string, int64_t> unlabelled;
    bool anyClass = false;
    for (const auto& relative : content.images) {
        FolderLayout::Place place = layout.place(relative);
        if (!place.problem.empty()) {
            problems.add("images outside of the folders that count", displayPath(source / relative),
                         place.problem);
            continue;
        }
        anyClass = anyClass || !place.classFolder.empty();
        if (place.classFolder.empty())
            ++unlabelled[place.split];
        found.push_back({&relative, std::move(place)});
    }
    if (!anyClass)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} has no images in class folders (FOLDER/class/image.jpg). For images without "
                        "classes use the format 'flat'",
                        displayPath(source)));
    for (const auto& [split, count] : unlabelled)
        problems.note("splits without classes", displayPath(source),
                      fmt::format("{} images of the split '{}' lie in no class folder; kept without a class",
                                  count, toValidUtf8(split)));
    return found;
}

/// Where the class list is: beside the class folders or further up, at the top.
fs::path listFolder(const fs::path& source, const FolderLayout& layout) {
    return readClassList(source) ? source : source / layout.base();
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    ProblemList problems;
    const FolderContent content = walkFolder(source, problems, context);
    const FolderLayout layout = layoutOf(content, options);
    DatasetIndex index;
    index.root = source;
    const auto found = placeImages(content, layout, source, problems);
    std::map<std::string, int> classes;
    for (const auto& item : found)
        if (!item.place.classFolder.empty())
            classes.emplace(item.place.classFolder, 0);
    std::vector<std::string> folders;
    for (auto& [folder, label] : classes) {
        label = static_cast<int>(folders.size());
        folders.push_back(folder);
    }
    index.classNames = nameClassFolders(folders, listFolder(source, layout), problems);
    reportOthers(content, displayPath(source), problems);
    KeySet keys;
    index.samples.reserve(found.size());
    for (const auto& item : found) {
        DatasetSample sample;
        sample.key = keys.unique(*item.relative);
        sample.image = source / *item.relative;
        sample.label = item.place.classFolder.empty() ? -1 : classes[item.place.classFolder];
        sample.split = toValidUtf8(item.place.split);
        index.samples.push_back(std::move(sample));
    }
    index.problems = problems.take(displayPath(source));
    return index;
}

} // namespace

DatasetFormat imageFolderFormat() {
    return {"imagefolder", "Folder of class folders",
            "One folder per class with its images in it; train, val and test folders around or inside the "
            "classes "
            "become splits. Classes are sorted by folder name; classnames.txt may give them other names",
            detect, read};
}

} // namespace diptych
