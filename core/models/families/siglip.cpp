// SPDX-License-Identifier: GPL-3.0-or-later
// SigLIP (Zhai et al. 2023) in Hugging Face's SiglipModel layout; also the checkpoints of SigLIP 2 (Tschannen
// et al. 2025) with a fixed image size, which say model_type siglip, or siglip2 with a convolution over
// patches. An image alone for siglip_vision_model.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/siglip_text.h"
#include "core/models/families/tower_config.h"
#include "core/models/nn/pooling.h"
#include "core/models/nn/towers.h"

#include <optional>

namespace diptych {
namespace {

/// The defaults are transformers' SiglipConfig (5.24).
struct SiglipConfig {
    VisionTowerSpec vision;
    std::optional<SiglipTextSpec> text; ///< none of an image tower alone
};

SiglipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    SiglipConfig config;
    const bool hasText = !checkpoint.modelType().ends_with("_vision_model");
    const ConfigSection vision = hasText ? top.section("vision_config") : top;
    config.vision.layer = readLayer(vision, kSiglipDefaults, config.vision.layers);
    readPatches(vision, 16, config.vision.imageSize, config.vision.patchSize);
    config.vision.classToken = false;
    config.vision.patchBias = true;
    requireHead(vision);
    if (hasText)
        config.text = readSiglipText(top, config.vision.layer.width);
    return config;
}

class SiglipNetwork final : public DualNetwork {
public:
    SiglipNetwork(const Weights& weights, const SiglipConfig& config) {
        const Weights vision = siglipVision(weights, !config.text);
        m_vision = VisionTower(vision, config.vision);
        m_pool = AttentionPool(vision.at("head"), config.vision.layer);
        if (config.text)
            m_text = SiglipText(weights, *config.text);
    }
    at::Tensor poolImages(const PixelInput& images) const override { return m_pool(m_vision(images.pixels)); }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override { return m_text(ids); }
    Similarity similarity() const override { return m_text.similarity(); }

private:
    VisionTower m_vision;
    AttentionPool m_pool;
    SiglipText m_text;
};

DualEncoderParts describeSiglip(const Checkpoint& checkpoint) {
    const SiglipConfig config = readConfig(checkpoint);
    const LayerSpec& layer = config.vision.layer;
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "siglip";
    info.familyTitle = "SigLIP";
    info.faces = {true, config.text.has_value()};
    info.imageSize = static_cast<int>(config.vision.imageSize);
    info.patchSize = static_cast<int>(config.vision.patchSize);
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    if (config.text)
        describeSiglipText(*config.text, info);
    info.facts = {{"Activation", std::string(activationName(layer.activation))},
                  {"Image pooling", "attention"}};
    parts.activationsPerImage = layerActivations(layer, config.vision.tokens());
    parts.build = [config](const Weights& weights) {
        return std::make_unique<SiglipNetwork>(weights, config);
    };
    return parts;
}

bool matchesSiglip(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    return type == "siglip" || type == "siglip_vision_model" ||
           ((type == "siglip2" || type == "siglip2_vision_model") && !hasFlatPatches(checkpoint));
}

} // namespace

ModelFamily siglipFamily() {
    return dualEncoderFamily<describeSiglip>("siglip", "SigLIP", matchesSiglip);
}

} // namespace diptych
