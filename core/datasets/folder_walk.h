// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/datasets/problem_list.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: what lies in a folder and below. Names are bytes relative to it, sorted.
struct FolderContent {
    std::vector<std::string> images;       ///< where there is no picture at all, clips
    std::set<std::string> texts;           ///< files ending in .txt
    std::map<std::string, int64_t> others; ///< how many other files, by extension
};

/// Follows symbolic links, and enters every folder once however it is reached, so it ends; a folder that is
/// reached both as itself and by a link counts where it is itself. Hidden files and
/// folders are passed over. Folders that cannot be read, links to nothing and images that are no regular
/// files become problems. No file is opened, and none is asked about where the folder's listing tells its
/// type.
/// @param deepest folders below this depth are not entered. @throws Error if @p root itself cannot be read;
/// Cancelled
FolderContent walkFolder(const std::filesystem::path& root, ProblemList& problems, const RunContext& context,
                         int deepest = 1 << 20);

/// Adds one line per extension for the files that are no images.
void reportOthers(const FolderContent& content, const std::string& source, ProblemList& problems);

/// The folders of a folder, as far as they hold images.
struct FolderTree {
    int64_t images = 0; ///< directly in it
    std::map<std::string, FolderTree> folders;

    bool empty() const { return images == 0 && folders.empty(); }
};
/// @param images names as in FolderContent
FolderTree treeOf(const std::vector<std::string>& images);
/// A quick look at the uppermost folders, for telling formats apart: bounded in time, never fails. Its counts
/// are no more than a sign that there are images; folders that it did not get to look into count as such with
/// images.
FolderTree glanceAt(const std::filesystem::path& folder);

} // namespace diptych
