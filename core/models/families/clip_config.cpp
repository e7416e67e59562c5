// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/clip_config.h"

#include "core/base/file.h"
#include "core/models/families/tower_config.h"

#include <fmt/format.h>

namespace diptych {
namespace {

void readTower(const ConfigSection& section, ClipTowerConfig& tower) {
    const LayerSpec layer = readLayer(section,
                                      {tower.hiddenSize, tower.intermediateSize, tower.layers, tower.heads,
                                       Activation::QuickGelu, tower.layerNormEpsilon},
                                      tower.layers);
    tower.hiddenSize = layer.width;
    tower.intermediateSize = layer.hidden;
    tower.heads = layer.heads;
    tower.activation = layer.activation;
    tower.layerNormEpsilon = layer.epsilon;
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

} // namespace

ClipConfig ClipConfig::fromJson(const Json& config, std::string_view where) {
    ClipConfig result;
    const ConfigSection top(config, std::string(where));
    result.projectionSize = top.size("projection_dim", result.projectionSize, ConfigSection::kMaxWidth);
    result.logitScaleInit = top.number("logit_scale_init_value", result.logitScaleInit);
    result.initializerFactor = top.number("initializer_factor", result.initializerFactor);

    const ConfigSection text(towerObject(config, "text_config"), fmt::format("{}, text_config", where));
    readTower(text, result.text);
    result.vocabularySize = text.size("vocab_size", result.vocabularySize, ConfigSection::kMaxVocabulary);
    result.contextLength =
        text.size("max_position_embeddings", result.contextLength, ConfigSection::kMaxContext);
    result.padTokenId = text.integer("pad_token_id", result.padTokenId);
    result.bosTokenId = text.integer("bos_token_id", result.bosTokenId);
    result.eosTokenId = text.integer("eos_token_id", result.eosTokenId);
    result.eosMayBeLegacy = top.text("model_type", "clip") != "metaclip_2";

    const ConfigSection vision(towerObject(config, "vision_config"), fmt::format("{}, vision_config", where));
    readTower(vision, result.vision);
    readPatches(vision, result.patchSize, result.imageSize, result.patchSize);
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

} // namespace diptych
