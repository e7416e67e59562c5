// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/lane_transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

namespace diptych {
namespace {

constexpr size_t kLanes = LaneTransform::kLanes;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

/// A complex number in every lane.
struct Complex {
    Lanes re, im;
};

#define DIPTYCH_INLINE [[gnu::always_inline]] inline

DIPTYCH_INLINE void load(Lanes& value, const float* from) {
    std::memcpy(&value, from, sizeof(value));
}
DIPTYCH_INLINE void store(float* to, const Lanes& value) {
    std::memcpy(to, &value, sizeof(value));
}
DIPTYCH_INLINE void add(Complex& out, const Complex& a, const Complex& b) {
    out.re = a.re + b.re;
    out.im = a.im + b.im;
}
DIPTYCH_INLINE void subtract(Complex& out, const Complex& a, const Complex& b) {
    out.re = a.re - b.re;
    out.im = a.im - b.im;
}
/// low = a - i b, high = a + i b
DIPTYCH_INLINE void rotate(Complex& low, Complex& high, const Complex& a, const Complex& b) {
    low.re = a.re + b.im;
    low.im = a.im - b.re;
    high.re = a.re - b.im;
    high.im = a.im + b.re;
}
/// out = a + x b + y c
DIPTYCH_INLINE void mix(Complex& out, const Complex& a, float x, const Complex& b, float y,
                        const Complex& c) {
    out.re = a.re + x * b.re + y * c.re;
    out.im = a.im + x * b.im + y * c.im;
}

DIPTYCH_INLINE void butterfly2(Complex* v) {
    const Complex a = v[0], b = v[1];
    add(v[0], a, b);
    subtract(v[1], a, b);
}

DIPTYCH_INLINE void butterfly3(Complex* v) {
    constexpr float kSine = 0.86602540378443864676F;
    Complex sum, difference, middle;
    add(sum, v[1], v[2]);
    subtract(difference, v[1], v[2]);
    difference.re *= kSine;
    difference.im *= kSine;
    mix(middle, v[0], -0.5F, sum, 0, sum);
    add(v[0], v[0], sum);
    rotate(v[1], v[2], middle, difference);
}

DIPTYCH_INLINE void butterfly4(Complex* v) {
    Complex even, evenDifference, odd, oddDifference;
    add(even, v[0], v[2]);
    subtract(evenDifference, v[0], v[2]);
    add(odd, v[1], v[3]);
    subtract(oddDifference, v[1], v[3]);
    add(v[0], even, odd);
    subtract(v[2], even, odd);
    rotate(v[1], v[3], evenDifference, oddDifference);
}

DIPTYCH_INLINE void butterfly5(Complex* v) {
    constexpr float kCosine1 = 0.30901699437494742410F, kCosine2 = -0.80901699437494742410F;
    constexpr float kSine1 = 0.95105651629515357212F, kSine2 = 0.58778525229247312917F;
    Complex outer, inner, outerDifference, innerDifference, first, second, firstTurn, secondTurn, none{};
    add(outer, v[1], v[4]);
    add(inner, v[2], v[3]);
    subtract(outerDifference, v[1], v[4]);
    subtract(innerDifference, v[2], v[3]);
    mix(first, v[0], kCosine1, outer, kCosine2, inner);
    mix(second, v[0], kCosine2, outer, kCosine1, inner);
    mix(firstTurn, none, kSine1, outerDifference, kSine2, innerDifference);
    mix(secondTurn, none, kSine2, outerDifference, -kSine1, innerDifference);
    mix(v[0], v[0], 1, outer, 1, inner);
    rotate(v[1], v[4], first, firstTurn);
    rotate(v[2], v[3], second, secondTurn);
}

/// One pass over the whole signal: where it reads from and writes to.
struct PassView {
    size_t groups, stride;
    const float *cosines, *sines;
    const float *inReal, *inImaginary;
    float *outReal, *outImaginary;
};

template<size_t radix>
DIPTYCH_INLINE void passBody(const PassView& pass) {
    for (size_t group = 0; group < pass.groups; ++group) {
        const float* cosines = pass.cosines + group * (radix - 1);
        const float* sines = pass.sines + group * (radix - 1);
        for (size_t q = 0; q < pass.stride; ++q) {
            Complex v[radix];
            for (size_t k = 0; k < radix; ++k) {
                const size_t at = (q + pass.stride * (group + pass.groups * k)) * kLanes;
                load(v[k].re, pass.inReal + at);
                load(v[k].im, pass.inImaginary + at);
            }
            if constexpr (radix == 2)
                butterfly2(v);
            else if constexpr (radix == 3)
                butterfly3(v);
            else if constexpr (radix == 4)
                butterfly4(v);
            else
                butterfly5(v);
            size_t at = (q + pass.stride * radix * group) * kLanes;
            store(pass.outReal + at, v[0].re);
            store(pass.outImaginary + at, v[0].im);
            for (size_t k = 1; k < radix; ++k) {
                at += pass.stride * kLanes;
                const float c = cosines[k - 1], s = sines[k - 1];
                store(pass.outReal + at, v[k].re * c - v[k].im * s);
                store(pass.outImaginary + at, v[k].re * s + v[k].im * c);
            }
        }
    }
}

DIPTYCH_INLINE void runBody(size_t radix, const PassView& pass) {
    switch (radix) {
    case 2:
        return passBody<2>(pass);
    case 3:
        return passBody<3>(pass);
    case 4:
        return passBody<4>(pass);
    default:
        return passBody<5>(pass);
    }
}

using PassKernel = void (*)(size_t radix, const PassView& pass);

void runGeneric(size_t radix, const PassView& pass) {
    runBody(radix, pass);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void runAvx2(size_t radix, const PassView& pass) {
    runBody(radix, pass);
}
[[gnu::target("avx512f")]] void runAvx512(size_t radix, const PassView& pass) {
    runBody(radix, pass);
}
#endif

PassKernel chooseKernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return runAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return runAvx2;
#endif
    return runGeneric;
}

} // namespace

LaneTransform::LaneTransform(size_t size) : m_size(size) {
    size_t rest = size, stride = 1;
    while (rest > 1) {
        const size_t radix = rest % 4 == 0 ? 4 : rest % 2 == 0 ? 2 : rest % 3 == 0 ? 3 : 5;
        Pass pass{radix, rest / radix, stride, {}, {}};
        for (size_t group = 0; group < pass.groups; ++group)
            for (size_t k = 1; k < radix; ++k) {
                const double angle =
                    -2 * std::numbers::pi * static_cast<double>(group * k) / static_cast<double>(rest);
                pass.cosines.push_back(static_cast<float>(std::cos(angle)));
                pass.sines.push_back(static_cast<float>(std::sin(angle)));
            }
        m_passes.push_back(std::move(pass));
        rest /= radix;
        stride *= radix;
    }
}

size_t LaneTransform::goodSize(size_t n) {
    for (n = std::max<size_t>(n, 1);; ++n) {
        size_t rest = n;
        for (const size_t prime : {2, 3, 5})
            while (rest % prime == 0)
                rest /= prime;
        if (rest == 1)
            return n;
    }
}

void LaneTransform::forward(float* real, float* imaginary, float* scratch) const {
    static const PassKernel kernel = chooseKernel();
    float *inReal = real, *inImaginary = imaginary;
    float *outReal = scratch, *outImaginary = scratch + m_size * kLanes;
    for (const Pass& pass : m_passes) {
        kernel(pass.radix, {pass.groups, pass.stride, pass.cosines.data(), pass.sines.data(), inReal,
                            inImaginary, outReal, outImaginary});
        std::swap(inReal, outReal);
        std::swap(inImaginary, outImaginary);
    }
    if (inReal == real)
        return;
    std::copy_n(inReal, m_size * kLanes, real);
    std::copy_n(inImaginary, m_size * kLanes, imaginary);
}

} // namespace diptych
