// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models: what SigLIP and SigLIP 2 have in common, which is all but the image's patches.

#include "core/models/families/tower_config.h"
#include "core/models/similarity.h"

namespace diptych {

/// What transformers' SiglipConfig and Siglip2Config (5.24) leave out of a tower.
inline constexpr TowerDefaults kSiglipDefaults = {.activation = Activation::GeluTanh, .epsilon = 1e-6};

struct SiglipTextSpec {
    TextTowerSpec tower;
    int64_t projectionSize = 0;
};

/// @param imageWidth of the image tower, whose space the texts share. @throws Error naming the key
SiglipTextSpec readSiglipText(const ConfigSection& top, int64_t imageWidth);
/// @throws Error Unsupported if an image tower ends without attention pooling
void requireHead(const ConfigSection& vision);
/// Fills in what a person sees of the text tower.
void describeSiglipText(const SiglipTextSpec& spec, ModelInfo& info);
/// Whether patches come in flattened (NaFlex), rather than being cut by a convolution.
bool hasFlatPatches(const Checkpoint& checkpoint);

/// The image tower's tensors. Of a tower alone transformers 5 writes them without the prefix, earlier
/// versions with it. @param alone the checkpoint has no text tower
Weights siglipVision(const Weights& weights, bool alone);

/// Text tower with its head, and what the pair of towers makes of a cosine.
class SiglipText {
public:
    SiglipText() = default;
    /// @param weights of the whole model
    SiglipText(const Weights& weights, const SiglipTextSpec& spec);
    /// @param ids [n, contextLength] -> [n, projectionSize]: of the last token, padding or not, as texts are
    /// padded to the full context and nothing is masked
    at::Tensor operator()(const at::Tensor& ids) const;
    Similarity similarity() const { return m_similarity; }

private:
    TextTower m_tower;
    Linear m_head;
    Similarity m_similarity;
};

} // namespace diptych
