// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/weights.h"

namespace diptych {

/// Attention outside a transformer's layers: tokens ask, others (or they themselves) answer.
class Attention {
public:
    /// What its four layers are called, and whether the first three have a bias.
    struct Names {
        const char *query, *key, *value, *out;
        bool queryKeyValueBias = true;
    };
    Attention() = default;
    Attention(const Weights& weights, int64_t width, int64_t heads, const Names& names);
    /// @param x [n, t, width]  @param memory [n, m, width], which may be x -> [n, t, width]
    at::Tensor operator()(const at::Tensor& x, const at::Tensor& memory) const;

private:
    int64_t m_heads = 1;
    Linear m_query, m_key, m_value, m_out;
};

} // namespace diptych
