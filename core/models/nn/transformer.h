// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/linear.h"

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace diptych {

/// Tensors by their name in the checkpoint.
using ParameterMap = std::map<std::string, at::Tensor>;

/// Layer normalisation over the last dimension.
struct LayerNorm {
    at::Tensor weight, bias; ///< [d]
    double epsilon = 1e-5;

    static LayerNorm from(const ParameterMap& parameters, const std::string& name, double epsilon);
    at::Tensor operator()(const at::Tensor& x) const;
};

/// Pre-normalised transformer layers, as CLIP's two towers have them:
/// x += attention(norm1(x)); x += fc2(activation(fc1(norm2(x)))).
class Transformer {
public:
    enum class Mask {
        None,  ///< every token sees every token
        Causal ///< a token sees itself and those before it
    };
    Transformer() = default;
    /// @param prefix "vision_model" or "text_model"
    Transformer(const ClipTowerConfig& config, const ParameterMap& parameters, const std::string& prefix);

    /// [n, tokens, d] -> [n, tokens, d]
    at::Tensor forward(const at::Tensor& x, Mask mask) const;
    /// The same without a mask, but only what becomes of the first token: [n, tokens, d] -> [n, 1, d]. The
    /// last layer then works on one token instead of all, which is most of its cost.
    at::Tensor forwardFirstToken(const at::Tensor& x) const;

    /// Fuses and packs for inference. @param firstTokenOnly for forwardFirstToken(), else for forward()
    void pack(bool firstTokenOnly);

private:
    struct Layer {
        LayerNorm norm1, norm2;
        Linear query, key, value, out, fc1, fc2;
        Linear queryKeyValue, keyValue; ///< at most one is set, by pack(), in place of the single ones
        bool scaledForSwish = false;    ///< fc1 and fc2 hold quick_gelu's slope, set by pack()
    };
    static void packMlp(Layer& layer, Activation activation);
    at::Tensor attend(const Layer& layer, const at::Tensor& x, Mask mask, bool firstTokenOnly) const;
    at::Tensor runLayer(const Layer& layer, const at::Tensor& x, Mask mask, bool firstTokenOnly) const;

    std::vector<Layer> m_layers;
    int64_t m_heads = 1;
    Activation m_activation = Activation::QuickGelu;
};

} // namespace diptych
