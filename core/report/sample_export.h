// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// In what form samples leave the workspace; every one but Paths can be imported again.
/// Coco: objects, the classes of each image (one, or those of its attribute "labels"); CocoCaptions:
/// captions. Folder: class folders, below split folders where every sample has a split; without classes one
/// folder.
enum class ExportForm { Csv, JsonLines, Paths, Coco, CocoCaptions, Folder };

/// By a file's extension: .csv, .jsonl, .txt, .json; a name without one is a folder. @throws Error
/// InvalidArgument for others
ExportForm exportForm(const std::filesystem::path& target);
/// "csv", "jsonl", "txt", "coco", "coco-captions", "folder". @throws Error InvalidArgument
ExportForm parseExportForm(std::string_view name);

/// What a folder is filled with: links to the images where they are, or copies of them.
enum class FolderFiles { Links, Copies };

struct ExportSummary {
    size_t written = 0;
    std::vector<std::string> notes; ///< what is otherwise than in the workspace, for people
};

/// Writes @p target: all of it or, on failure, nothing.
/// @throws Error: InvalidArgument (nothing to write, a form that has no place for these samples; a folder
/// that is there and not empty), NotFound for an image that is not there to be linked or copied; Cancelled
ExportSummary exportSamples(const Workspace& workspace, std::span<const SampleId> samples,
                            const std::filesystem::path& target, ExportForm form, FolderFiles content,
                            const RunContext& context);

} // namespace diptych
