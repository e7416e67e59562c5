// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/matrix.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

namespace diptych {
namespace {

// Every output is one running sum over k in order, whatever the tile it falls into, so results depend neither
// on the number of threads nor on where a row stands. The lanes of a vector are columns of the result; that
// is what lets the compiler use vector units without reordering any sum.
constexpr size_t kColumnsPerPanel = 32;
constexpr size_t kRowsPerTile = 4;
constexpr size_t kRowsPerTask = 32;

/// Columns [first, first + 32) of bᵀ as [d, 32]; columns past the end are zeros.
void packPanel(const Matrix& b, size_t first, float* panel) {
    const size_t d = b.cols();
    const size_t count = std::min(kColumnsPerPanel, b.rows() - first);
    std::fill_n(panel, d * kColumnsPerPanel, 0.0f);
    for (size_t j = 0; j < count; ++j) {
        const float* source = b.row(first + j).data();
        for (size_t k = 0; k < d; ++k)
            panel[k * kColumnsPerPanel + j] = source[k];
    }
}

using TileKernel = void (*)(const float* const* rows, const float* panel, size_t d, float* out);

/// out [4, 32] = 4 rows of a times a panel. One body, compiled for each instruction set below.
template<size_t width>
[[gnu::always_inline]] inline void tileBody(const float* const* rows, const float* panel, size_t d,
                                            float* out) {
    typedef float Vector __attribute__((vector_size(width * sizeof(float))));
    constexpr size_t kVectors = kColumnsPerPanel / width;
    Vector sums[kRowsPerTile][kVectors] = {};
    for (size_t k = 0; k < d; ++k)
        for (size_t v = 0; v < kVectors; ++v) {
            Vector columns;
            std::memcpy(&columns, panel + k * kColumnsPerPanel + v * width, sizeof(columns));
            for (size_t i = 0; i < kRowsPerTile; ++i)
                sums[i][v] += rows[i][k] * columns;
        }
    std::memcpy(out, sums, sizeof(sums));
}

void tileGeneric(const float* const* rows, const float* panel, size_t d, float* out) {
    tileBody<4>(rows, panel, d, out);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void tileAvx2(const float* const* rows, const float* panel, size_t d,
                                          float* out) {
    tileBody<8>(rows, panel, d, out);
}
[[gnu::target("avx512f")]] void tileAvx512(const float* const* rows, const float* panel, size_t d,
                                           float* out) {
    tileBody<16>(rows, panel, d, out);
}
#endif

TileKernel chooseKernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return tileAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return tileAvx2;
#endif
    return tileGeneric;
}

void multiplyRows(const Matrix& a, size_t firstRow, const float* panels, Matrix& out) {
    static const TileKernel kernel = chooseKernel();
    const size_t d = a.cols();
    const size_t lastRow = std::min(a.rows(), firstRow + kRowsPerTask);
    float tile[kRowsPerTile * kColumnsPerPanel];
    for (size_t j = 0; j < out.cols(); j += kColumnsPerPanel) {
        const float* panel = panels + j * d;
        const size_t columns = std::min(kColumnsPerPanel, out.cols() - j);
        for (size_t i = firstRow; i < lastRow; i += kRowsPerTile) {
            const size_t rowCount = std::min(kRowsPerTile, lastRow - i);
            const float* rows[kRowsPerTile];
            for (size_t r = 0; r < kRowsPerTile; ++r)
                rows[r] = a.row(i + std::min(r, rowCount - 1)).data();
            kernel(rows, panel, d, tile);
            for (size_t r = 0; r < rowCount; ++r)
                std::copy_n(tile + r * kColumnsPerPanel, columns, out.row(i + r).data() + j);
        }
    }
}

} // namespace

void normalizeRows(Matrix& matrix) {
    for (size_t i = 0; i < matrix.rows(); ++i) {
        const std::span<float> row = matrix.row(i);
        double sum = 0;
        for (const float value : row)
            sum += double{value} * double{value};
        if (sum == 0)
            continue;
        const double scale = 1.0 / std::sqrt(sum);
        for (float& value : row)
            value = static_cast<float>(double{value} * scale);
    }
}

Matrix multiplyTransposed(const Matrix& a, const Matrix& b, unsigned threads) {
    DIPTYCH_ASSERT(a.cols() == b.cols() || a.rows() == 0 || b.rows() == 0);
    Matrix out(a.rows(), b.rows());
    if (out.empty())
        return out;
    if (threads == 0)
        threads = std::max(1u, std::thread::hardware_concurrency());
    const size_t d = a.cols();
    const size_t panelCount = (b.rows() + kColumnsPerPanel - 1) / kColumnsPerPanel;
    std::vector<float> panels(panelCount * kColumnsPerPanel * d);
    // Threads cost more than they bring on small products.
    if (out.values().size() * std::max<size_t>(d, 1) < (size_t{1} << 20))
        threads = 1;
    parallelFor(panelCount, threads, [&](size_t p) {
        packPanel(b, p * kColumnsPerPanel, panels.data() + p * kColumnsPerPanel * d);
    });
    parallelFor((a.rows() + kRowsPerTask - 1) / kRowsPerTask, threads,
                [&](size_t task) { multiplyRows(a, task * kRowsPerTask, panels.data(), out); });
    return out;
}

} // namespace diptych
