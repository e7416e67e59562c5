// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

#include <cstdint>
#include <vector>

namespace diptych {

/// A rectangle of the resized picture, in its pixels.
struct ResizeWindow {
    int left = 0, top = 0, width = 0, height = 0;
};

/// crop(resize(image, width, height, filter), window) bit for bit, computing only what the window shows. The
/// window may reach over the border (all channels are @p fill there), and width x height may be far more than
/// fits in memory. @throws Error InvalidArgument
Image resizeWindow(const Image& image, int width, int height, Resample filter, const ResizeWindow& window,
                   uint8_t fill = 0);

namespace resample {

/// Weights of one pass, for the output positions [first, first + starts.size()) alone.
struct Weights {
    std::vector<int> starts;          ///< first input position of each output
    std::vector<int> counts;          ///< taps of each output
    std::vector<int32_t> weights;     ///< [outputs, stride], fixed point, zero after the counts
    int stride = 0;                   ///< taps of a row, a multiple of 4
    int inputBegin = 0, inputEnd = 0; ///< the input positions any output reads
};

/// Packed 8-bit RGB rows.
struct Source {
    const uint8_t* data = nullptr;
    size_t rowBytes = 0;
    const uint8_t* end = nullptr; ///< nothing is read from here on
};

/// Weighted sums along rows: out[y][i] for rows [0, rows) and every output of @p weights.
void horizontal(const Source& in, int rows, const Weights& weights, uint8_t* out, size_t outRowBytes);
/// Weighted sums down columns, @p bytes of a row from @p firstByte on. Rows of @p in count from
/// weights.inputBegin.
void vertical(const Source& in, size_t firstByte, size_t bytes, const Weights& weights, uint8_t* out,
              size_t outRowBytes);

/// The portable versions of the above; the ones above take AVX2 where the machine has it. Equal bit for bit.
void horizontalPortable(const Source& in, int rows, const Weights& weights, uint8_t* out, size_t outRowBytes);
void verticalPortable(const Source& in, size_t firstByte, size_t bytes, const Weights& weights, uint8_t* out,
                      size_t outRowBytes);

inline constexpr int kPrecisionBits = 32 - 8 - 2;

} // namespace resample
} // namespace diptych
