// SPDX-License-Identifier: GPL-3.0-or-later
// X-CLIP (Ni et al. 2022, arXiv 2208.02816) in Hugging Face's XCLIPModel layout. Frames exchange a message in
// every layer, a small transformer joins them, and texts' embeddings depend on the clip beside them.
#include "core/models/dual_encoder.h"
#include "core/models/families/clip.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"
#include "core/models/nn/attention.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

constexpr Attention::Names kMessageNames = {"q_proj", "k_proj", "v_proj", "out_proj"};
constexpr Attention::Names kPromptNames = {"q_proj", "k_proj", "v_proj", "proj", false};
constexpr TowerDefaults kVisionDefaults = {.activation = Activation::QuickGelu, .epsilon = 1e-5};
constexpr TowerDefaults kTextDefaults = {512, 2048, 12, 8, Activation::QuickGelu, 1e-5};

struct XClipConfig {
    VisionTowerSpec vision;
    TextTowerSpec text;
    LayerSpec joining; ///< of the transformer over frames
    int64_t joiningLayers = 1, frames = 8, projectionSize = 512, promptLayers = 2, promptHeads = 8;
    Activation promptActivation = Activation::QuickGelu;
};

/// The transformer over frames and the prompts, which both work in the space of the embeddings.
void readJoining(const ConfigSection& top, const ConfigSection& vision, XClipConfig& config) {
    config.projectionSize = top.size("projection_dim", 512, ConfigSection::kMaxWidth);
    config.joining = config.vision.layer;
    config.joining.width = vision.size("mit_hidden_size", 512, ConfigSection::kMaxWidth);
    config.joining.hidden = vision.size("mit_intermediate_size", 2048, ConfigSection::kMaxHidden);
    config.joining.heads = vision.size("mit_num_attention_heads", 8, ConfigSection::kMaxWidth);
    config.joiningLayers = vision.size("mit_num_hidden_layers", 1, ConfigSection::kMaxLayers);
    config.promptLayers = top.size("prompt_layers", 2, ConfigSection::kMaxLayers);
    config.promptHeads = top.size("prompt_num_attention_heads", 8, ConfigSection::kMaxWidth);
    config.promptActivation = top.activation("prompt_hidden_act", Activation::QuickGelu);
    if (config.joining.width != config.projectionSize)
        vision.fail(ErrorCode::Corrupt,
                    fmt::format("'mit_hidden_size' is {}, 'projection_dim' {}; they should be equal",
                                config.joining.width, config.projectionSize));
    for (const int64_t heads : {config.joining.heads, config.promptHeads})
        if (config.projectionSize % heads != 0)
            top.fail(ErrorCode::Corrupt, fmt::format("'projection_dim' ({}) does not divide into {} heads",
                                                     config.projectionSize, heads));
}

XClipConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection vision = top.section("vision_config"), text = top.section("text_config");
    XClipConfig config;
    config.vision.layer = readLayer(vision, kVisionDefaults, config.vision.layers);
    readPatches(vision, 32, config.vision.imageSize, config.vision.patchSize);
    config.frames = vision.size("num_frames", 8, 256);
    config.text.layer = readLayer(text, kTextDefaults, config.text.layers);
    config.text.vocabularySize = text.size("vocab_size", 49408, ConfigSection::kMaxVocabulary);
    config.text.contextLength = text.size("max_position_embeddings", 77, ConfigSection::kMaxContext);
    readJoining(top, vision, config);
    return config;
}

/// The image tower over all frames of a clip.
class FrameTower {
public:
    FrameTower() = default;
    FrameTower(const Weights& weights, const XClipConfig& config) : m_frames(config.frames) {
        const LayerSpec& spec = config.vision.layer;
        const Weights embeddings = weights.at("embeddings"), layers = weights.at("encoder.layers");
        m_classEmbedding = embeddings.tensor("class_embedding", {spec.width});
        m_patches = PatchEmbedding(embeddings, "patch_embedding", spec.width, config.vision.patchSize, false);
        m_positions = embeddings.tensor("position_embedding.weight", {config.vision.tokens(), spec.width});
        m_preNorm = weights.norm("pre_layernorm", spec.width, spec.epsilon);
        m_postNorm = weights.norm("post_layernorm", spec.width, spec.epsilon);
        m_layers = Transformer(layers, config.vision.layers, spec, kClipNames);
        for (int64_t i = 0; i < config.vision.layers; ++i) {
            const Weights layer = layers.at(std::to_string(i));
            m_messages.push_back(
                {layer.packedLinear("message_fc", spec.width, spec.width),
                 layer.norm("message_ln", spec.width, spec.epsilon),
                 Attention(layer.at("message_attn"), spec.width, spec.heads, kMessageNames)});
        }
    }
    /// [n * frames, 3, h, w] -> [n * frames, tokens, width]
    at::Tensor operator()(const at::Tensor& pixels) const {
        at::Tensor x = at::cat({m_classEmbedding.expand({pixels.size(0), 1, -1}), m_patches(pixels)}, 1);
        x = m_preNorm(x + m_positions);
        const int64_t count = x.size(0), tokens = x.size(1), d = x.size(2);
        for (int64_t i = 0; i < m_layers.size(); ++i) {
            const Message& message = m_messages[static_cast<size_t>(i)];
            const at::Tensor said = message.start(x.select(1, 0)).view({count / m_frames, m_frames, d});
            const at::Tensor normed = message.norm(said);
            const at::Tensor heard = (said + message.attention(normed, normed)).reshape({count, 1, d});
            x = m_layers.layer(i, at::cat({x, heard}, 1)).narrow(1, 0, tokens);
        }
        return x;
    }
    const LayerNorm& postNorm() const { return m_postNorm; }

private:
    /// What the class token of each frame tells those of the others.
    struct Message {
        Linear start;
        LayerNorm norm;
        Attention attention;
    };
    int64_t m_frames = 1;
    at::Tensor m_classEmbedding, m_positions;
    PatchEmbedding m_patches;
    LayerNorm m_preNorm, m_postNorm;
    Transformer m_layers;
    std::vector<Message> m_messages;
};

/// What a clip adds to the texts.
class PromptGenerator {
public:
    PromptGenerator() = default;
    PromptGenerator(const Weights& weights, const XClipConfig& config)
        : m_activation(config.promptActivation) {
        const int64_t d = config.projectionSize;
        const double epsilon = config.text.layer.epsilon;
        m_norm = weights.norm("layernorm", d, config.vision.layer.epsilon);
        m_alpha = weights.tensor("alpha", {d});
        for (int64_t i = 0; i < config.promptLayers; ++i) {
            const Weights layer = weights.at("decoder." + std::to_string(i));
            m_layers.push_back({layer.norm("norm1", d, epsilon), layer.norm("norm3", d, epsilon),
                                Attention(layer.at("cross_attn"), d, config.promptHeads, kPromptNames),
                                layer.packedLinear("mlp.0", 4 * d, d),
                                layer.packedLinear("mlp.3", d, 4 * d)});
        }
    }
    /// @param x texts [1, t, d]  @param seen [1, patches, d] -> [1, t, d]
    at::Tensor operator()(at::Tensor x, const at::Tensor& seen) const {
        const at::Tensor memory = m_norm(seen);
        for (const Layer& layer : m_layers) {
            x = x + layer.attention(layer.norm1(x), memory);
            x = layer.fc2.addedTo(x, layer.fc1.activated(layer.norm3(x), m_activation));
        }
        return m_alpha * x;
    }

private:
    struct Layer {
        LayerNorm norm1, norm3; // as the checkpoints count
        Attention attention;
        Linear fc1, fc2;
    };
    Activation m_activation = Activation::QuickGelu;
    LayerNorm m_norm;
    at::Tensor m_alpha;
    std::vector<Layer> m_layers;
};

class XClipNetwork final : public DualNetwork {
public:
    XClipNetwork(const Weights& weights, const XClipConfig& config) : m_frames(config.frames) {
        const int64_t d = config.projectionSize, width = config.vision.layer.width;
        m_vision = FrameTower(weights.at("vision_model"), config);
        m_imageProjection = weights.packedLinear("visual_projection", d, width, false);
        m_framePositions = weights.tensor("mit.position_embedding", {1, config.frames, d});
        m_joining =
            Transformer(weights.at("mit.encoder.layers"), config.joiningLayers, config.joining, kClipNames);
        m_promptNorm = weights.norm("prompts_visual_layernorm", width, config.vision.layer.epsilon);
        m_promptProjection = weights.tensor("prompts_visual_projection", {width, d});
        m_prompts = PromptGenerator(weights.at("prompts_generator"), config);
        m_text = TextTower(weights.at("text_model"), config.text);
        m_textProjection = weights.packedLinear("text_projection", d, config.text.layer.width, false);
        m_scale = std::exp(weights.scalar("logit_scale", {}));
    }

    at::Tensor poolImages(const PixelInput& images) const override {
        return joined(m_vision(images.pixels.flatten(0, 1)));
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override {
        // At the largest id, whatever the configuration says.
        return m_textProjection(m_text.finalNorm()(tokensAt(m_text(ids), textFeaturePositions(ids, {}))));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }
    at::Tensor statesOfTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return embedTexts(ids, mask);
    }
    Matched match(const PixelInput& sample, const at::Tensor& embedded, const at::Tensor&) const override {
        const at::Tensor tokens = m_vision(sample.pixels.flatten(0, 1));
        const at::Tensor patches =
            at::matmul(m_promptNorm(tokens.narrow(1, 1, tokens.size(1) - 1)), m_promptProjection);
        const at::Tensor plain = embedded.unsqueeze(0);
        const at::Tensor texts = (plain + m_prompts(plain, patches.mean(0, true))).squeeze(0);
        const auto unit = [](const at::Tensor& x) { return x / x.norm(2, -1, true); };
        return {at::matmul(unit(texts), unit(joined(tokens)).t()) * m_scale, texts};
    }

private:
    /// [n * frames, tokens, width] -> [n, d]: the frames' class states, joined over time
    at::Tensor joined(const at::Tensor& tokens) const {
        const at::Tensor frames = m_imageProjection(m_vision.postNorm()(tokens.select(1, 0)));
        const at::Tensor x = frames.view({-1, m_frames, frames.size(1)});
        return (m_joining(x + m_framePositions) + x).mean(1);
    }

    int64_t m_frames = 1;
    FrameTower m_vision;
    Linear m_imageProjection, m_textProjection;
    at::Tensor m_framePositions, m_promptProjection;
    Transformer m_joining;
    LayerNorm m_promptNorm;
    PromptGenerator m_prompts;
    TextTower m_text;
    float m_scale = 1;
};

DualEncoderParts describeXClip(const Checkpoint& checkpoint) {
    const XClipConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "xclip";
    info.familyTitle = "X-CLIP";
    info.faces.imageEmbeddings = true; // of clips; texts have none of their own
    info.frames = static_cast<int>(config.frames);
    info.imageSize = static_cast<int>(config.vision.imageSize);
    info.patchSize = static_cast<int>(config.vision.patchSize);
    info.embeddingDim = info.pooledDim = static_cast<int>(config.projectionSize);
    info.visionWidth = static_cast<int>(config.vision.layer.width);
    info.visionLayers = static_cast<int>(config.vision.layers);
    info.contextLength = static_cast<int>(config.text.contextLength);
    info.vocabularySize = static_cast<int>(config.text.vocabularySize);
    info.textLayers = static_cast<int>(config.text.layers);
    info.textWidth = static_cast<int>(config.text.layer.width);
    const LayerSpec& layer = config.vision.layer;
    info.facts = {{"Takes", fmt::format("clips of {} frames", config.frames)},
                  {"Activation", std::string(activationName(layer.activation))}};
    parts.activationsPerImage = config.frames * layerActivations(layer, config.vision.tokens() + 1);
    parts.logitsPerPair = 1;
    parts.build = [config](const Weights& weights) {
        return std::make_unique<XClipNetwork>(weights, config);
    };
    return parts;
}

} // namespace

ModelFamily xClipFamily() {
    return dualEncoderFamily<describeXClip>(
        "xclip", "X-CLIP", [](const Checkpoint& checkpoint) { return checkpoint.modelType() == "xclip"; });
}

} // namespace diptych
