// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models and core/training: shows LibTorch's types.

#include "core/models/dual_encoder.h"
#include "core/models/families/clip_config.h"
#include "core/models/nn/towers.h"

namespace diptych {

/// CLIP's two towers (Radford et al. 2021), over tensors named as in a Hugging Face checkpoint. The same code
/// trains (built on Weights::random(): every call records) and infers. Not thread-safe; movable, not copyable
/// (copies would share their weights).
class ClipNetwork final : public DualNetwork {
public:
    /// @throws Error as Weights
    ClipNetwork(const Weights& weights, ClipConfig config);
    ClipNetwork(ClipNetwork&&) = default;
    ClipNetwork& operator=(ClipNetwork&&) = default;
    ClipNetwork(const ClipNetwork&) = delete;
    ClipNetwork& operator=(const ClipNetwork&) = delete;

    const ClipConfig& config() const { return m_config; }
    /// @param pixels [n, 3, imageSize, imageSize] -> [n, vision.hiddenSize]: the class token after the last
    /// layer norm, before the projection
    at::Tensor poolImages(const PixelInput& images) const override;
    at::Tensor projectImages(const at::Tensor& pooled) const override;
    /// -> [n, projectionSize], not normalised
    at::Tensor encodeImages(const at::Tensor& pixels) const {
        return projectImages(poolImages({pixels, {}}));
    }
    /// @param ids [n, length] int64, length <= contextLength, ids inside the vocabulary -> [n,
    /// projectionSize], not normalised. What stands behind a text's end token has no influence.
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override;
    Similarity similarity() const override;
    /// Scalar: natural logarithm of the factor on cosine similarities.
    const at::Tensor& logitScale() const { return m_logitScale; }

private:
    ClipConfig m_config;
    at::Tensor m_logitScale;
    float m_scale = 1;
    VisionTower m_vision;
    Linear m_imageProjection;
    TextTower m_text;
    Linear m_textProjection;
};

/// How transformers' CLIPModel (5.24) starts the parameter of that name.
InitialValues clipInitialValues(const ClipConfig& config, const std::string& name);
/// To build a network to be trained on; the same for the same seed everywhere.
Weights randomWeights(const ClipConfig& config, uint64_t seed);

/// Where each text's feature is taken: ids [n, length] -> [n] int64, the first with this token; without one
/// the largest id's.
at::Tensor textFeaturePositions(const at::Tensor& ids, std::optional<int64_t> token);

} // namespace diptych
