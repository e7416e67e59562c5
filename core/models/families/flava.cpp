// SPDX-License-Identifier: GPL-3.0-or-later
// FLAVA (Singh et al. 2022) in Hugging Face's FlavaModel and FlavaForPreTraining layouts. Its contrastive
// embeddings are the projected class states of the image and the text encoder.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

/// What the published examples and the training pad and cut texts to.
constexpr int64_t kTextLength = 77;

struct FlavaConfig {
    std::string prefix; ///< of the model's tensors
    VitTowerSpec image;
    BertTowerSpec text;
    int64_t projectionSize = 768;
    std::string heads; ///< what the checkpoint holds besides, for people
};

FlavaConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection image = top.section("image_config"), text = top.section("text_config");
    const Weights weights = Weights::shapesOf(checkpoint);
    FlavaConfig config;
    config.prefix = weights.has("flava") ? "flava" : "";
    config.image.layer = readLayer(image, {}, config.image.layers);
    config.image.names = &kVitNames;
    readPatches(image, 16, config.image.imageSize, config.image.patchSize);
    config.image.trainedSize = config.image.imageSize;
    config.text = readBert(text, 512);
    config.text.layer.norm = NormPlacement::Before;
    config.text.names = &kVitNames;
    config.text.finalNorm = "layernorm";
    config.projectionSize = top.size("projection_dim", 768, ConfigSection::kMaxWidth);
    for (const auto& [part, title] :
         {std::pair("itm_head", "image-text matching"), std::pair("mim_head", "masked image modelling"),
          std::pair("mlm_head", "masked language modelling"),
          std::pair("mmm_text_head", "masked multimodal modelling"),
          std::pair("image_codebook", "image codebook")})
        if (weights.has(part))
            config.heads += (config.heads.empty() ? "" : ", ") + std::string(title);
    return config;
}

class FlavaNetwork final : public DualNetwork {
public:
    FlavaNetwork(const Weights& root, const FlavaConfig& config) {
        const Weights weights = config.prefix.empty() ? root : root.at(config.prefix);
        m_image = VitTower(weights.at("image_model"), config.image);
        m_imageProjection =
            weights.packedLinear("image_projection", config.projectionSize, config.image.layer.width);
        m_text = BertTower(weights.at("text_model"), config.text);
        m_textProjection =
            weights.packedLinear("text_projection", config.projectionSize, config.text.layer.width);
        m_scale = std::exp(weights.scalar("logit_scale", {}));
    }
    at::Tensor poolImages(const at::Tensor& pixels) const override { return m_image(pixels).select(1, 0); }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return m_imageProjection(pooled); }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_textProjection(m_text(ids, mask).select(1, 0));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }

private:
    VitTower m_image;
    Linear m_imageProjection;
    BertTower m_text;
    Linear m_textProjection;
    float m_scale = 1;
};

DualEncoderParts describeFlava(const Checkpoint& checkpoint) {
    const FlavaConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "flava";
    info.familyTitle = "FLAVA";
    info.faces = {true, true};
    info.imageSize = static_cast<int>(config.image.imageSize);
    info.patchSize = static_cast<int>(config.image.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.pooledDim = info.visionWidth = static_cast<int>(config.image.layer.width);
    info.visionLayers = static_cast<int>(config.image.layers);
    describeBert(config.text, info);
    info.contextLength = static_cast<int>(std::min(config.text.contextLength, kTextLength));
    info.facts = {{"Activation", std::string(activationName(config.image.layer.activation))}};
    if (!config.heads.empty())
        info.facts.emplace_back("Also inside, not used", config.heads);
    const int64_t grid = config.image.imageSize / config.image.patchSize;
    parts.activationsPerImage = layerActivations(config.image.layer, 1 + grid * grid);
    parts.build = [config](const Weights& weights) {
        return std::make_unique<FlavaNetwork>(weights, config);
    };
    parts.mayRemain = {"multimodal_model.", "_mm_projection.", "_model.pooler.", "mask_token"};
    return parts;
}

bool matchesFlava(const Checkpoint& checkpoint) {
    return checkpoint.modelType() == "flava";
}

} // namespace

ModelFamily flavaFamily() {
    return dualEncoderFamily<describeFlava>("flava", "FLAVA", matchesFlava);
}

} // namespace diptych
