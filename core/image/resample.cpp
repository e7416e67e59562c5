// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/resample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace diptych {
namespace {

using resample::Weights;

// The kernels and the order of every floating-point operation are those of Pillow 13.0
// (src/libImaging/Resample.c): the weights are rounded to 22 bits, and equal sums need equal weights.
double boxKernel(double x) {
    return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double bilinearKernel(double x) {
    x = std::fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

double hammingKernel(double x) {
    x = std::fabs(x);
    if (x == 0.0)
        return 1.0;
    if (x >= 1.0)
        return 0.0;
    x *= std::numbers::pi;
    return std::sin(x) / x * (0.54f + 0.46f * std::cos(x)); // single-precision constants, as in Pillow
}

double bicubicKernel(double x) {
    constexpr double a = -0.5;
    x = std::fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

double sinc(double x) {
    if (x == 0.0)
        return 1.0;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

double lanczosKernel(double x) {
    return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

struct Kernel {
    double (*weight)(double);
    double support;
};

Kernel kernelOf(Resample filter) {
    switch (filter) {
    case Resample::Lanczos:
        return {lanczosKernel, 3.0};
    case Resample::Bilinear:
        return {bilinearKernel, 1.0};
    case Resample::Bicubic:
        return {bicubicKernel, 2.0};
    case Resample::Box:
        return {boxKernel, 0.5};
    case Resample::Hamming:
        return {hammingKernel, 1.0};
    case Resample::Nearest:
        break;
    }
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("Resize: there is no resampling filter {}", static_cast<int>(filter)));
}

int32_t toFixedPoint(double weight) {
    const double scaled = weight * (1 << resample::kPrecisionBits);
    return static_cast<int32_t>(weight < 0 ? -0.5 + scaled : 0.5 + scaled);
}

struct Taps {
    double center;
    int begin, end;
};

Taps tapsAt(int position, double scale, double support, int inputSize) {
    const double center = (position + 0.5) * scale;
    const int begin = std::max(0, static_cast<int>(center - support + 0.5));
    // Compared as a double first: the sum may lie beyond what an int holds where the support is huge.
    const double last = center + support + 0.5;
    const int end = last >= inputSize ? inputSize : static_cast<int>(last);
    return {center, begin, end};
}

Weights computeWeights(int inputSize, int outputSize, int first, int count, const Kernel& kernel) {
    const double scale = static_cast<double>(static_cast<float>(inputSize)) / outputSize;
    const double filterScale = std::max(scale, 1.0);
    const double support = kernel.support * filterScale;
    const double inverse = 1.0 / filterScale;
    Weights out;
    out.starts.resize(static_cast<size_t>(count));
    out.counts.resize(static_cast<size_t>(count));
    int longest = 0;
    for (int i = 0; i < count; ++i) {
        const Taps taps = tapsAt(first + i, scale, support, inputSize);
        out.starts[static_cast<size_t>(i)] = taps.begin;
        out.counts[static_cast<size_t>(i)] = taps.end - taps.begin;
        longest = std::max(longest, taps.end - taps.begin);
    }
    out.stride = (longest + 3) / 4 * 4;
    out.weights.assign(static_cast<size_t>(count) * static_cast<size_t>(out.stride), 0);
    out.inputBegin = out.starts.front();
    out.inputEnd = out.starts.back() + out.counts.back();
    std::vector<double> exact(static_cast<size_t>(longest));
    for (int i = 0; i < count; ++i) {
        const double center = (first + i + 0.5) * scale;
        const int begin = out.starts[static_cast<size_t>(i)];
        const auto taps = static_cast<size_t>(out.counts[static_cast<size_t>(i)]);
        double sum = 0;
        for (size_t k = 0; k < taps; ++k) {
            exact[k] = kernel.weight((static_cast<int>(k) + begin - center + 0.5) * inverse);
            sum += exact[k];
        }
        int32_t* row = out.weights.data() + static_cast<size_t>(i) * static_cast<size_t>(out.stride);
        for (size_t k = 0; k < taps; ++k)
            row[k] = toFixedPoint(sum != 0.0 ? exact[k] / sum : exact[k]);
    }
    return out;
}

resample::Source sourceOf(const Image& image, int firstRow) {
    const size_t rowBytes = static_cast<size_t>(image.width) * 3;
    return {image.rgb.data() + static_cast<size_t>(firstRow) * rowBytes, rowBytes,
            image.rgb.data() + image.rgb.size()};
}

void horizontalThenVertical(const Image& image, const Weights* across, const Weights* down,
                            const ResizeWindow& window, uint8_t* out, size_t outRowBytes) {
    const int firstRow = down ? down->inputBegin : window.top;
    const int rows = down ? down->inputEnd - down->inputBegin : window.height;
    if (!across)
        return resample::vertical(sourceOf(image, firstRow), static_cast<size_t>(window.left) * 3,
                                  static_cast<size_t>(window.width) * 3, *down, out, outRowBytes);
    if (!down)
        return resample::horizontal(sourceOf(image, firstRow), rows, *across, out, outRowBytes);
    const size_t rowBytes = static_cast<size_t>(window.width) * 3;
    std::vector<uint8_t> between(rowBytes * static_cast<size_t>(rows));
    resample::horizontal(sourceOf(image, firstRow), rows, *across, between.data(), rowBytes);
    resample::vertical({between.data(), rowBytes, between.data() + between.size()}, 0, rowBytes, *down, out,
                       outRowBytes);
}

void verticalThenHorizontal(const Image& image, Weights across, const Weights& down,
                            const ResizeWindow& window, uint8_t* out, size_t outRowBytes) {
    const size_t rowBytes = static_cast<size_t>(across.inputEnd - across.inputBegin) * 3;
    std::vector<uint8_t> between(rowBytes * static_cast<size_t>(window.height));
    resample::vertical(sourceOf(image, down.inputBegin), static_cast<size_t>(across.inputBegin) * 3, rowBytes,
                       down, between.data(), rowBytes);
    for (int& start : across.starts)
        start -= across.inputBegin;
    resample::horizontal({between.data(), rowBytes, between.data() + between.size()}, window.height, across,
                         out, outRowBytes);
}

/// @param window wholly inside width x height
void resampleInto(const Image& image, int width, int height, Resample filter, const ResizeWindow& window,
                  uint8_t* out, size_t outRowBytes) {
    const Kernel kernel = kernelOf(filter);
    const bool needsAcross = width != image.width;
    const bool needsDown = height != image.height;
    Weights across, down;
    if (needsAcross)
        across = computeWeights(image.width, width, window.left, window.width, kernel);
    if (needsDown)
        down = computeWeights(image.height, height, window.top, window.height, kernel);
    // Pillow 13.0 takes the vertical pass first where it shrinks the picture most; the 8-bit intermediate
    // makes the order visible (Pillow 12.3 and older always start with the horizontal one).
    const int64_t fewerRows = int64_t{image.height} - height;
    const bool verticalFirst = fewerRows > 0 && fewerRows > (int64_t{image.width} - width) * 2;
    if (verticalFirst && needsAcross)
        verticalThenHorizontal(image, std::move(across), down, window, out, outRowBytes);
    else
        horizontalThenVertical(image, needsAcross ? &across : nullptr, needsDown ? &down : nullptr, window,
                               out, outRowBytes);
}

/// Input position of every output in the window; the positions are sums, as Pillow's ImagingScaleAffine
/// makes them, not products.
std::vector<int> nearestPositions(int inputSize, int outputSize, int first, int count) {
    const double step = static_cast<double>(static_cast<float>(inputSize)) / outputSize;
    double position = step * 0.5;
    for (int i = 0; i < first; ++i)
        position += step;
    std::vector<int> out(static_cast<size_t>(count));
    for (int& value : out) {
        value = static_cast<int>(position) < inputSize ? static_cast<int>(position) : -1;
        position += step;
    }
    return out;
}

void nearestInto(const Image& image, int width, int height, const ResizeWindow& window, uint8_t* out,
                 size_t outRowBytes) {
    const std::vector<int> columns = nearestPositions(image.width, width, window.left, window.width);
    const std::vector<int> rows = nearestPositions(image.height, height, window.top, window.height);
    for (size_t y = 0; y < rows.size(); ++y) {
        if (rows[y] < 0)
            continue;
        const uint8_t* in =
            image.rgb.data() + static_cast<size_t>(rows[y]) * static_cast<size_t>(image.width) * 3;
        for (size_t x = 0; x < columns.size(); ++x)
            if (columns[x] >= 0)
                std::memcpy(out + y * outRowBytes + x * 3, in + static_cast<size_t>(columns[x]) * 3, 3);
    }
}

void copyInto(const Image& image, const ResizeWindow& window, uint8_t* out, size_t outRowBytes) {
    const size_t inRowBytes = static_cast<size_t>(image.width) * 3;
    for (int y = 0; y < window.height; ++y)
        std::memcpy(out + static_cast<size_t>(y) * outRowBytes,
                    image.rgb.data() + static_cast<size_t>(window.top + y) * inRowBytes +
                        static_cast<size_t>(window.left) * 3,
                    static_cast<size_t>(window.width) * 3);
}

void checkArguments(const Image& image, int width, int height, const ResizeWindow& window) {
    if (image.width <= 0 || image.height <= 0 ||
        image.rgb.size() != static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3)
        throw Error(ErrorCode::InvalidArgument, "Resize: the image is empty");
    if (width <= 0 || height <= 0 || window.width <= 0 || window.height <= 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Resize: width and height must be at least 1, not {} x {}", width, height));
}

} // namespace

Image resizeWindow(const Image& image, int width, int height, Resample filter, const ResizeWindow& window,
                   uint8_t fill) {
    checkArguments(image, width, height, window);
    Image out;
    out.width = window.width;
    out.height = window.height;
    out.rgb.assign(static_cast<size_t>(window.width) * static_cast<size_t>(window.height) * 3, fill);
    const int64_t left = std::max<int64_t>(window.left, 0), top = std::max<int64_t>(window.top, 0);
    const int64_t right = std::min<int64_t>(int64_t{window.left} + window.width, width);
    const int64_t bottom = std::min<int64_t>(int64_t{window.top} + window.height, height);
    if (right <= left || bottom <= top)
        return out;
    const ResizeWindow inside{static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left),
                              static_cast<int>(bottom - top)};
    const size_t outRowBytes = static_cast<size_t>(window.width) * 3;
    uint8_t* target = out.rgb.data() + static_cast<size_t>(top - window.top) * outRowBytes +
                      static_cast<size_t>(left - window.left) * 3;
    if (width == image.width && height == image.height)
        copyInto(image, inside, target, outRowBytes);
    else if (filter == Resample::Nearest)
        nearestInto(image, width, height, inside, target, outRowBytes);
    else
        resampleInto(image, width, height, filter, inside, target, outRowBytes);
    return out;
}

Image resize(const Image& image, int width, int height, Resample filter) {
    return resizeWindow(image, width, height, filter, {0, 0, width, height});
}

} // namespace diptych
