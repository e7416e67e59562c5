// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/transformer.h"

namespace diptych {

/// One vector of an image from all its tokens: a learnt query attends to them, an MLP follows (Zhai et al.
/// 2022, "Scaling Vision Transformers", MAP head; names as in transformers'
/// MultiheadAttentionPoolingHead).
class AttentionPool {
public:
    AttentionPool() = default;
    AttentionPool(const Weights& weights, const LayerSpec& spec);
    /// The same with the names of timm's AttentionPoolLatent.
    static AttentionPool ofTimm(const Weights& weights, const LayerSpec& spec);
    /// @param tokens [n, t, d]  @param mask as Attend::mask -> [n, d]
    at::Tensor operator()(const at::Tensor& tokens, const at::Tensor& mask = {}) const;

private:
    void readMlp(const Weights& weights, const LayerSpec& spec, const char* norm);

    int64_t m_heads = 1;
    Activation m_activation = Activation::Gelu;
    at::Tensor m_query; ///< [1, 1, d], projected
    Linear m_keyValue, m_out, m_fc1, m_fc2;
    LayerNorm m_norm;
};

} // namespace diptych
