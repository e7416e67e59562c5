// SPDX-License-Identifier: GPL-3.0-or-later
// SigLIP 2 with pictures in their own proportions (NaFlex; Tschannen et al. 2025) in Hugging Face's
// Siglip2Model layout: patches come in flattened, padded and masked; positions are resampled to each
// picture's grid.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/siglip_text.h"
#include "core/models/nn/pooling.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace diptych {
namespace {

struct Siglip2Config {
    LayerSpec layer;
    int64_t layers = 0, patchSize = 16;
    int64_t gridSize = 16; ///< side of the square grid that the stored positions are for
    std::optional<SiglipTextSpec> text;
};

Siglip2Config readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const bool hasText = !checkpoint.modelType().ends_with("_vision_model");
    const ConfigSection vision = hasText ? top.section("vision_config") : top;
    Siglip2Config config;
    config.layer = readLayer(vision, kSiglipDefaults, config.layers);
    config.patchSize = vision.size("patch_size", 16, ConfigSection::kMaxImageSize);
    const int64_t positions = vision.size("num_patches", 256, ConfigSection::kMaxContext);
    config.gridSize = std::lround(std::sqrt(static_cast<double>(positions)));
    if (config.gridSize * config.gridSize != positions)
        vision.fail(ErrorCode::Corrupt,
                    fmt::format("'num_patches' is {}; it should be a square number", positions));
    requireHead(vision);
    if (hasText)
        config.text = readSiglipText(top, config.layer.width);
    return config;
}

/// [wanted, stored]: how much of each stored position a position along one side is made of; a triangle as
/// wide as the finer of both grids, as bilinear resampling with antialiasing has it.
at::Tensor resampling(int64_t stored, int64_t wanted) {
    const double scale = static_cast<double>(stored) / static_cast<double>(wanted);
    const at::Tensor centres = (at::arange(wanted, at::kFloat) + 0.5) * scale - 0.5;
    const at::Tensor distances = (at::arange(stored, at::kFloat) - centres.unsqueeze(1)).abs();
    const at::Tensor weights = (1 - distances / std::max(scale, 1.0)).clamp_min(0);
    return weights / weights.sum(1, true);
}

class Siglip2Network final : public DualNetwork {
public:
    Siglip2Network(const Weights& weights, const Siglip2Config& config) : m_gridSize(config.gridSize) {
        const int64_t d = config.layer.width;
        const Weights vision = siglipVision(weights, !config.text);
        m_patches =
            vision.packedLinear("embeddings.patch_embedding", d, 3 * config.patchSize * config.patchSize);
        m_positions = vision.tensor("embeddings.position_embedding.weight", {m_gridSize * m_gridSize, d});
        m_layers = Transformer(vision.at("encoder.layers"), config.layers, config.layer, kClipNames);
        m_postNorm = vision.norm("post_layernorm", d, config.layer.epsilon);
        m_pool = AttentionPool(vision.at("head"), config.layer);
        if (config.text)
            m_text = SiglipText(weights, *config.text);
    }

    at::Tensor poolImages(const PixelInput& images) const override {
        const at::Tensor x = m_patches(images.pixels) + positions(images.grids, images.pixels.size(1));
        const bool full = images.mask.all().item<bool>(); // attention without a mask is faster
        const at::Tensor mask = full ? at::Tensor() : images.mask.unsqueeze(1).unsqueeze(1);
        return m_pool(m_postNorm(m_layers(x, {false, mask})), mask);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override { return m_text(ids); }
    Similarity similarity() const override { return m_text.similarity(); }

private:
    /// [n, length, d], zero behind a picture's own patches. Resampled in float32, as half precision shifts
    /// them.
    at::Tensor positions(const std::vector<PatchGrid>& grids, int64_t length) const {
        const int64_t d = m_positions.size(1);
        const at::Tensor stored = m_positions.to(at::kFloat).view({m_gridSize, m_gridSize * d});
        const at::Tensor out = at::zeros({static_cast<int64_t>(grids.size()), length, d}, stored.options());
        for (size_t i = 0; i < grids.size(); ++i) {
            const auto [height, width] = grids[i];
            const at::Tensor rows = at::matmul(resampling(m_gridSize, height).to(stored.device()), stored)
                                        .view({height, m_gridSize, d});
            const at::Tensor grid = at::matmul(resampling(m_gridSize, width).to(stored.device()), rows);
            out[static_cast<int64_t>(i)].narrow(0, 0, height * width).copy_(grid.view({height * width, d}));
        }
        return out.to(m_positions.scalar_type());
    }

    int64_t m_gridSize = 0;
    Linear m_patches;
    at::Tensor m_positions; ///< [gridSize * gridSize, d]
    Transformer m_layers;
    LayerNorm m_postNorm;
    AttentionPool m_pool;
    SiglipText m_text;
};

DualEncoderParts describeSiglip2(const Checkpoint& checkpoint) {
    const Siglip2Config config = readConfig(checkpoint);
    const int64_t patches = checkpoint.imageProcessor(OutputSizes::Any).maxPatches();
    DualEncoderParts parts;
    parts.sizes = OutputSizes::Any;
    ModelInfo& info = parts.info;
    info.family = "siglip2";
    info.familyTitle = "SigLIP 2";
    info.faces = {true, config.text.has_value()};
    info.patchSize = static_cast<int>(config.patchSize);
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(config.layer.width);
    info.visionLayers = static_cast<int>(config.layers);
    if (config.text)
        describeSiglipText(*config.text, info);
    info.facts = {{"Image patches", fmt::format("up to {}, in the picture's own proportions", patches)},
                  {"Activation", std::string(activationName(config.layer.activation))},
                  {"Image pooling", "attention"}};
    parts.activationsPerImage = layerActivations(config.layer, patches);
    parts.build = [config](const Weights& weights) {
        return std::make_unique<Siglip2Network>(weights, config);
    };
    return parts;
}

bool matchesSiglip2(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    return (type == "siglip2" || type == "siglip2_vision_model") && hasFlatPatches(checkpoint);
}

} // namespace

ModelFamily siglip2Family() {
    return dualEncoderFamily<describeSiglip2>("siglip2", "SigLIP 2", matchesSiglip2);
}

} // namespace diptych
