// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

/// Channels scaled by the width coefficient, a multiple of the divisor, at most a tenth below.
int64_t scaledChannels(const EfficientNetSpec& spec, int64_t channels) {
    const double wanted = static_cast<double>(channels) * spec.widthCoefficient;
    const auto divisor = static_cast<double>(spec.depthDivisor);
    int64_t rounded = std::max(spec.depthDivisor, static_cast<int64_t>(wanted + divisor / 2) /
                                                      spec.depthDivisor * spec.depthDivisor);
    if (static_cast<double>(rounded) < 0.9 * wanted)
        rounded += spec.depthDivisor;
    return rounded;
}

int64_t scaledRepeats(const EfficientNetSpec& spec, int64_t repeats) {
    return static_cast<int64_t>(std::ceil(spec.depthCoefficient * static_cast<double>(repeats)));
}

} // namespace

NormedConvolution::NormedConvolution(const Weights& weights, std::string_view convolution,
                                     std::string_view norm, int64_t out, int64_t in, int64_t kernel,
                                     int64_t stride, Padding padding, double epsilon, bool depthwise)
    : m_kernel(kernel), m_stride(stride), m_groups(depthwise ? in : 1), m_padding(padding) {
    const Weights normal = weights.at(norm);
    const at::Tensor weight =
        weights.tensor(std::string(convolution) + ".weight", {out, depthwise ? 1 : in, kernel, kernel});
    // In float32: the variance may lie beyond what half precision tells apart.
    const auto wide = [&](const char* name) { return normal.tensor(name, {out}).to(at::kFloat); };
    const at::Tensor factor = wide("weight") / (wide("running_var") + epsilon).sqrt();
    m_bias = (wide("bias") - wide("running_mean") * factor).to(weight.scalar_type());
    m_weight = (weight.to(at::kFloat) * factor.view({out, 1, 1, 1})).to(weight.scalar_type());
}

at::Tensor NormedConvolution::operator()(const at::Tensor& x) const {
    const int64_t half = m_kernel / 2, one = 1;
    const bool uneven = m_padding == Padding::EvenInput;
    const at::Tensor padded = uneven ? at::constant_pad_nd(x, {half - 1, half, half - 1, half}) : x;
    const int64_t border = m_padding == Padding::Same ? half : 0;
    return at::conv2d(padded, m_weight, m_bias, at::IntArrayRef(m_stride), at::IntArrayRef(border),
                      at::IntArrayRef(one), m_groups);
}

int64_t EfficientNetSpec::blockCount() const {
    int64_t count = 0;
    for (const int64_t repeat : repeats)
        count += scaledRepeats(*this, repeat);
    return count;
}

EfficientNet::EfficientNet(const Weights& weights, const EfficientNetSpec& spec) {
    m_stem = NormedConvolution(weights.at("embeddings"), "convolution", "batchnorm", scaledChannels(spec, 32),
                               3, 3, 2, Padding::EvenInput, spec.epsilon);
    for (size_t stage = 0; stage < spec.repeats.size(); ++stage) {
        const int64_t out = scaledChannels(spec, spec.outChannels[stage]);
        for (int64_t repeat = 0; repeat < scaledRepeats(spec, spec.repeats[stage]); ++repeat) {
            const auto index = static_cast<int64_t>(m_blocks.size());
            const Weights here = weights.at(fmt::format("encoder.blocks.{}", index));
            const int64_t in = repeat > 0 ? out : scaledChannels(spec, spec.inChannels[stage]);
            const int64_t stride = repeat > 0 ? 1 : spec.strides[stage];
            const int64_t kernel = spec.kernelSizes[stage], wide = in * spec.expandRatios[stage];
            const bool symmetric =
                std::ranges::find(spec.symmetricBlocks, index) != spec.symmetricBlocks.end();
            Block block;
            if (wide != in)
                block.expansion = NormedConvolution(here.at("expansion"), "expand_conv", "expand_bn", wide,
                                                    in, 1, 1, Padding::Valid, spec.epsilon);
            block.depthwise = NormedConvolution(
                here.at("depthwise_conv"), "depthwise_conv", "depthwise_norm", wide, wide, kernel, stride,
                stride == 1 || symmetric ? Padding::Same : Padding::EvenInput, spec.epsilon, true);
            const int64_t squeezed =
                std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(in) * spec.squeezeRatio));
            const Weights squeeze = here.at("squeeze_excite");
            block.reduce = squeeze.tensor("reduce.weight", {squeezed, wide, 1, 1});
            block.reduceBias = squeeze.tensor("reduce.bias", {squeezed});
            block.expand = squeeze.tensor("expand.weight", {wide, squeezed, 1, 1});
            block.expandBias = squeeze.tensor("expand.bias", {wide});
            block.projection = NormedConvolution(here.at("projection"), "project_conv", "project_bn", out,
                                                 wide, 1, 1, Padding::Valid, spec.epsilon);
            block.residual = repeat > 0;
            m_blocks.push_back(std::move(block));
        }
    }
}

at::Tensor EfficientNet::run(const Block& block, const at::Tensor& x) {
    const at::Tensor wide = block.expansion ? at::silu((*block.expansion)(x)) : x;
    const at::Tensor y = at::silu(block.depthwise(wide));
    const at::Tensor reduced = at::silu(at::conv2d(y.mean({2, 3}, true), block.reduce, block.reduceBias));
    const at::Tensor gate = at::sigmoid(at::conv2d(reduced, block.expand, block.expandBias));
    const at::Tensor out = block.projection(y * gate);
    return block.residual ? out + x : out;
}

at::Tensor EfficientNet::operator()(const at::Tensor& pixels) const {
    at::Tensor x = at::silu(m_stem(pixels));
    for (const Block& block : m_blocks)
        x = run(block, x);
    return x;
}

} // namespace diptych
