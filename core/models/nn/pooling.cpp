// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/pooling.h"

#include "core/models/nn/attention_record.h"

namespace diptych {

AttentionPool::AttentionPool(const Weights& weights, const LayerSpec& spec)
    : m_heads(spec.heads), m_activation(spec.activation) {
    const int64_t d = spec.width;
    const at::Tensor probe = weights.tensor("probe", {1, 1, d});
    const at::Tensor weight = weights.tensor("attention.in_proj_weight", {3 * d, d});
    const at::Tensor bias = weights.tensor("attention.in_proj_bias", {3 * d});
    // The query is the same for every image.
    m_query = at::linear(probe, weight.narrow(0, 0, d), bias.narrow(0, 0, d));
    m_keyValue = Linear(weight.narrow(0, d, 2 * d), bias.narrow(0, d, 2 * d));
    if (weights.forInference())
        m_keyValue.pack();
    m_out = weights.packedLinear("attention.out_proj", d, d);
    readMlp(weights, spec, "layernorm");
}

AttentionPool AttentionPool::ofTimm(const Weights& weights, const LayerSpec& spec) {
    const int64_t d = spec.width;
    AttentionPool pool;
    pool.m_heads = spec.heads;
    pool.m_activation = spec.activation;
    pool.m_query = weights.linear("q", d, d)(weights.tensor("latent", {1, 1, d}));
    pool.m_keyValue = weights.packedLinear("kv", 2 * d, d);
    pool.m_out = weights.packedLinear("proj", d, d);
    pool.readMlp(weights, spec, "norm");
    return pool;
}

void AttentionPool::readMlp(const Weights& weights, const LayerSpec& spec, const char* norm) {
    const int64_t d = spec.width;
    m_norm = weights.norm(norm, d, spec.epsilon);
    m_fc1 = weights.packedLinear("mlp.fc1", spec.hidden, d);
    m_fc2 = weights.packedLinear("mlp.fc2", d, spec.hidden);
}

at::Tensor AttentionPool::operator()(const at::Tensor& tokens, const at::Tensor& mask) const {
    if (AttentionRecord::readsEachToken() && tokens.size(1) > 1)
        return (*this)(tokens.transpose(0, 1));
    const int64_t n = tokens.size(0), d = tokens.size(2);
    const auto byHead = [&](const at::Tensor& t) { // [n, t, d] -> [n, heads, t, d / heads]
        return t.view({n, t.size(1), m_heads, d / m_heads}).transpose(1, 2);
    };
    const auto parts = m_keyValue(tokens).chunk(2, -1);
    const at::Tensor seen = attend(AttentionRecord::Kind::Pool, byHead(m_query.expand({n, 1, d})),
                                   byHead(parts[0]), byHead(parts[1]), mask);
    const at::Tensor x = m_out(seen.transpose(1, 2).reshape({n, d}));
    return m_fc2.addedTo(x, m_fc1.activated(m_norm(x), m_activation));
}

} // namespace diptych
