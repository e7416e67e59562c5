// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/dual_explainer.h"

#include "core/models/batches.h"
#include "core/models/nn/attention_record.h"
#include "core/models/nn/runtime.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

using Layer = AttentionRecord::Layer;
using Kind = AttentionRecord::Kind;

/// Attention times its gradient, what speaks against the text left out, mean over heads: [asking, heard]
/// (Chefer et al., eq. 5).
at::Tensor weighted(const Layer& layer) {
    const at::Tensor attention = layer.probabilities.detach(), gradient = layer.probabilities.grad();
    if (!gradient.defined())
        return at::zeros_like(attention).select(0, 0).mean(0);
    return (attention * gradient).clamp_min(0).select(0, 0).mean(0);
}

/// Tokens of the last layer that the output was read from: those whose attention has a gradient.
at::Tensor readTokens(const Layer& last) {
    const at::Tensor gradient = last.probabilities.grad();
    if (!gradient.defined())
        return at::zeros({1}, last.probabilities.options().dtype(at::kLong));
    return gradient.abs().select(0, 0).sum(-1).sum(0).nonzero().flatten();
}

/// What the output read from each token of the tower's input, [tokens] (eq. 6; for a pool eq. 11's product).
/// That a token is itself does not count.
at::Tensor rolledOut(const std::vector<Layer>& layers, int lastLayers) {
    const size_t count = layers.size();
    const size_t first = lastLayers > 0 ? count - std::min(count, static_cast<size_t>(lastLayers)) : 0;
    const at::Tensor& start = layers.at(first).probabilities;
    at::Tensor itself = at::eye(start.size(3), start.options().requires_grad(false));
    at::Tensor relevance = itself;
    for (size_t i = first; i < count; ++i) {
        const at::Tensor heard = at::matmul(weighted(layers[i]), relevance);
        if (layers[i].kind == Kind::Pool) {
            relevance = heard;
            itself = at::zeros_like(heard);
        } else if (layers[i].kind == Kind::FirstToken) {
            relevance = relevance.narrow(0, 0, 1) + heard;
            itself = itself.narrow(0, 0, 1);
        } else {
            relevance = relevance + heard;
        }
    }
    relevance = relevance - itself;
    return relevance.size(0) == 1 ? relevance.select(0, 0)
                                  : relevance.index_select(0, readTokens(layers.back())).sum(0);
}

std::vector<float> toFloats(const at::Tensor& values) {
    const at::Tensor flat = values.to(at::kCPU, at::kFloat).contiguous();
    return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

at::Tensor unit(const at::Tensor& x) {
    return x / x.norm(2, -1, true);
}

} // namespace

DualExplainer::DualExplainer(std::shared_ptr<const Checkpoint> checkpoint, DualEncoderParts parts,
                             const ModelInfo& info, std::shared_ptr<const Tokenizer> tokenizer,
                             const Compute& compute)
    : m_checkpoint(std::move(checkpoint)),
      m_parts(std::move(parts)),
      m_info(info),
      m_tokenizer(std::move(tokenizer)),
      m_compute(compute) {}

void DualExplainer::load() {
    useTorchThreads(m_compute.threads);
    if (m_network)
        return;
    Compute compute = m_compute;
    compute.precision = Precision::Fp32;
    m_placement = placementOf(compute);
    m_network = m_parts.build(Weights::plain(*m_checkpoint, m_placement));
}

/// Of the image tower's tokens, of which the last are the patches.
Relevance DualExplainer::onGrid(const Prepared& sample, const at::Tensor& values) const {
    const int side = m_info.imageSize / m_info.patchSize;
    Relevance out;
    out.patchSize = m_info.patchSize;
    out.gridHeight = sample.gridHeight > 0 ? sample.gridHeight : side;
    out.gridWidth = sample.gridWidth > 0 ? sample.gridWidth : side;
    const int64_t patches = int64_t{out.gridHeight} * out.gridWidth;
    DIPTYCH_ASSERT(values.size(0) >= patches);
    out.patches = toFloats(values.narrow(0, values.size(0) - patches, patches));
    return out;
}

Relevance DualExplainer::relevance(const Prepared& sample, const std::string& text, int lastLayers) {
    return withTorchErrors("Explaining", [&] {
        load();
        const at::AutoGradMode gradients(true);
        const PixelInput pixels = stackedPixels(std::span(&sample, 1), m_placement);
        const TokenBatch tokens =
            m_tokenizer->encodeBatch(std::span(&text, 1), static_cast<size_t>(m_info.contextLength));
        const auto [ids, mask] = textsOnDevice(tokens, 0, 1, m_placement.device);
        at::Tensor image, words;
        std::vector<Layer> imageLayers, textLayers;
        {
            const AttentionRecord record;
            image = unit(m_network->projectImages(m_network->poolImages(pixels)));
            imageLayers = record.layers();
        }
        {
            const AttentionRecord record;
            words = unit(m_network->embedTexts(ids, mask));
            textLayers = record.layers();
        }
        const at::Tensor logit = (image * words).sum() * m_info.similarity.scale + m_info.similarity.bias;
        logit.backward();
        Relevance out = onGrid(sample, rolledOut(imageLayers, lastLayers));
        out.logit = logit.item<float>();
        out.layers = static_cast<int>(imageLayers.size());
        out.heads = static_cast<int>(imageLayers.front().probabilities.size(1));
        const std::vector<float> values = toFloats(rolledOut(textLayers, lastLayers));
        for (size_t i = 0; i < std::min(values.size(), tokens.length); ++i)
            if (tokens.attentionMask[i]) {
                out.tokens.emplace_back(m_tokenizer->token(tokens.ids[i]));
                out.tokenValues.push_back(values[i]);
            }
        return out;
    });
}

Relevance DualExplainer::attention(const Prepared& sample, int layer, int head) {
    return withTorchErrors("Explaining", [&] {
        load();
        const AttentionRecord record;
        m_network->poolImages(stackedPixels(std::span(&sample, 1), m_placement));
        const auto layers = static_cast<int>(record.layers().size());
        const auto heads = static_cast<int>(record.layers().front().probabilities.size(1));
        if (layer < -1 || layer >= layers || head < -1 || head >= heads)
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format("{} has {} layers and {} heads of attention; layer {}, head {} is none of "
                            "them",
                            m_info.name, layers, heads, layer + 1, head + 1));
        const Layer& chosen = record.layers()[static_cast<size_t>(layer < 0 ? layers - 1 : layer)];
        const at::Tensor all = chosen.probabilities.detach().select(0, 0); // [heads, asking, heard]
        const at::Tensor seen = head < 0 ? all.mean(0) : all.select(0, head);
        const bool classToken = m_info.imageSize > 0 && sample.gridHeight == 0 &&
                                seen.size(1) > int64_t{m_info.imageSize / m_info.patchSize} *
                                                   (m_info.imageSize / m_info.patchSize);
        Relevance out = onGrid(sample, classToken ? seen.select(0, 0) : seen.mean(0));
        out.layers = layers;
        out.heads = heads;
        return out;
    });
}

Relevance DualExplainer::patchSimilarity(const Prepared& sample, const std::string& text) {
    return withTorchErrors("Explaining", [&] {
        load();
        const at::AutoGradMode noGradients(false);
        const TokenBatch tokens =
            m_tokenizer->encodeBatch(std::span(&text, 1), static_cast<size_t>(m_info.contextLength));
        const auto [ids, mask] = textsOnDevice(tokens, 0, 1, m_placement.device);
        const at::Tensor words = unit(m_network->embedTexts(ids, mask));
        const PixelInput pixels = stackedPixels(std::span(&sample, 1), m_placement);
        const AttentionRecord record(AttentionRecord::Read::EachToken);
        const at::Tensor states = unit(m_network->projectImages(m_network->poolImages(pixels)));
        return onGrid(sample, at::matmul(states, words[0]));
    });
}

} // namespace diptych
