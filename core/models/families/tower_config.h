// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models: what several families read alike.

#include "core/models/model.h"
#include "core/models/nn/config_section.h"
#include "core/models/nn/towers.h"

namespace diptych {

/// A text_config in BERT's terms, with the defaults of transformers' BertConfig. @throws Error naming the key
BertTowerSpec readBert(const ConfigSection& section, int64_t defaultContext);
/// Fills in what a person sees of the text tower.
void describeBert(const BertTowerSpec& spec, ModelInfo& info);
/// 'image_size' and 'patch_size' of an image tower, checked against each other; three channels.
/// @throws Error naming the key
void readPatches(const ConfigSection& section, int64_t defaultPatch, int64_t& imageSize, int64_t& patchSize);
/// Floats live at once in one of a tower's layers, for an image of so many tokens: input, normalised, query,
/// key, value, attended; the MLP's hidden values twice.
int64_t layerActivations(const LayerSpec& layer, int64_t tokens);
/// What a configuration leaves out of a tower; the values here are those of transformers' BERT and ViT.
struct TowerDefaults {
    int64_t width = 768, hidden = 3072, layers = 12, heads = 12;
    Activation activation = Activation::Gelu;
    double epsilon = 1e-12;
};
/// Width, layers and the like of one tower, by the names that all of transformers' towers share.
/// @throws Error naming the key
LayerSpec readLayer(const ConfigSection& section, const TowerDefaults& defaults, int64_t& layers);

} // namespace diptych
