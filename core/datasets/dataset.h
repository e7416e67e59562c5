// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// One example of a dataset: an image that stays where it is, and what is known about it.
struct DatasetSample {
    std::string key; ///< stable name inside the dataset: path relative to the root, or the file's own id
    std::filesystem::path image; ///< absolute path; of a clip of single frames one of them, to look at
    int label = -1;              ///< index into DatasetIndex::classNames; -1 = none
    std::vector<std::string> captions;
    std::string split; ///< "train", "test", ...; empty = none given
    Json attributes;   ///< other columns, an object; null = none
    /// A clip whose frames are files of their own: absolute paths, in order. Empty: the image, or the video
    /// file, is all there is.
    std::vector<std::filesystem::path> frames = {};
};

/// Something of the source that was left out, or how it was read where that could be meant otherwise. Never
/// fatal.
struct ImportProblem {
    std::string where; ///< file, or file:line
    std::string reason;
    bool note = false; ///< nothing was left out
};

struct ImportOptions {
    std::string format; ///< empty = detect
    /// "image", "frames", "label", "caption", "split", "id" -> column name
    std::map<std::string, std::string> columns;
    /// What the folders of each level are, from the top: "split/class", "class", "-/class" (a level that
    /// means nothing), "class/split", "split", "-" (no classes, no splits); empty = found out. For folders of
    /// images.
    std::string folders;
    std::filesystem::path imageRoot; ///< where relative image paths start; empty = the source's folder

    friend bool operator==(const ImportOptions&, const ImportOptions&) = default;
};

/// What an import found; images are not opened here beyond their names.
struct DatasetIndex {
    std::string format;           ///< id of the DatasetFormat that read it
    std::filesystem::path source; ///< what the user pointed at
    std::filesystem::path root;   ///< relative image paths start here; moving it moves the dataset
    std::vector<std::string> classNames;
    std::vector<DatasetSample> samples;
    std::vector<ImportProblem> problems;
    std::vector<std::string> columns; ///< of a table: its header, for choosing columns
    ImportOptions options;            ///< it was read with; columns by their names
};

/// One way datasets lie on disk. Stateless.
struct DatasetFormat {
    std::string id; ///< "imagefolder", "csv", "coco-captions", "winoground", ...
    std::string title;
    std::string summary; ///< what it expects, for the import dialog
    /// How sure this format is that @p source is its own: 0 (no) to 100.
    int (*detect)(const std::filesystem::path& source);
    /// @throws Error if nothing usable can be read; a bad item is a problem, not an error
    DatasetIndex (*read)(const std::filesystem::path& source, const ImportOptions& options,
                         const RunContext& context);
};

/// In the order shown to people. Adding a format is one file and one line here.
const std::vector<DatasetFormat>& datasetFormats();
/// Reads @p source in the format asked for or detected. @throws Error naming the formats known
DatasetIndex importDataset(const std::filesystem::path& source, const ImportOptions& options,
                           const RunContext& context);

} // namespace diptych
