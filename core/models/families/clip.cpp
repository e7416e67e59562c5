// SPDX-License-Identifier: GPL-3.0-or-later
// CLIP (Radford et al. 2021) in Hugging Face's CLIPModel layout: OpenAI's, LAION's, MetaCLIP, DFN and their
// like; and in the layout of MetaClip2Model (Chuang et al. 2025), which reads texts of many languages.
#include "core/models/families/clip.h"

#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

LayerSpec layerOf(const ClipTowerConfig& tower) {
    return {tower.hiddenSize, tower.heads, tower.intermediateSize, tower.activation, tower.layerNormEpsilon};
}

VisionTowerSpec visionOf(const ClipConfig& config) {
    VisionTowerSpec spec{layerOf(config.vision), config.vision.layers, config.imageSize, config.patchSize};
    spec.preNorm = "pre_layrnorm"; // spelled so in the checkpoints
    spec.keep = Keep::First;
    return spec;
}

constexpr const char* kTowersNeeded =
    "an image tower is needed: CLIPModel has both, CLIPVisionModel has it alone";

/// Also text towers alone, so that they get an answer that fits.
bool matchesClip(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.modelType();
    return type == "clip" || type == "metaclip_2" || type == "clip_text_model" ||
           type == "metaclip_2_text_model";
}

void refuseTextTower(const Checkpoint& checkpoint) {
    if (const std::string type = checkpoint.modelType(); type.ends_with("_text_model"))
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{}: model_type '{}' is a text tower alone; {}",
                                displayPath(checkpoint.configPath()), type, kTowersNeeded));
    const Weights weights = Weights::shapesOf(checkpoint);
    if (weights.has("text_model") && !weights.has("vision_model"))
        throw Error(ErrorCode::Unsupported, fmt::format("{}: holds the text tower alone; {}",
                                                        displayPath(checkpoint.fileOf("")), kTowersNeeded));
}

DualEncoderParts describeClip(const Checkpoint& checkpoint) {
    refuseTextTower(checkpoint);
    const ClipConfig config = ClipConfig::fromJson(checkpoint.config(), displayPath(checkpoint.configPath()));
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "clip";
    info.familyTitle = checkpoint.modelType() == "metaclip_2" ? "MetaCLIP 2" : "CLIP";
    info.faces = {true, true};
    info.imageSize = static_cast<int>(config.imageSize);
    info.patchSize = static_cast<int>(config.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.pooledDim = info.visionWidth = static_cast<int>(config.vision.hiddenSize);
    info.contextLength = static_cast<int>(config.contextLength);
    info.vocabularySize = static_cast<int>(config.vocabularySize);
    info.visionLayers = static_cast<int>(config.vision.layers);
    info.textLayers = static_cast<int>(config.text.layers);
    info.textWidth = static_cast<int>(config.text.hiddenSize);
    info.facts = {{"Activation", std::string(activationName(config.vision.activation))}};
    parts.activationsPerImage = layerActivations(layerOf(config.vision), config.visionTokens());
    parts.build = [config](const Weights& weights) { return std::make_unique<ClipNetwork>(weights, config); };
    return parts;
}

} // namespace

ModelFamily clipFamily() {
    return dualEncoderFamily<describeClip>("clip", "CLIP", matchesClip);
}

ClipNetwork::ClipNetwork(const Weights& weights, ClipConfig config) : m_config(std::move(config)) {
    const ClipConfig& c = m_config;
    if (weights.isTraining())
        m_logitScale = weights.tensor("logit_scale", {});
    else
        m_scale = std::exp(weights.scalar("logit_scale", {}));
    m_vision = VisionTower(weights.at("vision_model"), visionOf(c));
    m_imageProjection =
        weights.packedLinear("visual_projection", c.projectionSize, c.vision.hiddenSize, false);
    m_text = TextTower(weights.at("text_model"),
                       {layerOf(c.text), c.text.layers, c.vocabularySize, c.contextLength, true});
    m_textProjection = weights.packedLinear("text_projection", c.projectionSize, c.text.hiddenSize, false);
}

at::Tensor ClipNetwork::poolImages(const PixelInput& images) const {
    return m_vision(images.pixels).select(1, 0);
}

at::Tensor ClipNetwork::projectImages(const at::Tensor& pooled) const {
    return m_imageProjection(pooled);
}

at::Tensor ClipNetwork::embedTexts(const at::Tensor& ids, const at::Tensor&) const {
    const at::Tensor positions = textFeaturePositions(ids, m_config.featureToken());
    // The mask is causal and only the feature's position is read, so tokens behind the last one read anywhere
    // in the batch are dead weight: most of a context of 77 for usual prompts.
    const at::Tensor used = ids.narrow(1, 0, positions.max().item<int64_t>() + 1);
    return m_textProjection(m_text.finalNorm()(tokensAt(m_text(used), positions)));
}

Similarity ClipNetwork::similarity() const {
    return {Similarity::Kind::Softmax, m_scale, 0};
}

at::Tensor textFeaturePositions(const at::Tensor& ids, std::optional<int64_t> token) {
    return token ? ids.eq(*token).to(at::kInt).argmax(1) : ids.argmax(1);
}

/// Source: CLIPPreTrainedModel._init_weights of transformers 5.24.
InitialValues clipInitialValues(const ClipConfig& config, const std::string& name) {
    const bool isVision = name.starts_with("vision_model.");
    const ClipTowerConfig& tower = isVision ? config.vision : config.text;
    const double factor = tower.initializerFactor;
    const auto width = static_cast<double>(tower.hiddenSize);
    const auto endsWith = [&](std::string_view end) { return name.ends_with(end); };
    if (name == "logit_scale")
        return {0, config.logitScaleInit};
    if (name == "visual_projection.weight")
        return {config.initializerFactor * std::pow(static_cast<double>(config.vision.hiddenSize), -0.5)};
    if (name == "text_projection.weight")
        return {config.initializerFactor * std::pow(static_cast<double>(config.text.hiddenSize), -0.5)};
    if (endsWith("class_embedding"))
        return {factor * std::pow(width, -0.5)};
    if (endsWith("patch_embedding.weight") || endsWith("position_embedding.weight"))
        return {factor * (isVision ? tower.initializerRange : 0.02)};
    if (endsWith("token_embedding.weight"))
        return {factor * 0.02};
    if (endsWith("fc1.weight"))
        return {factor * std::pow(2.0 * width, -0.5)};
    if (endsWith("out_proj.weight"))
        return {factor * std::pow(width, -0.5)};
    if (endsWith("fc2.weight") || endsWith("_proj.weight"))
        return {factor * std::pow(width, -0.5) * std::pow(2.0 * static_cast<double>(tower.layers), -0.5)};
    return {0, endsWith(".weight") ? 1.0 : 0.0}; // layer norms; biases
}

Weights randomWeights(const ClipConfig& config, uint64_t seed) {
    return Weights::random([config](const std::string& name) { return clipInitialValues(config, name); },
                           seed);
}

} // namespace diptych
