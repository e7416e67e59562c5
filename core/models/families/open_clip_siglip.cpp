// SPDX-License-Identifier: GPL-3.0-or-later
// SigLIP and SigLIP 2 in OpenCLIP's own folders, whose image tower is timm's; source: open_clip 3.3
// (CustomTextCLIP, TimmModel) and timm 1.0 (VisionTransformer, AttentionPoolLatent).
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"
#include "core/models/nn/pooling.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace diptych {
namespace {

constexpr double kEpsilon = 1e-6;
const LayerNames kTimmNames = {"norm1", nullptr,   nullptr,   nullptr,    "attn.proj",
                               "norm2", "mlp.fc1", "mlp.fc2", "attn.qkv."};

/// What timm's names stand for and their tensors do not show. The first that fits counts.
struct Trunk {
    std::string_view start;
    int64_t heads;
    Activation activation;
};
constexpr std::array<Trunk, 7> kTrunks = {{
    {"vit_base_patch32_siglip", 12, Activation::GeluTanh},
    {"vit_base_patch16_siglip", 12, Activation::Gelu},
    {"vit_large_patch16_siglip_512", 16, Activation::GeluTanh},
    {"vit_large_patch16_siglip", 16, Activation::Gelu},
    {"vit_so400m_patch14_siglip", 16, Activation::Gelu},
    {"vit_so400m_patch16_siglip", 16, Activation::GeluTanh},
    {"vit_giantopt_patch16_siglip", 16, Activation::GeluTanh},
}};

struct Config {
    LayerSpec vision, text;
    int64_t visionLayers = 0, textLayers = 12, imageSize = 224, patchSize = 16;
    int64_t vocabularySize = 32000, contextLength = 64, projectionSize = 768;
    int64_t patches() const { return (imageSize / patchSize) * (imageSize / patchSize); }
};

/// One side of a tensor. @throws Error NotFound naming it
int64_t sizeOf(const Checkpoint& checkpoint, const std::string& name, size_t dimension) {
    const TensorView* tensor = checkpoint.find(name);
    if (!tensor || tensor->shape.size() <= dimension || tensor->shape[dimension] < 1)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: tensor '{}' of timm's image tower is missing or has another form",
                                displayPath(checkpoint.fileOf(name)), name));
    return tensor->shape[dimension];
}

void readTrunk(const Checkpoint& checkpoint, const ConfigSection& section, Config& config) {
    const std::string name = section.text("timm_model_name", "");
    const auto trunk =
        std::ranges::find_if(kTrunks, [&](const Trunk& one) { return name.starts_with(one.start); });
    if (trunk == kTrunks.end() || name.find("_gap_") != std::string::npos)
        section.fail(
            ErrorCode::Unsupported,
            fmt::format("'timm_model_name' is '{}'; of timm's image towers only those of SigLIP with "
                        "attention pooling are supported",
                        toValidUtf8(name)));
    for (const auto& [key, usual] : {std::pair("timm_pool", "map"), std::pair("timm_proj", "none")})
        if (const std::string value = section.text(key, usual); value != usual)
            section.fail(ErrorCode::Unsupported,
                         fmt::format("'{}' is '{}'; only {} is supported", key, toValidUtf8(value), usual));
    const std::string root = "visual.trunk.";
    config.vision.width = sizeOf(checkpoint, root + "patch_embed.proj.weight", 0);
    config.vision.hidden = sizeOf(checkpoint, root + "blocks.0.mlp.fc1.weight", 0);
    config.patchSize = sizeOf(checkpoint, root + "patch_embed.proj.weight", 2);
    config.vision.heads = trunk->heads;
    config.vision.activation = trunk->activation;
    config.vision.epsilon = kEpsilon;
    while (checkpoint.find(fmt::format("{}blocks.{}.norm1.weight", root, config.visionLayers)))
        ++config.visionLayers;
    config.imageSize = section.size("image_size", 224, ConfigSection::kMaxImageSize);
    if (config.vision.width % config.vision.heads != 0 || config.patchSize > config.imageSize)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("the image tower is {} wide with patches of {} pixels, which does not fit "
                                 "'{}' at {} pixels",
                                 config.vision.width, config.patchSize, name, config.imageSize));
}

void readText(const ConfigSection& section, const Json& object, Config& config) {
    LayerSpec& layer = config.text;
    layer.width = section.size("width", 768, ConfigSection::kMaxWidth);
    layer.heads = section.size("heads", 12, ConfigSection::kMaxWidth);
    const double hidden = section.number("mlp_ratio", 4.0) * static_cast<double>(layer.width);
    if (layer.width % layer.heads != 0 || !(hidden >= 1 && hidden <= ConfigSection::kMaxHidden))
        section.fail(ErrorCode::Corrupt, "'width', 'heads' and 'mlp_ratio' do not fit each other");
    layer.hidden = static_cast<int64_t>(hidden);
    layer.epsilon = section.section("norm_kwargs").number("eps", 1e-5);
    const bool tanh = section.section("act_kwargs").text("approximate", "none") == "tanh";
    layer.activation = tanh ? Activation::GeluTanh : Activation::Gelu;
    config.textLayers = section.size("layers", 12, ConfigSection::kMaxLayers);
    config.vocabularySize = section.size("vocab_size", 32000, ConfigSection::kMaxVocabulary);
    config.contextLength = section.size("context_length", 64, ConfigSection::kMaxContext);
    if (object.contains("hf_model_name") || !section.flag("no_causal_mask", false) ||
        !section.flag("proj_bias", false) || section.text("pool_type", "argmax") != "last")
        section.fail(ErrorCode::Unsupported, "this is not the text tower of SigLIP (no causal mask, the last "
                                             "token's feature, a projection with bias)");
}

Config readConfig(const Checkpoint& checkpoint) {
    const ConfigSection root(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection model = root.section("model_cfg");
    const ConfigSection vision = model.section("vision_cfg"), text = model.section("text_cfg");
    Config config;
    config.projectionSize = model.size("embed_dim", 768, ConfigSection::kMaxWidth);
    readTrunk(checkpoint, vision, config);
    readText(text, checkpoint.config().at("model_cfg").value("text_cfg", Json::object()), config);
    if (config.projectionSize != config.vision.width)
        model.fail(ErrorCode::Corrupt, fmt::format("'embed_dim' is {}, the image tower is {} wide",
                                                   config.projectionSize, config.vision.width));
    return config;
}

class OpenClipSiglipNetwork final : public DualNetwork {
public:
    OpenClipSiglipNetwork(const Weights& weights, const Config& config) {
        const Weights trunk = weights.at("visual.trunk"), text = weights.at("text");
        const int64_t d = config.vision.width, width = config.text.width;
        m_patches = PatchEmbedding(trunk, "patch_embed.proj", d, config.patchSize, true);
        m_positions = trunk.tensor("pos_embed", {1, config.patches(), d});
        m_vision = Transformer(trunk.at("blocks"), config.visionLayers, config.vision, kTimmNames);
        m_postNorm = trunk.norm("norm", d, kEpsilon);
        m_pool = AttentionPool::ofTimm(trunk.at("attn_pool"), config.vision);
        m_tokens = text.tensor("token_embedding.weight", {config.vocabularySize, width});
        m_textPositions = text.tensor("positional_embedding", {config.contextLength, width});
        m_text =
            Transformer(text.at("transformer.resblocks"), config.textLayers, config.text, kOpenClipNames);
        m_finalNorm = text.norm("ln_final", width, config.text.epsilon);
        m_head = text.packedLinear("text_projection", config.projectionSize, width);
        m_similarity = {Similarity::Kind::Sigmoid, std::exp(weights.scalar("logit_scale", {})),
                        weights.scalar("logit_bias", {})};
    }
    at::Tensor poolImages(const PixelInput& images) const override {
        return m_pool(m_postNorm(m_vision(m_patches(images.pixels) + m_positions)));
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    /// The feature is the last token's, padding or not.
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor&) const override {
        const at::Tensor x = m_text(at::embedding(m_tokens, ids) + m_textPositions.narrow(0, 0, ids.size(1)));
        return m_head(m_finalNorm(x.select(1, ids.size(1) - 1)));
    }
    Similarity similarity() const override { return m_similarity; }

private:
    PatchEmbedding m_patches;
    at::Tensor m_positions, m_tokens, m_textPositions;
    Transformer m_vision, m_text;
    LayerNorm m_postNorm, m_finalNorm;
    AttentionPool m_pool;
    Linear m_head;
    Similarity m_similarity;
};

DualEncoderParts describe(const Checkpoint& checkpoint) {
    const Config config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "open_clip_siglip";
    info.familyTitle = "SigLIP (OpenCLIP)";
    info.faces = {.imageEmbeddings = true, .textEmbeddings = true};
    info.imageSize = static_cast<int>(config.imageSize);
    info.patchSize = static_cast<int>(config.patchSize);
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(config.vision.width);
    info.visionLayers = static_cast<int>(config.visionLayers);
    info.contextLength = static_cast<int>(config.contextLength);
    info.vocabularySize = static_cast<int>(config.vocabularySize);
    info.textLayers = static_cast<int>(config.textLayers);
    info.textWidth = static_cast<int>(config.text.width);
    info.facts = {{"Activation", std::string(activationName(config.vision.activation))},
                  {"Image pooling", "attention"}};
    parts.activationsPerImage = layerActivations(config.vision, config.patches());
    parts.build = [config](const Weights& weights) {
        return std::make_unique<OpenClipSiglipNetwork>(weights, config);
    };
    return parts;
}

bool matches(const Checkpoint& checkpoint) {
    const Json& config = checkpoint.config();
    const auto model = config.find("model_cfg");
    if (model == config.end() || !model->is_object())
        return false;
    const auto vision = model->find("vision_cfg");
    return vision != model->end() && vision->is_object() && vision->contains("timm_model_name");
}

} // namespace

ModelFamily openClipSiglipFamily() {
    return dualEncoderFamily<describe>("open_clip_siglip", "SigLIP (OpenCLIP)", matches);
}

} // namespace diptych
