// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/towers.h"

namespace diptych {

PatchEmbedding::PatchEmbedding(const Weights& weights, std::string_view name, int64_t width, int64_t patch,
                               bool bias)
    : m_patch(patch) {
    const std::string stem(name);
    m_product = Linear(weights.tensor(stem + ".weight", {width, 3, patch, patch}).flatten(1),
                       bias ? weights.tensor(stem + ".bias", {width}) : at::Tensor());
    if (weights.forInference())
        m_product.pack();
}

at::Tensor PatchEmbedding::operator()(const at::Tensor& pixels) const {
    const int64_t n = pixels.size(0), rows = pixels.size(2) / m_patch, columns = pixels.size(3) / m_patch;
    const at::Tensor whole = pixels.narrow(2, 0, rows * m_patch).narrow(3, 0, columns * m_patch);
    const at::Tensor flat = whole.reshape({n, 3, rows, m_patch, columns, m_patch})
                                .permute({0, 2, 4, 1, 3, 5})
                                .reshape({n, rows * columns, 3 * m_patch * m_patch});
    return m_product(flat);
}

VisionTower::VisionTower(const Weights& weights, const VisionTowerSpec& spec) : m_spec(spec) {
    const int64_t d = spec.layer.width;
    const Weights embeddings = weights.at("embeddings");
    if (spec.classToken)
        m_classEmbedding = embeddings.tensor("class_embedding", {d});
    m_patches = PatchEmbedding(embeddings, "patch_embedding", d, spec.patchSize, spec.patchBias);
    m_positions = embeddings.tensor("position_embedding.weight", {spec.tokens(), d});
    if (spec.preNorm)
        m_preNorm = weights.norm(spec.preNorm, d, spec.layer.epsilon);
    m_layers = Transformer(weights.at(spec.layersName), spec.layers, spec.layer, kClipNames, spec.keep);
    m_postNorm = weights.norm("post_layernorm", d, spec.layer.epsilon);
}

at::Tensor VisionTower::operator()(const at::Tensor& pixels) const {
    at::Tensor x = m_patches(pixels);
    if (m_spec.classToken)
        x = at::cat({m_classEmbedding.expand({pixels.size(0), 1, -1}), x}, 1);
    x = x + m_positions;
    if (m_preNorm)
        x = (*m_preNorm)(x);
    return m_postNorm(m_layers(x));
}

TextTower::TextTower(const Weights& weights, const TextTowerSpec& spec) : m_causal(spec.causal) {
    const int64_t d = spec.layer.width;
    const Weights embeddings = weights.at("embeddings");
    m_tokens = embeddings.tensor("token_embedding.weight", {spec.vocabularySize, d});
    m_positions = embeddings.tensor("position_embedding.weight", {spec.contextLength, d});
    m_layers = Transformer(weights.at("encoder.layers"), spec.layers, spec.layer, kClipNames);
    m_finalNorm = weights.norm("final_layer_norm", d, spec.layer.epsilon);
}

at::Tensor TextTower::operator()(const at::Tensor& ids) const {
    const at::Tensor x = at::embedding(m_tokens, ids) + m_positions.narrow(0, 0, ids.size(1));
    return m_layers(x, {m_causal, {}});
}

namespace {

/// Positions [1, 1 + g x g, d] of a trained grid as those of @p wanted x wanted patches; the class token's
/// stays. In float32: bicubic resampling in half precision shifts the embeddings.
at::Tensor resampledPositions(const at::Tensor& positions, int64_t trained, int64_t wanted) {
    if (trained == wanted)
        return positions;
    const int64_t d = positions.size(2);
    const at::Tensor grid = positions.narrow(1, 1, trained * trained)
                                .reshape({1, trained, trained, d})
                                .permute({0, 3, 1, 2})
                                .to(at::kFloat);
    const at::Tensor resampled = at::upsample_bicubic2d(grid, {wanted, wanted}, false)
                                     .permute({0, 2, 3, 1})
                                     .reshape({1, wanted * wanted, d})
                                     .to(positions.scalar_type());
    return at::cat({positions.narrow(1, 0, 1), resampled}, 1);
}

/// The last column of [n, length] bool with a true one; the first if there is none.
int64_t lastUsed(const at::Tensor& mask) {
    const at::Tensor used = mask.any(0).to(at::kLong);
    return (used * at::arange(used.size(0), used.options())).max().item<int64_t>();
}

} // namespace

VitTower::VitTower(const Weights& weights, const VitTowerSpec& spec) : m_keep(spec.keep) {
    const int64_t d = spec.layer.width, trained = spec.trainedSize / spec.patchSize;
    const Weights embeddings = weights.at("embeddings");
    m_classToken = embeddings.tensor("cls_token", {1, 1, d});
    m_patches = PatchEmbedding(embeddings, "patch_embeddings.projection", d, spec.patchSize, true);
    m_positions = resampledPositions(embeddings.tensor("position_embeddings", {1, 1 + trained * trained, d}),
                                     trained, spec.imageSize / spec.patchSize);
    m_layers = Transformer(weights.at("encoder.layer"), spec.layers, spec.layer, *spec.names, spec.keep);
    m_finalNorm = weights.norm("layernorm", d, spec.layer.epsilon);
}

at::Tensor VitTower::states(const at::Tensor& pixels, Keep keep) const {
    const at::Tensor tokens =
        at::cat({m_classToken.expand({pixels.size(0), 1, -1}), m_patches(pixels)}, 1) + m_positions;
    return m_layers.run(tokens, {}, keep);
}

BertTower::BertTower(const Weights& weights, const BertTowerSpec& spec)
    : m_keep(spec.keep), m_paddingId(spec.paddingId) {
    const int64_t d = spec.layer.width;
    const Weights embeddings = weights.at("embeddings");
    m_tokens = embeddings.tensor("word_embeddings.weight", {spec.vocabularySize, d});
    m_positions = embeddings.tensor("position_embeddings.weight", {spec.contextLength, d}) +
                  embeddings.tensor("token_type_embeddings.weight", {spec.tokenTypes, d}).narrow(0, 0, 1);
    m_norm = embeddings.norm("LayerNorm", d, spec.layer.epsilon);
    m_layers = Transformer(weights.at("encoder.layer"), spec.layers, spec.layer, *spec.names, spec.keep);
    if (spec.finalNorm)
        m_finalNorm = weights.norm(spec.finalNorm, d, spec.layer.epsilon);
}

at::Tensor BertTower::positionsOf(const at::Tensor& ids) const {
    if (!m_paddingId)
        return m_positions.narrow(0, 0, ids.size(1));
    const at::Tensor counted = ids.ne(*m_paddingId).to(at::kLong);
    return at::embedding(m_positions, counted.cumsum(1) * counted + *m_paddingId);
}

at::Tensor BertTower::states(const at::Tensor& ids, const at::Tensor& mask, Keep keep) const {
    const at::Tensor x = m_norm(at::embedding(m_tokens, ids) + positionsOf(ids));
    return m_layers.run(x, {false, mask.unsqueeze(1).unsqueeze(1)}, keep);
}

at::Tensor BertTower::operator()(const at::Tensor& ids, const at::Tensor& mask) const {
    // With the first token alone kept, what is padding in every text is dead weight: most of a long context.
    const int64_t used = m_keep == Keep::First ? lastUsed(mask) + 1 : ids.size(1);
    const at::Tensor y = states(ids.narrow(1, 0, used), mask.narrow(1, 0, used), m_keep);
    return m_finalNorm ? (*m_finalNorm)(y) : y;
}

at::Tensor tokensAt(const at::Tensor& tokens, const at::Tensor& positions) {
    const at::Tensor rows = at::arange(tokens.size(0), positions.options()).to(tokens.device());
    return tokens.index({rows, positions.to(tokens.device())});
}

} // namespace diptych
