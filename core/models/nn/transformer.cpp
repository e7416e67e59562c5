// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/transformer.h"

#include <fmt/format.h>

namespace diptych {
namespace {

Linear linearFrom(const ParameterMap& parameters, const std::string& name) {
    return Linear(parameters.at(name + ".weight"), parameters.at(name + ".bias"));
}

/// [n, heads, tokens, d / heads] each. While training on the CPU, in float32 even where autocast has made the
/// inputs bfloat16: the backward pass of LibTorch's (2.15) bfloat16 kernel is 3 to 5 times slower there.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal) {
    if (!query.requires_grad() || !query.is_cpu() || query.scalar_type() == at::kFloat)
        return at::scaled_dot_product_attention(query, key, value, {}, 0.0, causal);
    const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::DispatchKeySet(c10::DispatchKey::AutocastCPU));
    return at::scaled_dot_product_attention(query.to(at::kFloat), key.to(at::kFloat), value.to(at::kFloat),
                                            {}, 0.0, causal);
}

} // namespace

LayerNorm LayerNorm::from(const ParameterMap& parameters, const std::string& name, double epsilon) {
    return {parameters.at(name + ".weight"), parameters.at(name + ".bias"), epsilon};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

Transformer::Transformer(const ClipTowerConfig& config, const ParameterMap& parameters,
                         const std::string& prefix)
    : m_heads(config.heads), m_activation(config.activation) {
    for (int64_t i = 0; i < config.layers; ++i) {
        const std::string name = fmt::format("{}.encoder.layers.{}", prefix, i);
        Layer layer;
        layer.norm1 = LayerNorm::from(parameters, name + ".layer_norm1", config.layerNormEpsilon);
        layer.norm2 = LayerNorm::from(parameters, name + ".layer_norm2", config.layerNormEpsilon);
        layer.query = linearFrom(parameters, name + ".self_attn.q_proj");
        layer.key = linearFrom(parameters, name + ".self_attn.k_proj");
        layer.value = linearFrom(parameters, name + ".self_attn.v_proj");
        layer.out = linearFrom(parameters, name + ".self_attn.out_proj");
        layer.fc1 = linearFrom(parameters, name + ".mlp.fc1");
        layer.fc2 = linearFrom(parameters, name + ".mlp.fc2");
        m_layers.push_back(std::move(layer));
    }
}

void Transformer::pack(bool firstTokenOnly) {
    for (size_t i = 0; i < m_layers.size(); ++i) {
        Layer& layer = m_layers[i];
        if (firstTokenOnly && i + 1 == m_layers.size()) {
            layer.keyValue = concatenated({&layer.key, &layer.value});
            layer.keyValue.pack();
            layer.query.pack();
        } else {
            layer.queryKeyValue = concatenated({&layer.query, &layer.key, &layer.value});
            layer.queryKeyValue.pack();
            layer.query = {};
        }
        layer.key = layer.value = {};
        layer.out.pack();
        packMlp(layer, m_activation);
    }
}

void Transformer::packMlp(Layer& layer, Activation activation) {
    // oneDNN fuses swish, not quick_gelu, but the slope can move into the weights. Not in bf16, where scaled
    // weights would be rounded once more.
    const bool scale = activation == Activation::QuickGelu && layer.fc1.weight().scalar_type() == at::kFloat;
    Linear scaled = layer.fc1;
    if (scale)
        scaled.scaleOutput(kQuickGeluSlope);
    scaled.pack();
    if (scale && scaled.isPacked()) {
        layer.fc1 = std::move(scaled);
        layer.fc2.scaleInput(1.0 / kQuickGeluSlope);
        layer.scaledForSwish = true;
    } else {
        layer.fc1.pack();
    }
    layer.fc2.pack();
}

at::Tensor Transformer::attend(const Layer& layer, const at::Tensor& x, Mask mask,
                               bool firstTokenOnly) const {
    const at::Tensor queried = firstTokenOnly ? x.narrow(1, 0, 1) : x;
    at::Tensor query, key, value;
    if (!layer.queryKeyValue.empty()) {
        const auto parts = layer.queryKeyValue(x).chunk(3, -1);
        query = firstTokenOnly ? parts[0].narrow(1, 0, 1) : parts[0];
        key = parts[1];
        value = parts[2];
    } else if (!layer.keyValue.empty()) {
        const auto parts = layer.keyValue(x).chunk(2, -1);
        query = layer.query(queried);
        key = parts[0];
        value = parts[1];
    } else {
        query = layer.query(queried);
        key = layer.key(x);
        value = layer.value(x);
    }
    const int64_t n = x.size(0), d = x.size(2);
    const auto byHead = [&](const at::Tensor& t) { // [n, tokens, d] -> [n, heads, tokens, d / heads]
        return t.view({n, t.size(1), m_heads, d / m_heads}).transpose(1, 2);
    };
    const at::Tensor seen = attention(byHead(query), byHead(key), byHead(value), mask == Mask::Causal);
    return seen.transpose(1, 2).reshape({n, query.size(1), d});
}

at::Tensor Transformer::runLayer(const Layer& layer, const at::Tensor& x, Mask mask,
                                 bool firstTokenOnly) const {
    const at::Tensor attended = attend(layer, layer.norm1(x), mask, firstTokenOnly);
    const at::Tensor y = layer.out.addedTo(firstTokenOnly ? x.narrow(1, 0, 1) : x, attended);
    const at::Tensor normalised = layer.norm2(y);
    return layer.fc2.addedTo(y, layer.scaledForSwish ? layer.fc1.packedSwish(normalised)
                                                     : layer.fc1.activated(normalised, m_activation));
}

at::Tensor Transformer::forward(const at::Tensor& x, Mask mask) const {
    at::Tensor y = x;
    for (const Layer& layer : m_layers)
        y = runLayer(layer, y, mask, false);
    return y;
}

at::Tensor Transformer::forwardFirstToken(const at::Tensor& x) const {
    at::Tensor y = x;
    for (const Layer& layer : m_layers)
        y = runLayer(layer, y, Mask::None, &layer == &m_layers.back());
    return y;
}

} // namespace diptych
