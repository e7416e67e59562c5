// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models, like nn/: shows LibTorch's types.

#include "core/models/model.h"
#include "core/models/nn/weights.h"

#include <functional>

namespace diptych {

/// Rows and columns of a picture's patches.
struct PatchGrid {
    int64_t height = 0, width = 0;
    int64_t patches() const { return height * width; }
};

/// Pictures as a network takes them.
struct PixelInput {
    /// [n, 3, h, w]; of clips [n, frames, 3, h, w]; with grids flattened patches [n, t, patch * patch * 3],
    /// zero behind a picture's own
    at::Tensor pixels;
    std::vector<PatchGrid> grids; ///< of each picture where they keep their proportions, else empty
    at::Tensor mask = {};         ///< with grids [n, t] bool, false behind a picture's own patches
};

/// The network of a dual encoder: all a family has to compute. Called under c10::InferenceMode, with inputs
/// on the device and in the types of the weights' placement.
class DualNetwork {
public:
    virtual ~DualNetwork() = default;
    /// -> [n, pooledDim]
    virtual at::Tensor poolImages(const PixelInput& images) const = 0;
    /// [n, pooledDim] -> [n, embeddingDim]
    virtual at::Tensor projectImages(const at::Tensor& pooled) const = 0;
    /// @param ids [n, length] int64  @param mask [n, length] bool, false for padding -> [n, embeddingDim]
    virtual at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const = 0;
    virtual Similarity similarity() const = 0;
    /// One sample with several texts, for networks that look at both together; as the other functions.
    struct Matched {
        at::Tensor logits; ///< [t, DualEncoderParts::logitsPerPair]
        at::Tensor
            texts; ///< [t, embeddingDim] where texts have an embedding beside the sample, else undefined
    };
    /// What match() takes of texts by themselves: as embedTexts() -> [n, ...]
    virtual at::Tensor statesOfTexts(const at::Tensor& ids, const at::Tensor& mask) const;
    /// @param texts [t, ...] as statesOfTexts() gives them  @param mask [t, length]
    virtual Matched match(const PixelInput& sample, const at::Tensor& texts, const at::Tensor& mask) const;
};

/// What a family says of a checkpoint besides its network.
struct DualEncoderParts {
    /// Sizes, layers, faces and facts; what every family reads alike is filled in by inspectDualEncoder().
    ModelInfo info;
    int64_t activationsPerImage = 0; ///< floats live at once while one image is encoded, an estimate
    std::function<std::unique_ptr<DualNetwork>(const Weights&)> build;
    std::vector<std::string_view> mayRemain = {}; ///< parts of names that the network does not need
    /// Any: pictures keep their proportions, at most info.patchLimit patches of each.
    OutputSizes sizes = OutputSizes::Fixed;
    int logitsPerPair = 0; ///< of match(); info.faces.matching where above 0
};

/// Checks every tensor's presence and shape, and completes parts.info. @throws Error
ModelInfo inspectDualEncoder(const Checkpoint& checkpoint, const DualEncoderParts& parts);
/// @throws Error also if tokenizer or preprocessing are missing or do not fit the model
std::unique_ptr<Model> openDualEncoder(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute,
                                       DualEncoderParts parts);

/// The registry's entry of a family whose checkpoints are described by @p describe.
template<DualEncoderParts (*describe)(const Checkpoint&)>
ModelFamily dualEncoderFamily(std::string id, std::string title, bool (*matches)(const Checkpoint&)) {
    return {std::move(id), std::move(title), matches,
            [](const Checkpoint& checkpoint) { return inspectDualEncoder(checkpoint, describe(checkpoint)); },
            [](std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute) {
                DualEncoderParts parts = describe(*checkpoint);
                return openDualEncoder(std::move(checkpoint), compute, std::move(parts));
            }};
}

} // namespace diptych
