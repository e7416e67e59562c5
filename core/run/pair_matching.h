// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/image_batches.h"
#include "core/run/outputs.h"

#include <functional>

// Private to core/run: logits of image-text pairs, from the cache where it has them.
namespace diptych {

/// Takes what is found out about files, to be remembered.
struct Findings {
    std::function<void(std::span<const FileHash>)> hashes;
    std::function<void(std::span<const Hash128>)> transparent; ///< contents that have transparent pixels
};

/// Outputs::match() of @p pending, one entry a sample in the order asked for, with their hashes as far as
/// they are known. Pairs that are not in the cache are matched in batches, each of which is kept before the
/// next begins. @param mayCompute false: throws Error NotFound instead
PairMatches matchPairs(Workspace& workspace, Model& model, std::vector<PendingImage> pending,
                       std::span<const std::vector<std::string>> texts, bool mayCompute,
                       const Findings& findings, const RunContext& context);

} // namespace diptych
