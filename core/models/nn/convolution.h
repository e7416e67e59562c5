// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/weights.h"

#include <vector>

namespace diptych {

/// What a convolution does at the borders.
enum class Padding {
    Valid,    ///< nothing is added
    Same,     ///< as much on both sides as keeps the size at stride 1
    EvenInput ///< TensorFlow's for an even size at stride 2: one less above and left than below and right
};

/// A convolution without bias, with the batch normalisation behind it folded in.
class NormedConvolution {
public:
    NormedConvolution() = default;
    /// @param kernel odd; with @p depthwise every channel has its own (out == in)
    NormedConvolution(const Weights& weights, std::string_view convolution, std::string_view norm,
                      int64_t out, int64_t in, int64_t kernel, int64_t stride, Padding padding,
                      double epsilon, bool depthwise = false);
    /// [n, in, h, w] -> [n, out, h', w']
    at::Tensor operator()(const at::Tensor& x) const;

private:
    at::Tensor m_weight, m_bias;
    int64_t m_kernel = 1, m_stride = 1, m_groups = 1;
    Padding m_padding = Padding::Valid;
};

/// Sizes of an EfficientNet (Tan and Le 2019) as transformers' configurations give them; before the width and
/// depth coefficients are applied.
struct EfficientNetSpec {
    double widthCoefficient = 2.0, depthCoefficient = 3.1, squeezeRatio = 0.25, epsilon = 1e-3;
    int64_t depthDivisor = 8, hiddenSize = 2560; ///< hiddenSize: channels that come out
    std::vector<int64_t> kernelSizes, inChannels, outChannels, strides, repeats, expandRatios;
    std::vector<int64_t> symmetricBlocks; ///< blocks of stride 2 whose padding is alike on both sides
    int64_t blockCount() const;
};

/// Stem and inverted-residual blocks with squeeze and excitation; swish throughout. Source: transformers'
/// AlignVisionModel (5.24), a copy of its EfficientNet without the top.
class EfficientNet {
public:
    EfficientNet() = default;
    EfficientNet(const Weights& weights, const EfficientNetSpec& spec);
    /// [n, 3, h, w] -> [n, hiddenSize, h', w']
    at::Tensor operator()(const at::Tensor& pixels) const;

private:
    struct Block {
        std::optional<NormedConvolution> expansion;
        NormedConvolution depthwise, projection;
        at::Tensor reduce, reduceBias, expand, expandBias; ///< squeeze and excitation, as 1 x 1 convolutions
        bool residual = false;
    };
    static at::Tensor run(const Block& block, const at::Tensor& x);

    NormedConvolution m_stem;
    std::vector<Block> m_blocks;
};

} // namespace diptych
