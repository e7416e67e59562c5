// SPDX-License-Identifier: GPL-3.0-or-later
// OpenCLIP's own checkpoints (open_clip_config.json, open_clip_model.safetensors) with its CLIP towers;
// source: open_clip 3.3, CLIP and VisionTransformer.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace diptych {
namespace {

/// Keys of a tower whose default is all that is computed here; another value changes the network.
constexpr std::array<const char*, 13> kOtherNetworks = {
    "timm_model_name", "hf_model_name",       "attentional_pool", "no_causal_mask", "embed_cls",
    "pos_embed_type",  "final_ln_after_pool", "ls_init_value",    "norm_kwargs",    "act_kwargs",
    "no_ln_pre",       "input_patchnorm",     "qk_norm"};

struct OpenClipTower {
    LayerSpec layer;
    int64_t layers = 12;
};

struct OpenClipConfig {
    OpenClipTower vision, text;
    int64_t imageSize = 224, patchSize = 32, vocabularySize = 49408, contextLength = 77, projectionSize = 512;
    int64_t gridSize() const { return imageSize / patchSize; }
};

void refuseOthers(const ConfigSection& section, const Json& object) {
    for (const char* key : kOtherNetworks) {
        const auto found = object.find(key);
        const bool standard = found == object.end() || found->is_null() || *found == false ||
                              (found->is_object() && found->empty()) || *found == "learnable";
        if (!standard)
            section.fail(ErrorCode::Unsupported,
                         fmt::format("'{}' is {}; only OpenCLIP's own CLIP towers are supported", key,
                                     toValidUtf8(found->dump()).substr(0, 60)));
    }
    for (const auto& [key, usual] : {std::pair("pool_type", section.has("patch_size") ? "tok" : "argmax")})
        if (const std::string value = section.text(key, usual); value != usual)
            section.fail(ErrorCode::Unsupported,
                         fmt::format("'{}' is '{}'; only {} is supported", key, toValidUtf8(value), usual));
}

OpenClipTower readTower(const ConfigSection& section, int64_t width, int64_t heads, bool quickGelu) {
    OpenClipTower tower;
    tower.layers = section.size("layers", 12, ConfigSection::kMaxLayers);
    tower.layer.width = width;
    tower.layer.heads = heads;
    if (width % heads != 0)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("'width' ({}) does not divide into {} heads", width, heads));
    const double ratio = section.number("mlp_ratio", 4.0);
    tower.layer.hidden = static_cast<int64_t>(static_cast<double>(width) * ratio);
    if (!(ratio > 0) || tower.layer.hidden < 1 || tower.layer.hidden > ConfigSection::kMaxHidden)
        section.fail(ErrorCode::LimitExceeded, fmt::format("'mlp_ratio' is {}", ratio));
    tower.layer.activation = quickGelu ? Activation::QuickGelu : Activation::Gelu;
    return tower;
}

OpenClipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection root(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection model = root.section("model_cfg");
    const Json& object = checkpoint.config().at("model_cfg");
    const ConfigSection vision = model.section("vision_cfg"), text = model.section("text_cfg");
    refuseOthers(vision, object.value("vision_cfg", Json::object()));
    refuseOthers(text, object.value("text_cfg", Json::object()));
    const bool quickGelu = model.flag("quick_gelu", false);
    OpenClipConfig config;
    config.projectionSize = model.size("embed_dim", 512, ConfigSection::kMaxWidth);
    const int64_t visionWidth = vision.size("width", 768, ConfigSection::kMaxWidth);
    const int64_t headWidth = vision.size("head_width", 64, ConfigSection::kMaxWidth);
    config.vision = readTower(vision, visionWidth, std::max<int64_t>(1, visionWidth / headWidth), quickGelu);
    readPatches(vision, 32, config.imageSize, config.patchSize);
    config.text = readTower(text, text.size("width", 512, ConfigSection::kMaxWidth),
                            text.size("heads", 8, ConfigSection::kMaxWidth), quickGelu);
    config.vocabularySize = text.size("vocab_size", 49408, ConfigSection::kMaxVocabulary);
    config.contextLength = text.size("context_length", 77, ConfigSection::kMaxContext);
    return config;
}

/// A matrix stored as [in, out].
Linear transposed(const Weights& weights, std::string_view name, int64_t in, int64_t out) {
    Linear layer(weights.tensor(name, {in, out}).t(), {});
    if (weights.forInference())
        layer.pack();
    return layer;
}

class OpenClipNetwork final : public DualNetwork {
public:
    OpenClipNetwork(const Weights& weights, const OpenClipConfig& config) {
        constexpr double kEpsilon = 1e-5;
        const Weights visual = weights.at("visual");
        const int64_t d = config.vision.layer.width, width = config.text.layer.width;
        m_classEmbedding = visual.tensor("class_embedding", {d});
        m_patches = PatchEmbedding(visual, "conv1", d, config.patchSize, false);
        m_positions = visual.tensor("positional_embedding", {config.gridSize() * config.gridSize() + 1, d});
        m_preNorm = visual.norm("ln_pre", d, kEpsilon);
        m_vision = Transformer(visual.at("transformer.resblocks"), config.vision.layers, config.vision.layer,
                               kOpenClipNames, Keep::First);
        m_postNorm = visual.norm("ln_post", d, kEpsilon);
        m_imageProjection = transposed(visual, "proj", d, config.projectionSize);
        m_tokens = weights.tensor("token_embedding.weight", {config.vocabularySize, width});
        m_textPositions = weights.tensor("positional_embedding", {config.contextLength, width});
        m_text = Transformer(weights.at("transformer.resblocks"), config.text.layers, config.text.layer,
                             kOpenClipNames);
        m_finalNorm = weights.norm("ln_final", width, kEpsilon);
        m_textProjection = transposed(weights, "text_projection", width, config.projectionSize);
        m_similarity.scale = std::exp(weights.scalar("logit_scale", {}));
        if (weights.has("logit_bias")) {
            m_similarity.kind = Similarity::Kind::Sigmoid;
            m_similarity.bias = weights.scalar("logit_bias", {});
        }
    }

    at::Tensor poolImages(const PixelInput& images) const override {
        const at::Tensor tokens =
            at::cat({m_classEmbedding.expand({images.pixels.size(0), 1, -1}), m_patches(images.pixels)}, 1) +
            m_positions;
        return m_postNorm(m_vision(m_preNorm(tokens)).select(1, 0));
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return m_imageProjection(pooled); }
    /// Taken at the largest id, the end token's; causal, so what stands behind it has no influence.
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override {
        const at::Tensor positions = ids.argmax(1);
        const int64_t length = positions.max().item<int64_t>() + 1;
        const at::Tensor x =
            at::embedding(m_tokens, ids.narrow(1, 0, length)) + m_textPositions.narrow(0, 0, length);
        return m_textProjection(m_finalNorm(tokensAt(m_text(x, {true, {}}), positions)));
    }
    Similarity similarity() const override { return m_similarity; }

private:
    at::Tensor m_classEmbedding, m_positions, m_tokens, m_textPositions;
    PatchEmbedding m_patches;
    LayerNorm m_preNorm, m_postNorm, m_finalNorm;
    Transformer m_vision, m_text;
    Linear m_imageProjection, m_textProjection;
    Similarity m_similarity;
};

DualEncoderParts describeOpenClip(const Checkpoint& checkpoint) {
    const OpenClipConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "open_clip";
    info.familyTitle = "OpenCLIP";
    info.faces = {true, true};
    info.imageSize = static_cast<int>(config.imageSize);
    info.patchSize = static_cast<int>(config.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.pooledDim = info.visionWidth = static_cast<int>(config.vision.layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    info.contextLength = static_cast<int>(config.contextLength);
    info.vocabularySize = static_cast<int>(config.vocabularySize);
    info.textLayers = static_cast<int>(config.text.layers);
    info.textWidth = static_cast<int>(config.text.layer.width);
    info.facts = {{"Activation", std::string(activationName(config.vision.layer.activation))}};
    parts.activationsPerImage =
        layerActivations(config.vision.layer, config.gridSize() * config.gridSize() + 1);
    parts.build = [config](const Weights& weights) {
        return std::make_unique<OpenClipNetwork>(weights, config);
    };
    parts.mayRemain = {"attn_mask"};
    return parts;
}

bool matchesOpenClip(const Checkpoint& checkpoint) {
    const auto found = checkpoint.config().find("model_cfg");
    return found != checkpoint.config().end() && found->is_object();
}

} // namespace

ModelFamily openClipFamily() {
    return dualEncoderFamily<describeOpenClip>("open_clip", "OpenCLIP", matchesOpenClip);
}

} // namespace diptych
