// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/clip_network.h"

#include <fmt/ranges.h>

namespace diptych {
namespace {

std::string shapeText(at::IntArrayRef shape) {
    return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

void checkParameters(const ClipConfig& config, const ParameterMap& parameters) {
    for (const ParameterShape& wanted : config.parameterShapes()) {
        const auto found = parameters.find(wanted.name);
        if (found == parameters.end())
            throw Error(ErrorCode::NotFound,
                        fmt::format("The network needs the tensor '{}', which is missing", wanted.name));
        if (found->second.sizes() != at::IntArrayRef(wanted.shape))
            throw Error(ErrorCode::Corrupt,
                        fmt::format("Tensor '{}' has shape {}, the configuration needs {}", wanted.name,
                                    shapeText(found->second.sizes()), shapeText(wanted.shape)));
    }
}

} // namespace

at::Tensor textFeaturePositions(const at::Tensor& ids, int64_t eosTokenId) {
    constexpr int64_t kLegacyEos = 2;
    return eosTokenId == kLegacyEos ? ids.argmax(1) : ids.eq(eosTokenId).to(at::kInt).argmax(1);
}

ClipNetwork::ClipNetwork(ClipConfig config, ParameterMap parameters)
    : m_config(std::move(config)), m_parameters(std::move(parameters)) {
    checkParameters(m_config, m_parameters);
    buildLayers();
}

void ClipNetwork::buildLayers() {
    const ParameterMap& p = m_parameters;
    m_logitScale = p.at("logit_scale");
    m_classEmbedding = p.at("vision_model.embeddings.class_embedding");
    m_visionPositions = p.at("vision_model.embeddings.position_embedding.weight");
    m_tokenEmbedding = p.at("text_model.embeddings.token_embedding.weight");
    m_textPositions = p.at("text_model.embeddings.position_embedding.weight");
    // A convolution whose stride is its kernel size is a product with the flattened patches.
    m_patches = Linear(p.at("vision_model.embeddings.patch_embedding.weight").flatten(1), {});
    m_imageProjection = Linear(p.at("visual_projection.weight"), {});
    m_textProjection = Linear(p.at("text_projection.weight"), {});
    m_preNorm = LayerNorm::from(p, "vision_model.pre_layrnorm", m_config.vision.layerNormEpsilon);
    m_postNorm = LayerNorm::from(p, "vision_model.post_layernorm", m_config.vision.layerNormEpsilon);
    m_finalNorm = LayerNorm::from(p, "text_model.final_layer_norm", m_config.text.layerNormEpsilon);
    m_vision = Transformer(m_config.vision, p, "vision_model");
    m_text = Transformer(m_config.text, p, "text_model");
}

void ClipNetwork::freeze(at::Device device, at::ScalarType dtype, Kernels kernels) {
    DIPTYCH_ASSERT(kernels != Kernels::Autograd && m_kernels == Kernels::Autograd);
    const c10::InferenceMode inference;
    for (auto& [name, tensor] : m_parameters)
        tensor = tensor.detach().to(device, dtype);
    m_kernels = kernels;
    m_device = device;
    buildLayers();
    m_parameters.clear();
    if (kernels == Kernels::Plain)
        return;
    m_vision.pack(true);
    m_text.pack(false);
    m_patches.pack();
    m_imageProjection.pack();
    m_textProjection.pack();
}

at::Tensor ClipNetwork::embedPatches(const at::Tensor& pixels) const {
    const int64_t n = pixels.size(0), grid = m_config.gridSize(), patch = m_config.patchSize;
    // Rows and columns beyond the last whole patch are not seen, as with the convolution.
    const at::Tensor whole = pixels.narrow(2, 0, grid * patch).narrow(3, 0, grid * patch);
    const at::Tensor flat = whole.reshape({n, 3, grid, patch, grid, patch})
                                .permute({0, 2, 4, 1, 3, 5})
                                .reshape({n, grid * grid, 3 * patch * patch});
    return m_patches(flat);
}

at::Tensor ClipNetwork::poolImages(const at::Tensor& pixels) const {
    const int64_t n = pixels.size(0);
    const at::Tensor patches = embedPatches(pixels.to(m_device, m_classEmbedding.scalar_type()));
    const at::Tensor tokens = at::cat({m_classEmbedding.expand({n, 1, -1}), patches}, 1) + m_visionPositions;
    const at::Tensor x = m_preNorm(tokens);
    const at::Tensor y = m_kernels == Kernels::Plain ? m_vision.forward(x, Transformer::Mask::None)
                                                     : m_vision.forwardFirstToken(x);
    return m_postNorm(y.select(1, 0));
}

at::Tensor ClipNetwork::projectImages(const at::Tensor& pooled) const {
    return m_imageProjection(pooled);
}

at::Tensor ClipNetwork::encodeImages(const at::Tensor& pixels) const {
    return projectImages(poolImages(pixels));
}

at::Tensor ClipNetwork::encodeTexts(const at::Tensor& ids) const {
    const at::Tensor positions = textFeaturePositions(ids, m_config.eosTokenId);
    // The mask is causal and only the feature's position is read, so tokens behind the last one read anywhere
    // in the batch are dead weight: most of a context of 77 for usual prompts.
    const int64_t length = m_kernels == Kernels::Plain ? ids.size(1) : positions.max().item<int64_t>() + 1;
    const at::Tensor used = ids.narrow(1, 0, length).to(m_device);
    const at::Tensor x = at::embedding(m_tokenEmbedding, used) + m_textPositions.narrow(0, 0, length);
    const at::Tensor y = m_text.forward(x, Transformer::Mask::Causal);
    const at::Tensor rows = at::arange(ids.size(0), positions.options()).to(m_device);
    const at::Tensor read = y.index({rows, positions.to(m_device)});
    return m_textProjection(m_finalNorm(read));
}

} // namespace diptych
