// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/weights.h"

#include <vector>

namespace diptych {

/// Where a layer normalises: before attention and MLP (ViT, GPT-2, CLIP), or after adding what they give
/// (BERT).
enum class NormPlacement { Before, After };

/// One transformer layer.
struct LayerSpec {
    int64_t width = 0, heads = 1, hidden = 0; ///< width is a multiple of heads; hidden is the MLP's
    Activation activation = Activation::Gelu;
    double epsilon = 1e-5; ///< of the layer norms
    NormPlacement norm = NormPlacement::Before;
    bool queryKeyValueBias = true;
    bool layerScale = false; ///< what attention and MLP give is multiplied by a learnt vector (CaiT, DINOv2)
};

/// What the tensors of a layer are called, each below the layer's own name.
struct LayerNames {
    const char *norm1, *query, *key, *value, *out, *norm2, *fc1, *fc2;
    /// Query, key and value in one tensor, one after the other: its name up to "weight" or "bias"; null where
    /// they are apart.
    const char* fused = nullptr;
    const char *scale1 = nullptr, *scale2 = nullptr; ///< of LayerSpec::layerScale
};
// The only spellings of these names.
extern const LayerNames kClipNames;     ///< transformers' CLIPEncoder and its copies
extern const LayerNames kVitNames;      ///< transformers' ViTEncoder and its copies
extern const LayerNames kBertNames;     ///< transformers' BertEncoder and its copies
extern const LayerNames kDinov2Names;   ///< transformers' DINOv2
extern const LayerNames kOpenClipNames; ///< OpenCLIP's own towers

/// Who sees whom.
struct Attend {
    bool causal = false; ///< a token sees itself and those before it
    /// [n, 1, 1, tokens] bool, true = may be seen; undefined = all
    at::Tensor mask = {};
};

/// Which tokens of the last layer are wanted. First: its attention and MLP then work on one token instead of
/// all, which is most of a layer's cost.
enum class Keep { All, First };

/// Layers one after the other. The same code trains and infers.
class Transformer {
public:
    Transformer() = default;
    /// @param layers holds the layers as "0", "1", ... @throws Error as Weights
    Transformer(const Weights& layers, int64_t count, const LayerSpec& spec, const LayerNames& names,
                Keep keep = Keep::All);
    /// [n, tokens, width] -> [n, tokens, width], or [n, 1, width] with Keep::First
    at::Tensor operator()(const at::Tensor& x, const Attend& attend = {}) const {
        return run(x, attend, m_keep);
    }
    /// With another choice of the last layer's tokens than the one that was built for.
    at::Tensor run(const at::Tensor& x, const Attend& attend, Keep keep) const;
    /// One layer by itself, for networks that put something between them.
    at::Tensor layer(int64_t index, const at::Tensor& x, const Attend& attend = {}) const;
    int64_t size() const { return static_cast<int64_t>(m_layers.size()); }

private:
    struct Layer {
        LayerNorm norm1, norm2;
        Linear query, key, value, out, fc1, fc2;
        Linear queryKeyValue, keyValue; ///< at most one is set, in place of the single ones
        bool scaledForSwish = false;    ///< fc1 and fc2 hold quick_gelu's slope
    };
    Layer readLayer(const Weights& weights, const LayerNames& names) const;
    void pack(Layer& layer, bool firstTokenOnly) const;
    void packMlp(Layer& layer) const;
    at::Tensor attention(const Layer& layer, const at::Tensor& x, const Attend& attend,
                         bool firstTokenOnly) const;
    at::Tensor mlp(const Layer& layer, const at::Tensor& residual, const at::Tensor& x) const;
    at::Tensor runLayer(const Layer& layer, const at::Tensor& x, const Attend& attend,
                        bool firstTokenOnly) const;

    std::vector<Layer> m_layers;
    LayerSpec m_spec;
    Keep m_keep = Keep::All;
};

} // namespace diptych
