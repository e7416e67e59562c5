// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/attention.h"

namespace diptych {

Attention::Attention(const Weights& weights, int64_t width, int64_t heads, const Names& names)
    : m_heads(heads),
      m_query(weights.packedLinear(names.query, width, width, names.queryKeyValueBias)),
      m_key(weights.packedLinear(names.key, width, width, names.queryKeyValueBias)),
      m_value(weights.packedLinear(names.value, width, width, names.queryKeyValueBias)),
      m_out(weights.packedLinear(names.out, width, width)) {}

at::Tensor Attention::operator()(const at::Tensor& x, const at::Tensor& memory) const {
    const int64_t n = x.size(0), d = x.size(2);
    const auto byHead = [&](const at::Tensor& t) { // [n, t, d] -> [n, heads, t, d / heads]
        return t.view({n, t.size(1), m_heads, d / m_heads}).transpose(1, 2);
    };
    const at::Tensor seen =
        at::scaled_dot_product_attention(byHead(m_query(x)), byHead(m_key(memory)), byHead(m_value(memory)));
    return m_out(seen.transpose(1, 2).reshape({n, x.size(1), d}));
}

} // namespace diptych
