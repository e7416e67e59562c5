// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/blocks/scene.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diptych::blocks {

/// What a written dataset is to look like.
struct DatasetOptions {
    int imageSize = 128;
    bool jpeg = false; ///< JPEG of quality 92 instead of PNG: a third of the size
};

/// What was written, and what writeBlocksDataset can write.
struct DatasetSummary {
    std::filesystem::path directory;
    size_t images = 0, classes = 0;
    uint64_t bytes = 0;
};
/// One kind of Blocks dataset.
struct DatasetKind {
    std::string id, title, summary;
};
/// The class sets (ImageFolder: one folder a class) and "blocks-captions" (COCO captions: images/ and
/// captions.json, five captions an image; instances.json, the shapes in it; candidates.jsonl, one caption and
/// the others as its references), "blocks-winoground" (examples.jsonl: pairs of scenes with the same words in
/// another order) and "blocks-memes" (Hateful Memes' files: captions drawn on scenes; label 1: untrue).
const std::vector<DatasetKind>& datasetKinds();

/// Writes @p count scenes of the kind, classes in turn so that each has as many as the next; the scenes
/// depend on @p seed, kind and split alone, the files' bytes on the options too. Beside the images:
/// captions.json (COCO captions) and metadata.json (kind, split, seed, classes, prompt
/// templates, chance, and each image's scene with its exact description). The folder must be empty or not
/// there yet. Pairs are not torn: where scenes come in pairs, @p count is rounded up; they have no
/// captions.json, and blocks-memes has as many scenes of Split::Train beside them.
/// @throws Error (NotFound for a kind that does not exist; InvalidArgument for a folder that is not empty),
/// Cancelled, leaving what was written
DatasetSummary writeBlocksDataset(std::string_view kind, Split split, size_t count, uint64_t seed,
                                  const std::filesystem::path& directory, const RunContext& context,
                                  const DatasetOptions& options = {});

/// "train", "validation" or "test". @throws Error InvalidArgument
Split parseSplit(std::string_view name);

} // namespace diptych::blocks
