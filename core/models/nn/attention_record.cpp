// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/attention_record.h"

#include "core/base/error.h"

#include <cmath>
#include <limits>
#include <optional>

namespace diptych {
namespace {

thread_local AttentionRecord* t_current = nullptr;

/// While training on the CPU, in float32 even where autocast has made the inputs bfloat16: the backward pass
/// of LibTorch's (2.15) bfloat16 kernel is 3 to 5 times slower there.
at::Tensor fused(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                 const std::optional<at::Tensor>& mask, bool causal) {
    if (!query.requires_grad() || !query.is_cpu() || query.scalar_type() == at::kFloat)
        return at::scaled_dot_product_attention(query, key, value, mask, 0.0, causal);
    const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::DispatchKeySet(c10::DispatchKey::AutocastCPU));
    return at::scaled_dot_product_attention(query.to(at::kFloat), key.to(at::kFloat), value.to(at::kFloat),
                                            mask, 0.0, causal);
}

at::Tensor probabilitiesOf(const at::Tensor& query, const at::Tensor& key, const at::Tensor& mask,
                           bool causal) {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    at::Tensor scores =
        at::matmul(query, key.transpose(-1, -2)) / std::sqrt(static_cast<double>(query.size(-1)));
    if (mask.defined())
        scores = scores.masked_fill(mask.logical_not(), kNever);
    if (causal) {
        const at::Tensor later = at::ones({query.size(2), key.size(2)},
                                          mask.defined() ? mask.options() : query.options().dtype(at::kBool))
                                     .triu(1);
        scores = scores.masked_fill(later, kNever);
    }
    return scores.softmax(-1);
}

} // namespace

AttentionRecord::AttentionRecord(Read read) : m_read(read) {
    DIPTYCH_ASSERT(!t_current);
    t_current = this;
}

AttentionRecord::~AttentionRecord() {
    t_current = nullptr;
}

AttentionRecord* AttentionRecord::current() {
    return t_current;
}

at::Tensor attend(AttentionRecord::Kind kind, const at::Tensor& query, const at::Tensor& key,
                  const at::Tensor& value, const at::Tensor& mask, bool causal) {
    if (!t_current)
        return fused(query, key, value, mask.defined() ? std::optional(mask) : std::nullopt, causal);
    at::Tensor probabilities = probabilitiesOf(query, key, mask, causal);
    if (!probabilities.requires_grad())
        probabilities.requires_grad_(true);
    probabilities.retain_grad();
    t_current->m_layers.push_back({kind, probabilities});
    return at::matmul(probabilities, value);
}

} // namespace diptych
