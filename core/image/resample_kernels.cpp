// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/resample.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define DIPTYCH_AVX2 1
#endif

namespace diptych::resample {
namespace {

constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

inline uint8_t toByte(uint32_t sum) {
    return static_cast<uint8_t>(std::clamp(static_cast<int32_t>(sum) >> kPrecisionBits, 0, 255));
}

inline const int32_t* rowOf(const Weights& weights, size_t i) {
    return weights.weights.data() + i * static_cast<size_t>(weights.stride);
}

/// Columns [x, bytes) of one output row of the vertical pass.
void verticalRow(const Source& in, size_t firstByte, size_t x, size_t bytes, const Weights& weights, size_t i,
                 uint8_t* out) {
    const uint8_t* first =
        in.data + static_cast<size_t>(weights.starts[i] - weights.inputBegin) * in.rowBytes + firstByte;
    const int32_t* w = rowOf(weights, i);
    constexpr size_t kBlock = 512;
    uint32_t sums[kBlock];
    for (; x < bytes; x += kBlock) {
        const size_t n = std::min(kBlock, bytes - x);
        std::fill_n(sums, n, static_cast<uint32_t>(kHalf));
        for (int k = 0; k < weights.counts[i]; ++k) {
            const uint8_t* line = first + static_cast<size_t>(k) * in.rowBytes + x;
            const auto weight = static_cast<uint32_t>(w[k]);
            for (size_t b = 0; b < n; ++b)
                sums[b] += line[b] * weight;
        }
        for (size_t b = 0; b < n; ++b)
            out[x + b] = toByte(sums[b]);
    }
}

} // namespace

void horizontalPortable(const Source& in, int rows, const Weights& weights, uint8_t* out,
                        size_t outRowBytes) {
    for (int y = 0; y < rows; ++y) {
        const uint8_t* line = in.data + static_cast<size_t>(y) * in.rowBytes;
        uint8_t* target = out + static_cast<size_t>(y) * outRowBytes;
        for (size_t i = 0; i < weights.starts.size(); ++i) {
            const uint8_t* pixel = line + static_cast<size_t>(weights.starts[i]) * 3;
            const int32_t* w = rowOf(weights, i);
            uint32_t red = kHalf, green = kHalf, blue = kHalf;
            for (int k = 0; k < weights.counts[i]; ++k, pixel += 3) {
                const auto weight = static_cast<uint32_t>(w[k]);
                red += pixel[0] * weight;
                green += pixel[1] * weight;
                blue += pixel[2] * weight;
            }
            target[i * 3] = toByte(red);
            target[i * 3 + 1] = toByte(green);
            target[i * 3 + 2] = toByte(blue);
        }
    }
}

void verticalPortable(const Source& in, size_t firstByte, size_t bytes, const Weights& weights, uint8_t* out,
                      size_t outRowBytes) {
    for (size_t i = 0; i < weights.starts.size(); ++i)
        verticalRow(in, firstByte, 0, bytes, weights, i, out + i * outRowBytes);
}

#ifdef DIPTYCH_AVX2
namespace {

// A weight w of 24 bits is high * 4096 + low, both of which fit the 16-bit operands of pmaddwd. Sums of the
// two halves are joined modulo 2^32, so the result is the 32-bit sum of the portable loop.
constexpr int kLowBits = 12;
constexpr int32_t kLowMask = (1 << kLowBits) - 1;

/// Weights of two taps as the 16-bit pair of one pmaddwd lane.
inline int32_t pairOf(int32_t first, int32_t second) {
    return static_cast<int32_t>((static_cast<uint32_t>(first) & 0xFFFFu) |
                                (static_cast<uint32_t>(second) << 16));
}

struct SplitWeights {
    std::vector<int32_t> high, low; ///< [outputs, stride / 2] pairs
    size_t stride = 0;
};

SplitWeights split(const Weights& weights) {
    SplitWeights out;
    out.stride = static_cast<size_t>(weights.stride) / 2;
    out.high.resize(weights.weights.size() / 2);
    out.low.resize(out.high.size());
    for (size_t i = 0; i < out.high.size(); ++i) {
        const int32_t a = weights.weights[2 * i], b = weights.weights[2 * i + 1];
        out.high[i] = pairOf(a >> kLowBits, b >> kLowBits);
        out.low[i] = pairOf(a & kLowMask, b & kLowMask);
    }
    return out;
}

constexpr int kRowsAtOnce = 4;

/// Red, green and blue of one output from the two halves' sums.
__attribute__((target("avx2"))) inline void storePixel(__m256i high, __m256i low, uint8_t* out) {
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    __m128i pixel = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    pixel = _mm_srai_epi32(_mm_add_epi32(pixel, _mm_set1_epi32(kHalf)), kPrecisionBits);
    pixel = _mm_packus_epi16(_mm_packs_epi32(pixel, pixel), pixel);
    const int32_t bytes = _mm_cvtsi128_si32(pixel);
    std::memcpy(out, &bytes, 3);
}

/// One output column of kRowsAtOnce rows; 4 taps a step.
__attribute__((target("avx2"))) inline void horizontalColumn(const uint8_t* const* lines, int taps,
                                                             const int32_t* high, const int32_t* low,
                                                             uint8_t* const* out) {
    // The 16-bit values r0 r1 g0 g1 b0 b1 in the lower half, r2 r3 g2 g3 b2 b3 in the upper.
    const __m256i spread = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 6, -1,
                                            9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    const __m256i lanes = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    __m256i sumHigh[kRowsAtOnce], sumLow[kRowsAtOnce];
    for (int r = 0; r < kRowsAtOnce; ++r)
        sumHigh[r] = sumLow[r] = _mm256_setzero_si256();
    for (int k = 0; k < taps; k += 4) {
        const __m256i wHigh = _mm256_permutevar8x32_epi32(
            _mm256_castsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(high + k / 2))), lanes);
        const __m256i wLow = _mm256_permutevar8x32_epi32(
            _mm256_castsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(low + k / 2))), lanes);
        for (int r = 0; r < kRowsAtOnce; ++r) {
            const __m256i pixels =
                _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(
                                        reinterpret_cast<const __m128i*>(lines[r] + size_t(k) * 3))),
                                    spread);
            sumHigh[r] = _mm256_add_epi32(sumHigh[r], _mm256_madd_epi16(pixels, wHigh));
            sumLow[r] = _mm256_add_epi32(sumLow[r], _mm256_madd_epi16(pixels, wLow));
        }
    }
    for (int r = 0; r < kRowsAtOnce; ++r)
        storePixel(sumHigh[r], sumLow[r], out[r]);
}

__attribute__((target("avx2"))) void horizontalAvx2(const Source& in, int rows, const Weights& weights,
                                                    uint8_t* out, size_t outRowBytes) {
    const SplitWeights parts = split(weights);
    // A step loads 16 bytes where it needs 12, and taps are rounded up to 4: rows that end too near the end
    // of the buffer are read from a padded copy.
    size_t reach = 0;
    for (size_t i = 0; i < weights.starts.size(); ++i)
        reach = std::max(reach, static_cast<size_t>(weights.starts[i] + (weights.counts[i] + 3) / 4 * 4) * 3);
    reach += 4;
    std::vector<uint8_t> copies[kRowsAtOnce];
    for (int y = 0; y < rows; y += kRowsAtOnce) {
        const uint8_t* lines[kRowsAtOnce];
        uint8_t* targets[kRowsAtOnce];
        for (int r = 0; r < kRowsAtOnce; ++r) {
            const auto row = static_cast<size_t>(std::min(y + r, rows - 1));
            lines[r] = in.data + row * in.rowBytes;
            targets[r] = out + row * outRowBytes;
            if (static_cast<size_t>(in.end - lines[r]) >= reach)
                continue;
            copies[r].assign(std::max(reach, in.rowBytes), 0);
            std::memcpy(copies[r].data(), lines[r], in.rowBytes);
            lines[r] = copies[r].data();
        }
        for (size_t i = 0; i < weights.starts.size(); ++i) {
            const size_t at = static_cast<size_t>(weights.starts[i]) * 3;
            const uint8_t* pixels[kRowsAtOnce];
            uint8_t* outputs[kRowsAtOnce];
            for (int r = 0; r < kRowsAtOnce; ++r) {
                pixels[r] = lines[r] + at;
                outputs[r] = targets[r] + i * 3;
            }
            horizontalColumn(pixels, weights.counts[i], parts.high.data() + i * parts.stride,
                             parts.low.data() + i * parts.stride, outputs);
        }
    }
}

__attribute__((target("avx2"))) inline __m256i joined(__m256i high, __m256i low) {
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(kHalf)), kPrecisionBits);
}

/// 16 bytes of an output row; two input rows a step.
__attribute__((target("avx2"))) inline void verticalBlock(const uint8_t* first, size_t rowBytes, int taps,
                                                          const int32_t* high, const int32_t* low,
                                                          uint8_t* out) {
    __m256i highA = _mm256_setzero_si256(), highB = highA, lowA = highA, lowB = highA;
    for (int k = 0; k < taps; k += 2) {
        const uint8_t* line = first + static_cast<size_t>(k) * rowBytes;
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line));
        // An odd last row is paired with itself, its second weight being 0.
        const __m128i b =
            k + 1 < taps ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(line + rowBytes)) : a;
        const __m256i pairsA = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
        const __m256i pairsB = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
        const __m256i wHigh = _mm256_set1_epi32(high[k / 2]), wLow = _mm256_set1_epi32(low[k / 2]);
        highA = _mm256_add_epi32(highA, _mm256_madd_epi16(pairsA, wHigh));
        lowA = _mm256_add_epi32(lowA, _mm256_madd_epi16(pairsA, wLow));
        highB = _mm256_add_epi32(highB, _mm256_madd_epi16(pairsB, wHigh));
        lowB = _mm256_add_epi32(lowB, _mm256_madd_epi16(pairsB, wLow));
    }
    // packs works within 128-bit halves; the permutation brings the 64-bit pieces back into order.
    const __m256i words = _mm256_permute4x64_epi64(
        _mm256_packs_epi32(joined(highA, lowA), joined(highB, lowB)), _MM_SHUFFLE(3, 1, 2, 0));
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
}

__attribute__((target("avx2"))) void verticalAvx2(const Source& in, size_t firstByte, size_t bytes,
                                                  const Weights& weights, uint8_t* out, size_t outRowBytes) {
    const SplitWeights parts = split(weights);
    for (size_t i = 0; i < weights.starts.size(); ++i) {
        const uint8_t* first =
            in.data + static_cast<size_t>(weights.starts[i] - weights.inputBegin) * in.rowBytes + firstByte;
        uint8_t* target = out + i * outRowBytes;
        size_t x = 0;
        for (; x + 16 <= bytes; x += 16)
            verticalBlock(first + x, in.rowBytes, weights.counts[i], parts.high.data() + i * parts.stride,
                          parts.low.data() + i * parts.stride, target + x);
        verticalRow(in, firstByte, x, bytes, weights, i, target);
    }
}

bool hasAvx2() {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

} // namespace

void horizontal(const Source& in, int rows, const Weights& weights, uint8_t* out, size_t outRowBytes) {
    hasAvx2() ? horizontalAvx2(in, rows, weights, out, outRowBytes)
              : horizontalPortable(in, rows, weights, out, outRowBytes);
}

void vertical(const Source& in, size_t firstByte, size_t bytes, const Weights& weights, uint8_t* out,
              size_t outRowBytes) {
    hasAvx2() ? verticalAvx2(in, firstByte, bytes, weights, out, outRowBytes)
              : verticalPortable(in, firstByte, bytes, weights, out, outRowBytes);
}
#else
void horizontal(const Source& in, int rows, const Weights& weights, uint8_t* out, size_t outRowBytes) {
    horizontalPortable(in, rows, weights, out, outRowBytes);
}

void vertical(const Source& in, size_t firstByte, size_t bytes, const Weights& weights, uint8_t* out,
              size_t outRowBytes) {
    verticalPortable(in, firstByte, bytes, weights, out, outRowBytes);
}
#endif

} // namespace diptych::resample
