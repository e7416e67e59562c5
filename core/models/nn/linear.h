// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/activation.h"

#include <ATen/ATen.h>

#include <vector>

namespace diptych {

/// y = x Wᵀ + b over the last dimension. [.., in] -> [.., out]
class Linear {
public:
    Linear() = default;
    /// @param weight [out, in]  @param bias [out], or undefined for none
    Linear(at::Tensor weight, at::Tensor bias) : m_weight(std::move(weight)), m_bias(std::move(bias)) {}

    /// Reorders the weight for oneDNN where the CPU and this LibTorch allow (a weight on another device stays
    /// as it is); gives up the plain weight. Measured on an AMD EPYC (Zen 4), 2 threads: fp32 386 against 193
    /// GFLOP/s through at::linear, bf16 1002 against 795.
    void pack();
    /// Multiplies what the layer gives, or what its weight takes in (the bias then stays). Before pack()
    /// only.
    void scaleOutput(double factor);
    void scaleOutput(const at::Tensor& factors); ///< [out], one for each
    void scaleInput(double factor);

    at::Tensor operator()(const at::Tensor& x) const;
    /// activation(x Wᵀ + b)
    at::Tensor activated(const at::Tensor& x, Activation activation) const;
    /// y · sigmoid(y) of y = x Wᵀ + b. Packed layers only
    at::Tensor packedSwish(const at::Tensor& x) const;
    /// residual + x Wᵀ + b; never writes to @p residual
    at::Tensor addedTo(const at::Tensor& residual, const at::Tensor& x) const;

    bool isPacked() const { return m_packed.defined(); }
    bool empty() const { return !m_weight.defined() && !m_packed.defined(); }
    const at::Tensor& weight() const { return m_weight; } ///< undefined once packed
    const at::Tensor& bias() const { return m_bias; }

private:
    at::Tensor m_weight, m_bias, m_packed;
};

/// One layer that computes what several with the same input do; their outputs one after the other.
Linear concatenated(const std::vector<const Linear*>& layers);

/// quick_gelu(x) = swish(kQuickGeluSlope · x) / kQuickGeluSlope
inline constexpr double kQuickGeluSlope = 1.702;
at::Tensor activate(const at::Tensor& x, Activation activation);

} // namespace diptych
