// SPDX-License-Identifier: GPL-3.0-or-later
// CLIP's image tower alone (transformers' CLIPVisionModel and CLIPVisionModelWithProjection): for probes,
// neighbours and maps of images. With a projection its embeddings are those of the whole model.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <optional>

namespace diptych {
namespace {

constexpr TowerDefaults kDefaults = {.activation = Activation::QuickGelu, .epsilon = 1e-5};

struct ClipVisionConfig {
    std::string prefix; ///< of the tower's tensors; transformers 5 writes a tower without projection bare
    VisionTowerSpec tower;
    std::optional<int64_t> projectionSize;
    int64_t embeddingSize() const { return projectionSize.value_or(tower.layer.width); }
};

/// A whole model's configuration may come with the image tower's weights alone.
bool isWholeModel(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    return type == "clip" || type == "metaclip_2";
}

ClipVisionConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const bool whole = isWholeModel(checkpoint);
    const ConfigSection vision = whole ? top.section("vision_config") : top;
    const Weights shapes = Weights::shapesOf(checkpoint);
    ClipVisionConfig config;
    config.prefix = shapes.has("vision_model") ? "vision_model" : "";
    config.tower.layer = readLayer(vision, kDefaults, config.tower.layers);
    readPatches(vision, 32, config.tower.imageSize, config.tower.patchSize);
    config.tower.preNorm = "pre_layrnorm"; // spelled so in the checkpoints
    config.tower.keep = Keep::First;
    if (shapes.has("visual_projection"))
        config.projectionSize = (whole ? top : vision).size("projection_dim", 512, ConfigSection::kMaxWidth);
    return config;
}

class ClipVisionNetwork final : public DualNetwork {
public:
    ClipVisionNetwork(const Weights& weights, const ClipVisionConfig& config)
        : m_tower(config.prefix.empty() ? weights : weights.at(config.prefix), config.tower) {
        if (config.projectionSize)
            m_projection = weights.packedLinear("visual_projection", *config.projectionSize,
                                                config.tower.layer.width, false);
    }
    at::Tensor poolImages(const PixelInput& images) const override {
        return m_tower(images.pixels).select(1, 0);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override {
        return m_projection ? (*m_projection)(pooled) : pooled;
    }
    at::Tensor embedTexts(const at::Tensor&, const at::Tensor&) const override {
        throw Error(ErrorCode::Internal, "An image tower alone has no texts");
    }
    Similarity similarity() const override { return {}; }

private:
    VisionTower m_tower;
    std::optional<Linear> m_projection;
};

DualEncoderParts describeClipVision(const Checkpoint& checkpoint) {
    const ClipVisionConfig config = readConfig(checkpoint);
    const VisionTowerSpec& tower = config.tower;
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "clip_vision";
    info.familyTitle = "CLIP's image tower";
    info.faces = {true, false};
    info.imageSize = static_cast<int>(tower.imageSize);
    info.patchSize = static_cast<int>(tower.patchSize);
    info.embeddingDim = static_cast<int>(config.embeddingSize());
    info.pooledDim = info.visionWidth = static_cast<int>(tower.layer.width);
    info.visionLayers = static_cast<int>(tower.layers);
    info.facts = {{"Activation", std::string(activationName(tower.layer.activation))},
                  {"Projection", config.projectionSize ? "as of the whole model" : "none"}};
    parts.activationsPerImage = layerActivations(tower.layer, tower.tokens());
    parts.build = [config](const Weights& weights) {
        return std::make_unique<ClipVisionNetwork>(weights, config);
    };
    parts.mayRemain = {"logit_scale"}; // of what was taken out of a whole model
    return parts;
}

bool matchesClipVision(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    if (type == "clip_vision_model" || type == "metaclip_2_vision_model")
        return true;
    if (!isWholeModel(checkpoint))
        return false;
    const Weights weights = Weights::shapesOf(checkpoint);
    return weights.has("vision_model") && !weights.has("text_model");
}

} // namespace

ModelFamily clipVisionFamily() {
    return dualEncoderFamily<describeClipVision>("clip_vision", "CLIP's image tower", matchesClipVision);
}

} // namespace diptych
