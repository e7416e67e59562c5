// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/siglip_text.h"

#include "core/models/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace diptych {

SiglipTextSpec readSiglipText(const ConfigSection& top, int64_t imageWidth) {
    const ConfigSection text = top.section("text_config");
    SiglipTextSpec spec;
    spec.tower.layer = readLayer(text, kSiglipDefaults, spec.tower.layers);
    spec.tower.vocabularySize = text.size("vocab_size", 32000, ConfigSection::kMaxVocabulary);
    spec.tower.contextLength = text.size("max_position_embeddings", 64, ConfigSection::kMaxContext);
    spec.tower.causal = false;
    spec.projectionSize = text.size("projection_size", spec.tower.layer.width, ConfigSection::kMaxWidth);
    if (spec.projectionSize != imageWidth)
        text.fail(ErrorCode::Corrupt,
                  fmt::format("'projection_size' is {}, the image tower is {} wide; both should be one space",
                              spec.projectionSize, imageWidth));
    return spec;
}

void requireHead(const ConfigSection& vision) {
    if (!vision.flag("vision_use_head", true))
        vision.fail(ErrorCode::Unsupported,
                    "'vision_use_head' is false; only models with an attention pooling head are supported");
}

void describeSiglipText(const SiglipTextSpec& spec, ModelInfo& info) {
    info.contextLength = static_cast<int>(spec.tower.contextLength);
    info.vocabularySize = static_cast<int>(spec.tower.vocabularySize);
    info.textLayers = static_cast<int>(spec.tower.layers);
    info.textWidth = static_cast<int>(spec.tower.layer.width);
}

bool hasFlatPatches(const Checkpoint& checkpoint) {
    // An image tower alone comes with the prefix or without it.
    return std::ranges::any_of(std::array{"vision_model.", ""}, [&](const std::string& prefix) {
        const TensorView* weight = checkpoint.find(prefix + "embeddings.patch_embedding.weight");
        return weight && weight->shape.size() == 2;
    });
}

Weights siglipVision(const Weights& weights, bool alone) {
    return alone && !weights.has("vision_model") ? weights : weights.at("vision_model");
}

SiglipText::SiglipText(const Weights& weights, const SiglipTextSpec& spec)
    : m_tower(weights.at("text_model"), spec.tower),
      m_head(weights.packedLinear("text_model.head", spec.projectionSize, spec.tower.layer.width)),
      m_similarity{Similarity::Kind::Sigmoid, std::exp(weights.scalar("logit_scale", {1})),
                   weights.scalar("logit_bias", {1})} {}

at::Tensor SiglipText::operator()(const at::Tensor& ids) const {
    return m_head(m_tower.finalNorm()(m_tower(ids).select(1, ids.size(1) - 1)));
}

} // namespace diptych
