// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/models/nn/activation.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace diptych {

/// One transformer tower.
struct ClipTowerConfig {
    int64_t hiddenSize = 0, intermediateSize = 0, layers = 0, heads = 0;
    Activation activation = Activation::QuickGelu;
    double layerNormEpsilon = 1e-5;
    double initializerFactor = 1.0, initializerRange = 0.02; ///< for training from scratch only
};

/// What a CLIP config.json says, with the defaults of Hugging Face transformers' CLIPConfig (5.x) for what it
/// leaves out. Plain values; the defaults here are those of openai/clip-vit-base-patch32.
struct ClipConfig {
    ClipTowerConfig vision{768, 3072, 12, 12};
    ClipTowerConfig text{512, 2048, 12, 8};
    int64_t imageSize = 224, patchSize = 32;
    int64_t vocabularySize = 49408, contextLength = 77;
    int64_t padTokenId = 1, bosTokenId = 49406;
    int64_t eosTokenId = 49407;
    /// An eosTokenId of 2 marks old configurations and says nothing of the tokens. Not so in MetaCLIP 2's,
    /// whose texts do end with 2.
    bool eosMayBeLegacy = true;
    int64_t projectionSize = 512;
    double logitScaleInit = 2.6592; ///< natural logarithm of the scale
    double initializerFactor = 1.0;

    /// Understands text_config/vision_config and the older text_config_dict/vision_config_dict (which, with
    /// their own defaults, win over the former as in transformers).
    /// @param where names the source in messages. @throws Error that names the key: wrong type, a size that
    /// is absurd, an activation that is not known
    static ClipConfig fromJson(const Json& config, std::string_view where);
    /// config.json in Hugging Face's layout. fromJson(toJson()) gives the same values.
    Json toJson() const;

    /// The text feature is taken at the first token with this id; none: where input_ids is largest.
    std::optional<int64_t> featureToken() const {
        constexpr int64_t kLegacyEos = 2;
        return eosMayBeLegacy && eosTokenId == kLegacyEos ? std::nullopt : std::optional(eosTokenId);
    }
    int64_t gridSize() const { return imageSize / patchSize; }           ///< patches along one side
    int64_t visionTokens() const { return gridSize() * gridSize() + 1; } ///< patches and the class token
};

} // namespace diptych
