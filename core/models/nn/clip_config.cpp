// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/clip_config.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

// Generous bounds: several times the largest CLIP published, small enough that no product of them overflows.
constexpr int64_t kMaxWidth = 16384;
constexpr int64_t kMaxIntermediate = 131072;
constexpr int64_t kMaxLayers = 256;
constexpr int64_t kMaxImageSize = 4096;
constexpr int64_t kMaxVocabulary = 4'000'000;
constexpr int64_t kMaxContext = 65536;

/// Reads the keys of one JSON object; every complaint names object and key.
class Section {
public:
    Section(const Json& object, std::string where) : m_object(object), m_where(std::move(where)) {
        if (!object.is_object())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: should be a JSON object", m_where));
    }

    int64_t integer(const char* key, int64_t fallback) const {
        return jsonInt(m_object, key, fallback, m_where);
    }
    int64_t size(const char* key, int64_t fallback, int64_t most) const {
        const int64_t value = integer(key, fallback);
        if (value < 1 || value > most)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("{}: '{}' is {}; 1 to {} is allowed", m_where, key, value, most));
        return value;
    }
    double number(const char* key, double fallback) const {
        return jsonNumber(m_object, key, fallback, m_where);
    }
    std::string text(const char* key, const std::string& fallback) const {
        return jsonString(m_object, key, fallback, m_where);
    }
    [[noreturn]] void fail(ErrorCode code, const std::string& problem) const {
        throw Error(code, fmt::format("{}: {}", m_where, problem));
    }

private:
    const Json& m_object;
    std::string m_where;
};

Activation readActivation(const Section& section) {
    const std::string name = section.text("hidden_act", "quick_gelu");
    if (name == "quick_gelu")
        return Activation::QuickGelu;
    if (name == "gelu")
        return Activation::Gelu;
    if (name == "gelu_pytorch_tanh" || name == "gelu_new")
        return Activation::GeluTanh;
    section.fail(ErrorCode::Unsupported,
                 fmt::format("'hidden_act' is '{}'; quick_gelu, gelu, gelu_pytorch_tanh "
                             "and gelu_new are known",
                             toValidUtf8(name)));
}

void readTower(const Section& section, ClipTowerConfig& tower) {
    tower.hiddenSize = section.size("hidden_size", tower.hiddenSize, kMaxWidth);
    tower.intermediateSize = section.size("intermediate_size", tower.intermediateSize, kMaxIntermediate);
    tower.layers = section.size("num_hidden_layers", tower.layers, kMaxLayers);
    tower.heads = section.size("num_attention_heads", tower.heads, kMaxWidth);
    if (tower.hiddenSize % tower.heads != 0)
        section.fail(ErrorCode::Corrupt, fmt::format("'hidden_size' ({}) is not a multiple of "
                                                     "'num_attention_heads' ({})",
                                                     tower.hiddenSize, tower.heads));
    tower.activation = readActivation(section);
    tower.layerNormEpsilon = section.number("layer_norm_eps", tower.layerNormEpsilon);
    if (!(tower.layerNormEpsilon > 0 && tower.layerNormEpsilon < 1))
        section.fail(ErrorCode::Corrupt, fmt::format("'layer_norm_eps' is {}; between 0 and 1 is allowed",
                                                     tower.layerNormEpsilon));
    tower.initializerFactor = section.number("initializer_factor", tower.initializerFactor);
    tower.initializerRange = section.number("initializer_range", tower.initializerRange);
}

/// The section of a tower: <name>_dict where present, else <name>, else all defaults.
const Json& towerObject(const Json& config, const std::string& name) {
    static const Json kEmpty = Json::object();
    for (const std::string& key : {name + "_dict", name}) {
        const auto found = config.find(key);
        if (found != config.end() && !found->is_null())
            return *found;
    }
    return kEmpty;
}

Json towerJson(const ClipTowerConfig& tower, const char* modelType) {
    return {{"model_type", modelType},
            {"hidden_size", tower.hiddenSize},
            {"intermediate_size", tower.intermediateSize},
            {"num_hidden_layers", tower.layers},
            {"num_attention_heads", tower.heads},
            {"hidden_act", activationName(tower.activation)},
            {"layer_norm_eps", tower.layerNormEpsilon},
            {"attention_dropout", 0.0},
            {"initializer_factor", tower.initializerFactor},
            {"initializer_range", tower.initializerRange}};
}

void addNorm(std::vector<ParameterShape>& shapes, const std::string& name, int64_t width) {
    shapes.push_back({name + ".weight", {width}});
    shapes.push_back({name + ".bias", {width}});
}

void addLinear(std::vector<ParameterShape>& shapes, const std::string& name, int64_t out, int64_t in) {
    shapes.push_back({name + ".weight", {out, in}});
    shapes.push_back({name + ".bias", {out}});
}

void addLayers(std::vector<ParameterShape>& shapes, const std::string& tower, const ClipTowerConfig& config) {
    const int64_t d = config.hiddenSize;
    for (int64_t i = 0; i < config.layers; ++i) {
        const std::string layer = fmt::format("{}.encoder.layers.{}", tower, i);
        addNorm(shapes, layer + ".layer_norm1", d);
        for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"})
            addLinear(shapes, fmt::format("{}.self_attn.{}", layer, part), d, d);
        addNorm(shapes, layer + ".layer_norm2", d);
        addLinear(shapes, layer + ".mlp.fc1", config.intermediateSize, d);
        addLinear(shapes, layer + ".mlp.fc2", d, config.intermediateSize);
    }
}

} // namespace

std::string_view activationName(Activation activation) {
    switch (activation) {
    case Activation::QuickGelu:
        return "quick_gelu";
    case Activation::Gelu:
        return "gelu";
    case Activation::GeluTanh:
        return "gelu_pytorch_tanh";
    }
    return "quick_gelu";
}

ClipConfig ClipConfig::fromJson(const Json& config, std::string_view where) {
    ClipConfig result;
    const Section top(config, std::string(where));
    result.projectionSize = top.size("projection_dim", result.projectionSize, kMaxWidth);
    result.logitScaleInit = top.number("logit_scale_init_value", result.logitScaleInit);
    result.initializerFactor = top.number("initializer_factor", result.initializerFactor);

    const Section text(towerObject(config, "text_config"), fmt::format("{}, text_config", where));
    readTower(text, result.text);
    result.vocabularySize = text.size("vocab_size", result.vocabularySize, kMaxVocabulary);
    result.contextLength = text.size("max_position_embeddings", result.contextLength, kMaxContext);
    result.padTokenId = text.integer("pad_token_id", result.padTokenId);
    result.bosTokenId = text.integer("bos_token_id", result.bosTokenId);
    result.eosTokenId = text.integer("eos_token_id", result.eosTokenId);

    const Section vision(towerObject(config, "vision_config"), fmt::format("{}, vision_config", where));
    readTower(vision, result.vision);
    result.imageSize = vision.size("image_size", result.imageSize, kMaxImageSize);
    result.patchSize = vision.size("patch_size", result.patchSize, kMaxImageSize);
    if (result.patchSize > result.imageSize)
        vision.fail(ErrorCode::Corrupt, fmt::format("'patch_size' ({}) is larger than 'image_size' ({})",
                                                    result.patchSize, result.imageSize));
    const int64_t channels = vision.integer("num_channels", 3);
    if (channels != 3)
        vision.fail(ErrorCode::Unsupported,
                    fmt::format("'num_channels' is {}; only 3 is supported", channels));
    return result;
}

Json ClipConfig::toJson() const {
    Json textJson = towerJson(text, "clip_text_model");
    textJson.update(Json{{"vocab_size", vocabularySize},
                         {"max_position_embeddings", contextLength},
                         {"projection_dim", projectionSize},
                         {"pad_token_id", padTokenId},
                         {"bos_token_id", bosTokenId},
                         {"eos_token_id", eosTokenId}});
    Json visionJson = towerJson(vision, "clip_vision_model");
    visionJson.update(Json{{"image_size", imageSize},
                           {"patch_size", patchSize},
                           {"num_channels", 3},
                           {"projection_dim", projectionSize}});
    return {{"architectures", {"CLIPModel"}},          {"model_type", "clip"},
            {"projection_dim", projectionSize},        {"logit_scale_init_value", logitScaleInit},
            {"initializer_factor", initializerFactor}, {"text_config", std::move(textJson)},
            {"vision_config", std::move(visionJson)}};
}

std::vector<ParameterShape> ClipConfig::parameterShapes() const {
    std::vector<ParameterShape> shapes;
    shapes.push_back({"logit_scale", {}});
    shapes.push_back({"vision_model.embeddings.class_embedding", {vision.hiddenSize}});
    shapes.push_back(
        {"vision_model.embeddings.patch_embedding.weight", {vision.hiddenSize, 3, patchSize, patchSize}});
    shapes.push_back(
        {"vision_model.embeddings.position_embedding.weight", {visionTokens(), vision.hiddenSize}});
    addNorm(shapes, "vision_model.pre_layrnorm", vision.hiddenSize); // spelled so in the checkpoints
    addLayers(shapes, "vision_model", vision);
    addNorm(shapes, "vision_model.post_layernorm", vision.hiddenSize);
    shapes.push_back({"visual_projection.weight", {projectionSize, vision.hiddenSize}});
    shapes.push_back({"text_model.embeddings.token_embedding.weight", {vocabularySize, text.hiddenSize}});
    shapes.push_back({"text_model.embeddings.position_embedding.weight", {contextLength, text.hiddenSize}});
    addLayers(shapes, "text_model", text);
    addNorm(shapes, "text_model.final_layer_norm", text.hiddenSize);
    shapes.push_back({"text_projection.weight", {projectionSize, text.hiddenSize}});
    return shapes;
}

} // namespace diptych
