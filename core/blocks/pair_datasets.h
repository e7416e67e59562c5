// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/dataset.h"

// Private to core/blocks: the kinds of writeBlocksDataset() that are made of pairs of scenes.
namespace diptych::blocks {

inline constexpr std::string_view kWinogroundKind = "blocks-winoground", kMemesKind = "blocks-memes";

/// examples.jsonl and images/ as Winoground has them; the four contrasts with the same words in turn, named
/// by `tag`.
DatasetSummary writeWinogroundDataset(Split split, size_t count, uint64_t seed,
                                      const std::filesystem::path& directory, const RunContext& context,
                                      const DatasetOptions& options);
/// img/ and train.jsonl, dev_seen.jsonl (Split::Validation) or test_seen.jsonl (Split::Test) as Hateful Memes
/// has them. Label 1: the caption is untrue of the scene. Of each pair both scenes come with both captions,
/// so a scene alone and a caption alone tell nothing; `base_image` is the same for both memes of a scene, and
/// classes.txt names the labels. For another split than Train a train.jsonl of the same
/// length is written too, since the protocol chooses its threshold there.
DatasetSummary writeMemesDataset(Split split, size_t count, uint64_t seed,
                                 const std::filesystem::path& directory, const RunContext& context,
                                 const DatasetOptions& options);

} // namespace diptych::blocks
