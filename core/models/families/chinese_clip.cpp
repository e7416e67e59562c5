// SPDX-License-Identifier: GPL-3.0-or-later
// Chinese-CLIP (Yang et al. 2022) in Hugging Face's ChineseCLIPModel layout: CLIP's image tower and a BERT.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

/// What the model was trained with; longer texts are cut.
constexpr int64_t kTextLength = 52;

struct ChineseClipConfig {
    VisionTowerSpec vision;
    BertTowerSpec text;
    int64_t projectionSize = 512;
};

ChineseClipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection vision = top.section("vision_config");
    ChineseClipConfig config;
    TowerDefaults clips;
    clips.activation = Activation::QuickGelu;
    clips.epsilon = 1e-5;
    config.vision.layer = readLayer(vision, clips, config.vision.layers);
    readPatches(vision, 32, config.vision.imageSize, config.vision.patchSize);
    config.vision.preNorm = "pre_layrnorm"; // spelled so in the checkpoints
    config.vision.keep = Keep::First;
    config.text = readBert(top.section("text_config"), 512);
    config.projectionSize = top.size("projection_dim", 512, ConfigSection::kMaxWidth);
    return config;
}

class ChineseClipNetwork final : public DualNetwork {
public:
    ChineseClipNetwork(const Weights& weights, const ChineseClipConfig& config)
        : m_vision(weights.at("vision_model"), config.vision),
          m_imageProjection(weights.packedLinear("visual_projection", config.projectionSize,
                                                 config.vision.layer.width, false)),
          m_text(weights.at("text_model"), config.text),
          m_textProjection(
              weights.packedLinear("text_projection", config.projectionSize, config.text.layer.width, false)),
          m_scale(std::exp(weights.scalar("logit_scale", {}))) {}

    at::Tensor poolImages(const PixelInput& images) const override {
        return m_vision(images.pixels).select(1, 0);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return m_imageProjection(pooled); }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_textProjection(m_text(ids, mask).select(1, 0));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }

private:
    VisionTower m_vision;
    Linear m_imageProjection;
    BertTower m_text;
    Linear m_textProjection;
    float m_scale;
};

DualEncoderParts describeChineseClip(const Checkpoint& checkpoint) {
    const ChineseClipConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "chinese_clip";
    info.familyTitle = "Chinese-CLIP";
    info.faces = {true, true};
    info.imageSize = static_cast<int>(config.vision.imageSize);
    info.patchSize = static_cast<int>(config.vision.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.pooledDim = info.visionWidth = static_cast<int>(config.vision.layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    describeBert(config.text, info);
    info.contextLength = static_cast<int>(std::min(config.text.contextLength, kTextLength));
    info.facts = {{"Activation", std::string(activationName(config.vision.layer.activation))},
                  {"Language of texts", "Chinese"}};
    parts.activationsPerImage = layerActivations(config.vision.layer, config.vision.tokens());
    parts.build = [config](const Weights& weights) {
        return std::make_unique<ChineseClipNetwork>(weights, config);
    };
    parts.mayRemain = {"text_model.pooler."};
    return parts;
}

bool matchesChineseClip(const Checkpoint& checkpoint) {
    return checkpoint.modelType() == "chinese_clip";
}

} // namespace

ModelFamily chineseClipFamily() {
    return dualEncoderFamily<describeChineseClip>("chinese_clip", "Chinese-CLIP", matchesChineseClip);
}

} // namespace diptych
