// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/tower_config.h"

#include <fmt/format.h>

namespace diptych {

LayerSpec readLayer(const ConfigSection& section, const TowerDefaults& defaults, int64_t& layers) {
    LayerSpec layer;
    layer.width = section.size("hidden_size", defaults.width, ConfigSection::kMaxWidth);
    layer.hidden = section.size("intermediate_size", defaults.hidden, ConfigSection::kMaxHidden);
    layers = section.size("num_hidden_layers", defaults.layers, ConfigSection::kMaxLayers);
    layer.heads = section.size("num_attention_heads", defaults.heads, ConfigSection::kMaxWidth);
    if (layer.width % layer.heads != 0)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("'hidden_size' ({}) is not a multiple of 'num_attention_heads' ({})",
                                 layer.width, layer.heads));
    layer.activation = section.activation("hidden_act", defaults.activation);
    layer.epsilon = section.epsilon("layer_norm_eps", defaults.epsilon);
    layer.queryKeyValueBias = section.flag("qkv_bias", true);
    return layer;
}

void readPatches(const ConfigSection& section, int64_t defaultPatch, int64_t& imageSize, int64_t& patchSize) {
    imageSize = section.size("image_size", 224, ConfigSection::kMaxImageSize);
    patchSize = section.size("patch_size", defaultPatch, ConfigSection::kMaxImageSize);
    if (patchSize > imageSize)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("'patch_size' ({}) is larger than 'image_size' ({})", patchSize, imageSize));
    if (const int64_t channels = section.integer("num_channels", 3); channels != 3)
        section.fail(ErrorCode::Unsupported,
                     fmt::format("'num_channels' is {}; only 3 is supported", channels));
}

int64_t layerActivations(const LayerSpec& layer, int64_t tokens) {
    return tokens * (6 * layer.width + 2 * layer.hidden);
}

BertTowerSpec readBert(const ConfigSection& section, int64_t defaultContext) {
    BertTowerSpec spec;
    spec.layer = readLayer(section, {}, spec.layers);
    spec.layer.norm = NormPlacement::After;
    spec.names = &kBertNames;
    spec.vocabularySize = section.size("vocab_size", 30522, ConfigSection::kMaxVocabulary);
    spec.contextLength = section.size("max_position_embeddings", defaultContext, ConfigSection::kMaxContext);
    spec.tokenTypes = section.size("type_vocab_size", 2, 64);
    return spec;
}

void describeBert(const BertTowerSpec& spec, ModelInfo& info) {
    info.contextLength = static_cast<int>(spec.usableLength());
    info.vocabularySize = static_cast<int>(spec.vocabularySize);
    info.textLayers = static_cast<int>(spec.layers);
    info.textWidth = static_cast<int>(spec.layer.width);
}

} // namespace diptych
