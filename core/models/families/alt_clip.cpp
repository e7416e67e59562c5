// SPDX-License-Identifier: GPL-3.0-or-later
// AltCLIP (Chen et al. 2022, arXiv 2211.06679) in Hugging Face's AltCLIPModel layout: CLIP's image tower and
// an XLM-RoBERTa that learned CLIP's space from translations.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

/// The defaults are transformers' AltCLIPConfig (5.24).
constexpr TowerDefaults kVisionDefaults = {.activation = Activation::QuickGelu, .epsilon = 1e-5};
constexpr TowerDefaults kTextDefaults = {1024, 4096, 24, 16, Activation::Gelu, 1e-5};

struct AltClipConfig {
    VisionTowerSpec vision;
    BertTowerSpec text;
    int64_t teacherSize = 768; ///< width of the text tower that was learned from
    int64_t projectionSize = 768;
};

BertTowerSpec readRoberta(const ConfigSection& section) {
    BertTowerSpec spec;
    spec.layer = readLayer(section, kTextDefaults, spec.layers);
    spec.layer.norm = NormPlacement::After;
    spec.names = &kBertNames;
    spec.vocabularySize = section.size("vocab_size", 250002, ConfigSection::kMaxVocabulary);
    spec.contextLength = section.size("max_position_embeddings", 514, ConfigSection::kMaxContext);
    spec.tokenTypes = section.size("type_vocab_size", 1, 64);
    spec.paddingId = section.integer("pad_token_id", 1);
    if (*spec.paddingId < 0 || spec.usableLength() < 1)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("'pad_token_id' is {}, 'max_position_embeddings' {}; positions start behind "
                                 "the padding's",
                                 *spec.paddingId, spec.contextLength));
    return spec;
}

AltClipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection vision = top.section("vision_config"), text = top.section("text_config");
    AltClipConfig config;
    config.vision.layer = readLayer(vision, kVisionDefaults, config.vision.layers);
    readPatches(vision, 32, config.vision.imageSize, config.vision.patchSize);
    config.vision.preNorm = "pre_layrnorm"; // spelled so in the checkpoints
    config.vision.keep = Keep::First;
    // Transformers 5 writes the layers under another name than the published checkpoints have.
    if (Weights::shapesOf(checkpoint).has("vision_model.encoder.layer"))
        config.vision.layersName = "encoder.layer";
    config.text = readRoberta(text);
    config.teacherSize = text.size("project_dim", 768, ConfigSection::kMaxWidth);
    config.projectionSize = top.size("projection_dim", 768, ConfigSection::kMaxWidth);
    return config;
}

class AltClipNetwork final : public DualNetwork {
public:
    AltClipNetwork(const Weights& weights, const AltClipConfig& config)
        : m_vision(weights.at("vision_model"), config.vision),
          m_imageProjection(weights.packedLinear("visual_projection", config.projectionSize,
                                                 config.vision.layer.width, false)),
          m_text(weights.at("text_model.roberta"), config.text),
          m_textNorm(weights.norm("text_model.pre_LN", config.text.layer.width, config.text.layer.epsilon)),
          m_toTeacher(
              weights.packedLinear("text_model.transformation", config.teacherSize, config.text.layer.width)),
          m_textProjection(
              weights.packedLinear("text_projection", config.projectionSize, config.teacherSize, false)),
          m_scale(std::exp(weights.scalar("logit_scale", {}))) {}

    at::Tensor poolImages(const PixelInput& images) const override {
        return m_vision(images.pixels).select(1, 0);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return m_imageProjection(pooled); }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_textProjection(m_toTeacher(m_textNorm(m_text(ids, mask).select(1, 0))));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }

private:
    VisionTower m_vision;
    Linear m_imageProjection;
    BertTower m_text;
    LayerNorm m_textNorm;
    Linear m_toTeacher, m_textProjection;
    float m_scale;
};

DualEncoderParts describeAltClip(const Checkpoint& checkpoint) {
    const AltClipConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "altclip";
    info.familyTitle = "AltCLIP";
    info.faces = {true, true};
    info.imageSize = static_cast<int>(config.vision.imageSize);
    info.patchSize = static_cast<int>(config.vision.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.pooledDim = info.visionWidth = static_cast<int>(config.vision.layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    describeBert(config.text, info);
    info.facts = {{"Activation", std::string(activationName(config.vision.layer.activation))},
                  {"Text tower", "XLM-RoBERTa, several languages"}};
    parts.activationsPerImage = layerActivations(config.vision.layer, config.vision.tokens());
    parts.build = [config](const Weights& weights) {
        return std::make_unique<AltClipNetwork>(weights, config);
    };
    parts.mayRemain = {"roberta.pooler."};
    return parts;
}

bool matchesAltClip(const Checkpoint& checkpoint) {
    return checkpoint.modelType() == "altclip";
}

} // namespace

ModelFamily altClipFamily() {
    return dualEncoderFamily<describeAltClip>("altclip", "AltCLIP", matchesAltClip);
}

} // namespace diptych
