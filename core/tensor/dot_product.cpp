// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/dot_product.h"

#include <cstring>

namespace diptych {
namespace {

/// One body, compiled for each instruction set below; four sums hide the latency of an addition.
template<size_t width>
[[gnu::always_inline]] inline float dotBody(const float* a, const float* b, size_t d) {
    typedef float Vector __attribute__((vector_size(width * sizeof(float))));
    constexpr size_t kSums = 4;
    Vector sums[kSums] = {};
    size_t k = 0;
    for (; k + kSums * width <= d; k += kSums * width)
        for (size_t s = 0; s < kSums; ++s) {
            Vector left, right;
            std::memcpy(&left, a + k + s * width, sizeof(left));
            std::memcpy(&right, b + k + s * width, sizeof(right));
            sums[s] += left * right;
        }
    const Vector total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float lanes[width];
    std::memcpy(lanes, &total, sizeof(lanes));
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
    for (; k < d; ++k)
        sum += a[k] * b[k];
    return sum;
}

float dotGeneric(const float* a, const float* b, size_t d) {
    return dotBody<4>(a, b, d);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] float dotAvx2(const float* a, const float* b, size_t d) {
    return dotBody<8>(a, b, d);
}
[[gnu::target("avx512f")]] float dotAvx512(const float* a, const float* b, size_t d) {
    return dotBody<16>(a, b, d);
}
#endif

} // namespace

DotProduct dotProduct() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return dotAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return dotAvx2;
#endif
    return dotGeneric;
}

} // namespace diptych
