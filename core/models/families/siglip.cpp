// SPDX-License-Identifier: GPL-3.0-or-later
// SigLIP (Zhai et al. 2023) in Hugging Face's SiglipModel layout; also the checkpoints of SigLIP 2 (Tschannen
// et al. 2025) with a fixed image size, which say model_type siglip. An image alone for siglip_vision_model.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"
#include "core/models/nn/config_section.h"
#include "core/models/nn/pooling.h"
#include "core/models/nn/towers.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

/// The defaults are transformers' SiglipConfig (5.24).
struct SiglipConfig {
    VisionTowerSpec vision;
    TextTowerSpec text;
    int64_t projectionSize = 0;
    bool hasText = true;
};

SiglipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    SiglipConfig config;
    config.hasText = checkpoint.modelType() != "siglip_vision_model";
    TowerDefaults defaults;
    defaults.activation = Activation::GeluTanh;
    defaults.epsilon = 1e-6;
    const ConfigSection vision = config.hasText ? top.section("vision_config") : top;
    config.vision.layer = readLayer(vision, defaults, config.vision.layers);
    readPatches(vision, 16, config.vision.imageSize, config.vision.patchSize);
    config.vision.classToken = false;
    config.vision.patchBias = true;
    if (!vision.flag("vision_use_head", true))
        vision.fail(ErrorCode::Unsupported,
                    "'vision_use_head' is false; only models with an attention pooling head are supported");
    if (!config.hasText)
        return config;
    const ConfigSection text = top.section("text_config");
    config.text.layer = readLayer(text, defaults, config.text.layers);
    config.text.vocabularySize = text.size("vocab_size", 32000, ConfigSection::kMaxVocabulary);
    config.text.contextLength = text.size("max_position_embeddings", 64, ConfigSection::kMaxContext);
    config.text.causal = false;
    config.projectionSize = text.size("projection_size", config.text.layer.width, ConfigSection::kMaxWidth);
    if (config.projectionSize != config.vision.layer.width)
        text.fail(ErrorCode::Corrupt,
                  fmt::format("'projection_size' is {}, the image tower is {} wide; both should be one space",
                              config.projectionSize, config.vision.layer.width));
    return config;
}

class SiglipNetwork final : public DualNetwork {
public:
    SiglipNetwork(const Weights& weights, const SiglipConfig& config) {
        // transformers 5 writes an image tower alone without the prefix, earlier versions with it.
        const bool bare = !config.hasText && !weights.has("vision_model");
        const Weights vision = bare ? weights : weights.at("vision_model");
        m_vision = VisionTower(vision, config.vision);
        m_pool = AttentionPool(vision.at("head"), config.vision.layer);
        if (!config.hasText)
            return;
        m_text = TextTower(weights.at("text_model"), config.text);
        m_head = weights.packedLinear("text_model.head", config.projectionSize, config.text.layer.width);
        m_similarity = {Similarity::Kind::Sigmoid, std::exp(weights.scalar("logit_scale", {1})),
                        weights.scalar("logit_bias", {1})};
    }
    at::Tensor poolImages(const at::Tensor& pixels) const override { return m_pool(m_vision(pixels)); }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    /// The feature is the last token's, padding or not: texts are padded to the full context, unmasked.
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override {
        return m_head(m_text.finalNorm()(m_text(ids).select(1, ids.size(1) - 1)));
    }
    Similarity similarity() const override { return m_similarity; }

private:
    VisionTower m_vision;
    AttentionPool m_pool;
    TextTower m_text;
    Linear m_head;
    Similarity m_similarity;
};

DualEncoderParts describeSiglip(const Checkpoint& checkpoint) {
    const SiglipConfig config = readConfig(checkpoint);
    const LayerSpec& layer = config.vision.layer;
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "siglip";
    info.familyTitle = "SigLIP";
    info.faces = {true, config.hasText};
    info.imageSize = static_cast<int>(config.vision.imageSize);
    info.patchSize = static_cast<int>(config.vision.patchSize);
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    info.contextLength = static_cast<int>(config.text.contextLength);
    info.vocabularySize = static_cast<int>(config.text.vocabularySize);
    info.textLayers = static_cast<int>(config.text.layers);
    info.textWidth = static_cast<int>(config.text.layer.width);
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
    return type == "siglip" || type == "siglip_vision_model";
}

} // namespace

ModelFamily siglipFamily() {
    return dualEncoderFamily<describeSiglip>("siglip", "SigLIP", matchesSiglip);
}

} // namespace diptych
