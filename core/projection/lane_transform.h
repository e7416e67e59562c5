// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace diptych {

/// Discrete Fourier transforms of sixteen complex signals side by side, in float (Stockham's order: no
/// reversal of bits). Signals are [size][16], real and imaginary parts apart. Results depend on nothing but
/// the input.
class LaneTransform {
public:
    static constexpr size_t kLanes = 16;
    /// @pre size has no prime factor beyond 5
    explicit LaneTransform(size_t size);
    size_t size() const { return m_size; }
    /// The least size from @p n on that can be transformed.
    static size_t goodSize(size_t n);

    /// In place, with exp(-i); @p scratch has room for both parts.
    void forward(float* real, float* imaginary, float* scratch) const;
    /// With exp(i), and not divided by the size.
    void backward(float* real, float* imaginary, float* scratch) const { forward(imaginary, real, scratch); }

private:
    struct Pass {
        size_t radix, groups, stride;
        std::vector<float> cosines, sines; ///< [groups][radix - 1]
    };
    size_t m_size;
    std::vector<Pass> m_passes;
};

} // namespace diptych
