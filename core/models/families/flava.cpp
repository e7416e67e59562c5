// SPDX-License-Identifier: GPL-3.0-or-later
// FLAVA (Singh et al. 2022) in Hugging Face's FlavaModel and FlavaForPreTraining layouts. Its contrastive
// embeddings are the projected class states of the image and the text encoder; its image-text matching head
// reads the class state of the multimodal encoder over both.
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
    LayerSpec multimodal; ///< where the matching head is there
    int64_t multimodalLayers = 0;
    bool matches = false; ///< the image-text matching head is there
    std::string heads;    ///< what the checkpoint holds besides, for people
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
    config.matches = weights.has("itm_head");
    if (config.matches) {
        const ConfigSection multimodal = top.section("multimodal_config");
        config.multimodal = readLayer(multimodal, {.layers = 6}, config.multimodalLayers);
        if (!multimodal.flag("use_cls_token", true))
            multimodal.fail(ErrorCode::Unsupported,
                            "'use_cls_token' is false; image-text matching reads the class token");
        // Matching reads all tokens of both encoders.
        config.image.keep = config.text.keep = Keep::All;
    }
    for (const auto& [part, title] :
         {std::pair("mim_head", "masked image modelling"), std::pair("mlm_head", "masked language modelling"),
          std::pair("mmm_text_head", "masked multimodal modelling"),
          std::pair("image_codebook", "image codebook")})
        if (weights.has(part))
            config.heads += (config.heads.empty() ? "" : ", ") + std::string(title);
    return config;
}

/// The multimodal encoder and the head that says whether image and text belong together.
class FlavaMatching {
public:
    FlavaMatching() = default;
    FlavaMatching(const Weights& root, const Weights& model, const FlavaConfig& config) {
        const int64_t d = config.multimodal.width;
        m_fromImage = model.packedLinear("image_to_mm_projection", d, config.image.layer.width);
        m_fromText = model.packedLinear("text_to_mm_projection", d, config.text.layer.width);
        const Weights encoder = model.at("multimodal_model");
        m_classToken = encoder.tensor("cls_token", {1, 1, d});
        m_layers = Transformer(encoder.at("encoder.layer"), config.multimodalLayers, config.multimodal,
                               kVitNames, Keep::First);
        m_norm = encoder.norm("layernorm", d, config.multimodal.epsilon);
        m_pooler = root.packedLinear("itm_head.pooler.dense", d, d);
        m_head = root.packedLinear("itm_head.seq_relationship", 2, d);
    }
    /// @param image [1, i, d] and @param text [t, l, d]: the encoders' states before their last norms
    /// @param mask [t, l] -> [t, 2]: logits of "does not match" and "matches"
    at::Tensor operator()(const at::Tensor& image, const at::Tensor& text, const at::Tensor& mask) const {
        const int64_t n = text.size(0);
        const at::Tensor seen = m_fromImage(image).expand({n, -1, -1});
        const at::Tensor x = at::cat({m_classToken.expand({n, 1, -1}), seen, m_fromText(text)}, 1);
        const at::Tensor whole = at::cat({mask.new_ones({n, 1 + seen.size(1)}), mask}, 1);
        const at::Tensor pair = m_norm(m_layers(x, {false, whole.unsqueeze(1).unsqueeze(1)}).select(1, 0));
        return m_head(m_pooler(pair).tanh());
    }

private:
    Linear m_fromImage, m_fromText, m_pooler, m_head;
    at::Tensor m_classToken;
    Transformer m_layers;
    LayerNorm m_norm;
};

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
        if (config.matches)
            m_matching = FlavaMatching(root, weights, config);
    }
    at::Tensor poolImages(const PixelInput& images) const override {
        return m_image.finalNorm()(m_image.states(images.pixels, Keep::First)).select(1, 0);
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return m_imageProjection(pooled); }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_textProjection(m_text(ids, mask).select(1, 0));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }
    at::Tensor statesOfTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_text.states(ids, mask, Keep::All);
    }
    Matched match(const PixelInput& sample, const at::Tensor& texts, const at::Tensor& mask) const override {
        return {m_matching(m_image.states(sample.pixels, Keep::All), texts, mask), {}};
    }

private:
    VitTower m_image;
    Linear m_imageProjection;
    BertTower m_text;
    Linear m_textProjection;
    float m_scale = 1;
    FlavaMatching m_matching;
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
    parts.logitsPerPair = config.matches ? 2 : 0;
    parts.mayRemain = {"_model.pooler.", "mask_token"};
    if (!config.matches)
        parts.mayRemain.insert(parts.mayRemain.end(), {"multimodal_model.", "_mm_projection."});
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
