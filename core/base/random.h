// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace diptych {

/// SplitMix64 (Steele, Lea, Flood 2014): the same stream on every platform and standard library, unlike the
/// distributions of <random>. Satisfies UniformRandomBitGenerator.
class Random {
public:
    using result_type = uint64_t;
    explicit Random(uint64_t seed) : m_state(seed) {}
    static constexpr uint64_t min() { return 0; }
    static constexpr uint64_t max() { return UINT64_MAX; }
    uint64_t operator()() {
        uint64_t z = (m_state += 0x9E3779B97F4A7C15ull);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    /// Uniform in [0, n), without modulo bias worth speaking of (128-bit multiply). n > 0.
    uint64_t below(uint64_t n) {
        return static_cast<uint64_t>((static_cast<unsigned __int128>((*this)()) * n) >> 64);
    }
    /// Uniform in [0, 1), 53 bits.
    double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    uint64_t state() const { return m_state; }

private:
    uint64_t m_state;
};

} // namespace diptych
