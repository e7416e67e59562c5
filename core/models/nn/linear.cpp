// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/linear.h"

#include "core/base/error.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <optional>

namespace diptych {
namespace {

/// Operators that LibTorch registers only when built with oneDNN, so they are looked up, not linked.
struct OneDnn {
    std::optional<c10::OperatorHandle> reorder, linear, linearBinary;

    OneDnn() {
        auto& dispatcher = c10::Dispatcher::singleton();
        reorder = dispatcher.findSchema({"mkldnn::_reorder_linear_weight", ""});
        linear = dispatcher.findSchema({"mkldnn::_linear_pointwise", ""});
        linearBinary = dispatcher.findSchema({"mkldnn::_linear_pointwise", "binary"});
    }
    bool available() const { return reorder && linear && linearBinary && at::globalContext().hasMKLDNN(); }
    static const OneDnn& get() {
        static const OneDnn instance;
        return instance;
    }
};

at::Tensor call(const c10::OperatorHandle& operation, torch::jit::Stack stack) {
    operation.callBoxed(stack);
    return stack.at(0).toTensor();
}

c10::IValue optionalTensor(const at::Tensor& tensor) {
    return tensor.defined() ? c10::IValue(tensor) : c10::IValue();
}

/// activation by oneDNN's name ("none", "gelu" with algorithm "none" or "tanh", ...)
at::Tensor packedLinear(const at::Tensor& x, const at::Tensor& packed, const at::Tensor& bias,
                        const char* attribute, const char* algorithm) {
    return call(*OneDnn::get().linear, {x, packed, optionalTensor(bias), std::string(attribute),
                                        c10::List<std::optional<at::Scalar>>(), std::string(algorithm)});
}

} // namespace

at::Tensor activate(const at::Tensor& x, Activation activation) {
    switch (activation) {
    case Activation::QuickGelu:
        return x * at::sigmoid(x * kQuickGeluSlope);
    case Activation::Gelu:
        return at::gelu(x);
    case Activation::GeluTanh:
        break;
    }
    return at::gelu(x, "tanh");
}

void Linear::pack() {
    const auto dtype = m_weight.scalar_type();
    if (!m_weight.is_cpu() || !OneDnn::get().available() || (dtype != at::kFloat && dtype != at::kBFloat16))
        return;
    m_packed = call(*OneDnn::get().reorder, {m_weight.contiguous(), c10::IValue()});
    m_weight = at::Tensor();
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
    if (m_packed.defined())
        return packedLinear(x.contiguous(), m_packed, m_bias, "none", "");
    return at::linear(x, m_weight, m_bias);
}

at::Tensor Linear::activated(const at::Tensor& x, Activation activation) const {
    if (!m_packed.defined())
        return activate((*this)(x), activation);
    if (activation == Activation::QuickGelu) {
        at::Tensor y = packedLinear(x.contiguous(), m_packed, m_bias, "none", "");
        return y.mul_((y * kQuickGeluSlope).sigmoid_());
    }
    return packedLinear(x.contiguous(), m_packed, m_bias, "gelu",
                        activation == Activation::Gelu ? "none" : "tanh");
}

at::Tensor Linear::packedSwish(const at::Tensor& x) const {
    return packedLinear(x.contiguous(), m_packed, m_bias, "swish", "");
}

void Linear::scaleOutput(double factor) {
    m_weight = m_weight * factor;
    if (m_bias.defined())
        m_bias = m_bias * factor;
}

void Linear::scaleOutput(const at::Tensor& factors) {
    m_weight = m_weight * factors.unsqueeze(1);
    if (m_bias.defined())
        m_bias = m_bias * factors;
}

void Linear::scaleInput(double factor) {
    m_weight = m_weight * factor;
}

at::Tensor Linear::addedTo(const at::Tensor& residual, const at::Tensor& x) const {
    if (!m_packed.defined())
        return residual + (*this)(x);
    return call(*OneDnn::get().linearBinary, {x.contiguous(), residual.contiguous(), m_packed,
                                              optionalTensor(m_bias), std::string("add")});
}

Linear concatenated(const std::vector<const Linear*>& layers) {
    std::vector<at::Tensor> weights, biases;
    for (const Linear* layer : layers) {
        weights.push_back(layer->weight());
        if (layer->bias().defined())
            biases.push_back(layer->bias());
    }
    DIPTYCH_ASSERT(biases.empty() || biases.size() == layers.size());
    return Linear(at::cat(weights, 0), biases.empty() ? at::Tensor() : at::cat(biases, 0));
}

} // namespace diptych
