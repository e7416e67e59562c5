// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/transformer.h"

#include <filesystem>

namespace diptych {

/// CLIP's two towers (Radford et al. 2021), over tensors named as in a Hugging Face checkpoint. The same code
/// trains and infers. Not thread-safe; movable, not copyable (copies would share their weights).
///
/// Training: parameters() are leaves that require gradients; every encode call records.
/// Inference: freeze() once, then call under c10::InferenceMode.
class ClipNetwork {
public:
    /// @param parameters must hold every tensor of config.parameterShapes(), in that shape; others are
    /// ignored.
    /// @throws Error that names what is missing or misshapen
    ClipNetwork(ClipConfig config, ParameterMap parameters);
    /// Fresh weights in float32, drawn as transformers' CLIPModel does; the same for the same seed
    /// everywhere.
    static ClipNetwork random(const ClipConfig& config, uint64_t seed);
    ClipNetwork(ClipNetwork&&) = default;
    ClipNetwork& operator=(ClipNetwork&&) = default;
    ClipNetwork(const ClipNetwork&) = delete;
    ClipNetwork& operator=(const ClipNetwork&) = delete;

    /// Prepares for inference on the device and in the dtype given; afterwards parameters() is empty.
    /// @param kernels Packed or Plain
    void freeze(at::Device device, at::ScalarType dtype, Kernels kernels);

    const ClipConfig& config() const { return m_config; }
    /// By checkpoint name; update them in place only (the layers hold the same tensors).
    const ParameterMap& parameters() const { return m_parameters; }

    /// [n, 3, imageSize, imageSize] -> [n, gridSize², vision.hiddenSize], without positions
    at::Tensor embedPatches(const at::Tensor& pixels) const;
    /// @param pixels [n, 3, imageSize, imageSize] -> [n, projectionSize], not normalised
    at::Tensor encodeImages(const at::Tensor& pixels) const;
    /// -> [n, vision.hiddenSize]: the class token after the last layer norm, before the projection
    at::Tensor poolImages(const at::Tensor& pixels) const;
    at::Tensor projectImages(const at::Tensor& pooled) const;
    /// @param ids [n, length] int64 on the CPU, length <= contextLength, ids inside the vocabulary
    /// -> [n, projectionSize], not normalised. What stands behind a text's end token has no influence.
    at::Tensor encodeTexts(const at::Tensor& ids) const;
    /// Scalar: natural logarithm of the factor on cosine similarities.
    const at::Tensor& logitScale() const { return m_logitScale; }

private:
    void buildLayers();

    ClipConfig m_config;
    ParameterMap m_parameters;
    Kernels m_kernels = Kernels::Autograd;
    at::Device m_device = at::kCPU;

    at::Tensor m_logitScale, m_classEmbedding, m_visionPositions, m_tokenEmbedding, m_textPositions;
    Linear m_patches, m_imageProjection, m_textProjection;
    LayerNorm m_preNorm, m_postNorm, m_finalNorm;
    Transformer m_vision, m_text;
};

/// Where each text's feature is taken: ids [n, length] -> [n] int64.
at::Tensor textFeaturePositions(const at::Tensor& ids, int64_t eosTokenId);

/// Writes model.safetensors and config.json as transformers' CLIPModel.from_pretrained reads them, each
/// atomically, the weights first. The folder is made if need be.
/// @param dtype at::kFloat, at::kHalf or at::kBFloat16. @throws Error
void saveCheckpoint(const std::filesystem::path& directory, const Json& config,
                    const ParameterMap& parameters, at::ScalarType dtype = at::kFloat);

} // namespace diptych
