// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/transformer.h"

#include "core/models/nn/attention_record.h"

namespace diptych {

const LayerNames kClipNames = {
    "layer_norm1",        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
    "self_attn.out_proj", "layer_norm2",      "mlp.fc1",          "mlp.fc2"};
const LayerNames kVitNames = {"layernorm_before",        "attention.attention.query",
                              "attention.attention.key", "attention.attention.value",
                              "attention.output.dense",  "layernorm_after",
                              "intermediate.dense",      "output.dense"};
const LayerNames kBertNames = {
    "attention.output.LayerNorm", "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense",     "output.LayerNorm",     "intermediate.dense", "output.dense"};
const LayerNames kDinov2Names = {"norm1",
                                 "attention.attention.query",
                                 "attention.attention.key",
                                 "attention.attention.value",
                                 "attention.output.dense",
                                 "norm2",
                                 "mlp.fc1",
                                 "mlp.fc2",
                                 nullptr,
                                 "layer_scale1.lambda1",
                                 "layer_scale2.lambda1"};
const LayerNames kOpenClipNames = {"ln_1", nullptr,    nullptr,      nullptr,        "attn.out_proj",
                                   "ln_2", "mlp.c_fc", "mlp.c_proj", "attn.in_proj_"};

Transformer::Transformer(const Weights& layers, int64_t count, const LayerSpec& spec, const LayerNames& names,
                         Keep keep)
    : m_spec(spec), m_keep(keep) {
    for (int64_t i = 0; i < count; ++i) {
        m_layers.push_back(readLayer(layers.at(std::to_string(i)), names));
        if (layers.forInference())
            pack(m_layers.back(), keep == Keep::First && i + 1 == count);
    }
}

Transformer::Layer Transformer::readLayer(const Weights& weights, const LayerNames& names) const {
    const int64_t d = m_spec.width;
    const bool bias = m_spec.queryKeyValueBias;
    Layer layer;
    layer.norm1 = weights.norm(names.norm1, d, m_spec.epsilon);
    if (names.fused) {
        const std::string stem = names.fused;
        layer.queryKeyValue = Linear(weights.tensor(stem + "weight", {3 * d, d}),
                                     bias ? weights.tensor(stem + "bias", {3 * d}) : at::Tensor());
    } else {
        layer.query = weights.linear(names.query, d, d, bias);
        layer.key = weights.linear(names.key, d, d, bias);
        layer.value = weights.linear(names.value, d, d, bias);
    }
    layer.out = weights.linear(names.out, d, d);
    layer.norm2 = weights.norm(names.norm2, d, m_spec.epsilon);
    layer.fc1 = weights.linear(names.fc1, m_spec.hidden, d);
    layer.fc2 = weights.linear(names.fc2, d, m_spec.hidden);
    if (m_spec.layerScale) {
        layer.out.scaleOutput(weights.tensor(names.scale1, {d}));
        layer.fc2.scaleOutput(weights.tensor(names.scale2, {d}));
    }
    return layer;
}

void Transformer::pack(Layer& layer, bool firstTokenOnly) const {
    if (!layer.queryKeyValue.empty()) {
        layer.queryKeyValue.pack();
    } else if (firstTokenOnly) {
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
    packMlp(layer);
}

void Transformer::packMlp(Layer& layer) const {
    // oneDNN fuses swish, not quick_gelu, but the slope can move into the weights. Not in bf16, where scaled
    // weights would be rounded once more.
    const bool scale =
        m_spec.activation == Activation::QuickGelu && layer.fc1.weight().scalar_type() == at::kFloat;
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

at::Tensor Transformer::attention(const Layer& layer, const at::Tensor& x, const Attend& attend,
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
    const int64_t n = x.size(0), d = m_spec.width;
    const auto byHead = [&](const at::Tensor& t) { // [n, tokens, d] -> [n, heads, tokens, d / heads]
        return t.view({n, t.size(1), m_spec.heads, d / m_spec.heads}).transpose(1, 2);
    };
    using Kind = AttentionRecord::Kind;
    const at::Tensor seen = diptych::attend(firstTokenOnly ? Kind::FirstToken : Kind::Tokens, byHead(query),
                                            byHead(key), byHead(value), attend.mask, attend.causal);
    return seen.transpose(1, 2).reshape({n, query.size(1), d});
}

at::Tensor Transformer::mlp(const Layer& layer, const at::Tensor& residual, const at::Tensor& x) const {
    return layer.fc2.addedTo(residual, layer.scaledForSwish ? layer.fc1.packedSwish(x)
                                                            : layer.fc1.activated(x, m_spec.activation));
}

at::Tensor Transformer::runLayer(const Layer& layer, const at::Tensor& x, const Attend& attend,
                                 bool firstTokenOnly) const {
    const at::Tensor kept = firstTokenOnly ? x.narrow(1, 0, 1) : x;
    if (m_spec.norm == NormPlacement::After) {
        const at::Tensor y =
            layer.norm1(layer.out.addedTo(kept, attention(layer, x, attend, firstTokenOnly)));
        return layer.norm2(mlp(layer, y, y));
    }
    const at::Tensor attended = attention(layer, layer.norm1(x), attend, firstTokenOnly);
    const at::Tensor y = layer.out.addedTo(kept, attended);
    return mlp(layer, y, layer.norm2(y));
}

at::Tensor Transformer::run(const at::Tensor& x, const Attend& attend, Keep keep) const {
    DIPTYCH_ASSERT(keep == Keep::All || !attend.causal); // a causal first token would see only itself
    DIPTYCH_ASSERT(keep == Keep::First || m_keep == Keep::All || m_layers.empty());
    at::Tensor y = x;
    const bool eachToken = keep == Keep::First && AttentionRecord::readsEachToken();
    for (const Layer& layer : m_layers)
        y = runLayer(layer, y, attend, keep == Keep::First && !eachToken && &layer == &m_layers.back());
    return eachToken ? y.transpose(0, 1) : y;
}

at::Tensor Transformer::layer(int64_t index, const at::Tensor& x, const Attend& attend) const {
    return runLayer(m_layers.at(static_cast<size_t>(index)), x, attend, false);
}

} // namespace diptych
