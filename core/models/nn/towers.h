// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/transformer.h"

namespace diptych {

/// Square patches to tokens: a convolution whose stride is its kernel size, as a product with the flattened
/// patches.
class PatchEmbedding {
public:
    PatchEmbedding() = default;
    /// @param name of the convolution, its weight [width, 3, patch, patch]
    PatchEmbedding(const Weights& weights, std::string_view name, int64_t width, int64_t patch, bool bias);
    /// [n, 3, h, w] -> [n, (h / patch)(w / patch), width], row by row. Rows and columns beyond the last whole
    /// patch are not seen, as with the convolution.
    at::Tensor operator()(const at::Tensor& pixels) const;

private:
    Linear m_product;
    int64_t m_patch = 1;
};

/// What differs among the image towers with CLIP's names (transformers' CLIPVisionTransformer and its kin).
struct VisionTowerSpec {
    LayerSpec layer;
    int64_t layers = 0, imageSize = 0, patchSize = 1; ///< pixels; imageSize is at least patchSize
    bool classToken = true;                           ///< one more token, before the patches
    bool patchBias = false;
    const char* preNorm = nullptr; ///< its name, null where there is none
    const char* layersName = "encoder.layers";
    Keep keep = Keep::All;
    int64_t gridSize() const { return imageSize / patchSize; } ///< patches along one side
    int64_t tokens() const { return gridSize() * gridSize() + (classToken ? 1 : 0); }
};

/// Patches, positions and layers of an image tower, with the norm behind them.
class VisionTower {
public:
    VisionTower() = default;
    VisionTower(const Weights& weights, const VisionTowerSpec& spec);
    /// [n, 3, imageSize, imageSize] -> [n, tokens kept, width] after the last norm
    at::Tensor operator()(const at::Tensor& pixels) const;

private:
    VisionTowerSpec m_spec;
    at::Tensor m_classEmbedding, m_positions;
    PatchEmbedding m_patches;
    std::optional<LayerNorm> m_preNorm;
    Transformer m_layers;
    LayerNorm m_postNorm;
};

/// What differs among the text towers with CLIP's names.
struct TextTowerSpec {
    LayerSpec layer;
    int64_t layers = 0, vocabularySize = 0, contextLength = 0;
    bool causal = true;
};

/// Token and position embeddings, layers and the norm behind them.
class TextTower {
public:
    TextTower() = default;
    TextTower(const Weights& weights, const TextTowerSpec& spec);
    /// @param ids [n, length] int64, on the tower's device, length <= contextLength, inside the vocabulary
    /// -> [n, length, width] before the last norm
    at::Tensor operator()(const at::Tensor& ids) const;
    const LayerNorm& finalNorm() const { return m_finalNorm; }

private:
    bool m_causal = true;
    at::Tensor m_tokens, m_positions;
    Transformer m_layers;
    LayerNorm m_finalNorm;
};

/// What differs among the image towers with ViT's names (transformers' ViTModel and its kin).
struct VitTowerSpec {
    LayerSpec layer;
    int64_t layers = 0, patchSize = 1;
    int64_t trainedSize = 0; ///< pixels of a side that the stored positions are for
    int64_t imageSize = 0;   ///< pixels of a side that comes in; positions are interpolated to it
    const LayerNames* names = nullptr;
    Keep keep = Keep::First;
};

/// Patches with a class token, positions, layers and the norm behind them.
class VitTower {
public:
    VitTower() = default;
    VitTower(const Weights& weights, const VitTowerSpec& spec);
    /// [n, 3, imageSize, imageSize] -> [n, tokens kept, width] after the last norm
    at::Tensor operator()(const at::Tensor& pixels) const { return m_finalNorm(states(pixels, m_keep)); }
    /// The same before the last norm.
    at::Tensor states(const at::Tensor& pixels, Keep keep) const;
    const LayerNorm& finalNorm() const { return m_finalNorm; }

private:
    Keep m_keep = Keep::First;
    at::Tensor m_classToken, m_positions; ///< [1, 1, d], [1, 1 + patches, d]
    PatchEmbedding m_patches;
    Transformer m_layers;
    LayerNorm m_finalNorm;
};

/// What differs among the text towers with BERT's embeddings (transformers' BertModel and its kin).
struct BertTowerSpec {
    LayerSpec layer;
    int64_t layers = 0, vocabularySize = 0, contextLength = 0, tokenTypes = 2;
    const LayerNames* names = nullptr;
    const char* finalNorm = nullptr; ///< its name, null where there is none
    /// RoBERTa's positions: tokens with another id than this are counted, from the position behind it on.
    std::optional<int64_t> paddingId = {};
    Keep keep = Keep::First;
    /// Tokens of the longest text that has positions.
    int64_t usableLength() const { return contextLength - (paddingId ? *paddingId + 1 : 0); }
};

/// Token, position and type embeddings (all of type 0), a norm, layers.
class BertTower {
public:
    BertTower() = default;
    BertTower(const Weights& weights, const BertTowerSpec& spec);
    /// @param ids [n, length] int64, length <= usableLength() @param mask [n, length] bool, false for padding
    /// -> [n, tokens kept, width]
    at::Tensor operator()(const at::Tensor& ids, const at::Tensor& mask) const;
    /// The same before the last norm.
    at::Tensor states(const at::Tensor& ids, const at::Tensor& mask, Keep keep) const;

private:
    at::Tensor positionsOf(const at::Tensor& ids) const;

    Keep m_keep = Keep::First;
    std::optional<int64_t> m_paddingId;
    at::Tensor m_tokens, m_positions; ///< positions hold the embedding of token type 0 as well
    LayerNorm m_norm;
    Transformer m_layers;
    std::optional<LayerNorm> m_finalNorm;
};

/// Rows of one token each: tokens [n, t, d], positions [n] int64 -> [n, d]
at::Tensor tokensAt(const at::Tensor& tokens, const at::Tensor& positions);

} // namespace diptych
