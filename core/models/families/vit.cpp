// SPDX-License-Identifier: GPL-3.0-or-later
// Image towers alone: ViT (Dosovitskiy et al. 2021) and DINOv2 (Oquab et al. 2023) in Hugging Face's layouts.
// They embed images for probes, neighbours and maps, and have no texts.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

namespace diptych {
namespace {

struct VitConfig {
    std::string prefix; ///< of the tower's tensors: a checkpoint with a classifier has one
    VitTowerSpec tower;
};

VitConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const bool dino = checkpoint.modelType() == "dinov2";
    VitConfig config;
    config.prefix = Weights::shapesOf(checkpoint).has(checkpoint.modelType()) ? checkpoint.modelType() : "";
    VitTowerSpec& tower = config.tower;
    TowerDefaults defaults;
    if (dino)
        defaults.epsilon = 1e-6;
    tower.layer = readLayer(top, defaults, tower.layers);
    readPatches(top, dino ? 14 : 16, tower.trainedSize, tower.patchSize);
    tower.names = dino ? &kDinov2Names : &kVitNames;
    tower.imageSize = tower.trainedSize;
    if (dino) {
        if (top.flag("use_swiglu_ffn", false))
            top.fail(ErrorCode::Unsupported,
                     "'use_swiglu_ffn' is true; DINOv2's giant model is not supported");
        tower.layer.layerScale = true;
        tower.layer.hidden = tower.layer.width * top.size("mlp_ratio", 4, 64);
        // Positions are trained at 518 pixels and interpolated to what the preprocessing gives.
        tower.imageSize = checkpoint.imageProcessor().outputWidth();
    }
    return config;
}

class VitNetwork final : public DualNetwork {
public:
    VitNetwork(const Weights& weights, const VitConfig& config)
        : m_tower(config.prefix.empty() ? weights : weights.at(config.prefix), config.tower) {}

    at::Tensor poolImages(const PixelInput& images) const override {
        return m_tower(images.pixels).select(1, 0);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    at::Tensor embedTexts(const at::Tensor&, const at::Tensor&) const override {
        throw Error(ErrorCode::Internal, "An image tower alone has no texts");
    }
    Similarity similarity() const override { return {}; }

private:
    VitTower m_tower;
};

DualEncoderParts describeVit(const Checkpoint& checkpoint) {
    const VitConfig config = readConfig(checkpoint);
    const VitTowerSpec& tower = config.tower;
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "vit";
    info.familyTitle = checkpoint.modelType() == "dinov2" ? "DINOv2" : "ViT";
    info.faces = {true, false};
    info.imageSize = static_cast<int>(tower.imageSize);
    info.patchSize = static_cast<int>(tower.patchSize);
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(tower.layer.width);
    info.visionLayers = static_cast<int>(tower.layers);
    info.facts = {{"Activation", std::string(activationName(tower.layer.activation))},
                  {"Image pooling", "class token"}};
    const int64_t grid = tower.imageSize / tower.patchSize;
    parts.activationsPerImage = layerActivations(tower.layer, 1 + grid * grid);
    parts.build = [config](const Weights& weights) { return std::make_unique<VitNetwork>(weights, config); };
    parts.mayRemain = {"pooler.dense.", "mask_token"};
    return parts;
}

bool matchesVit(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    return type == "vit" || type == "dinov2";
}

} // namespace

ModelFamily vitFamily() {
    return dualEncoderFamily<describeVit>("vit", "ViT, DINOv2", matchesVit);
}

} // namespace diptych
