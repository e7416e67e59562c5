// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/cross_products.h"

#include "core/base/parallel.h"
#include "core/projection/torch_calls.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace diptych {
namespace {

constexpr size_t kPanel = 16;   ///< columns that lie together
constexpr size_t kTile = 4;     ///< columns of the left panel at a time
constexpr size_t kChunk = 1024; ///< rows packed at a time

using PanelKernel = void (*)(const double* left, const double* right, size_t rows, double* sums);

/// sums [16, 16] += leftᵀ right of two panels [rows, 16]. One body, compiled for each instruction set below.
template<size_t width>
[[gnu::always_inline]] inline void panelBody(const double* left, const double* right, size_t rows,
                                             double* sums) {
    typedef double Vector __attribute__((vector_size(width * sizeof(double))));
    constexpr size_t kVectors = kPanel / width;
    for (size_t first = 0; first < kPanel; first += kTile) {
        Vector tile[kTile][kVectors];
        std::memcpy(tile, sums + first * kPanel, sizeof(tile));
        for (size_t k = 0; k < rows; ++k)
            for (size_t v = 0; v < kVectors; ++v) {
                Vector columns;
                std::memcpy(&columns, right + k * kPanel + v * width, sizeof(columns));
                for (size_t i = 0; i < kTile; ++i)
                    tile[i][v] += left[k * kPanel + first + i] * columns;
            }
        std::memcpy(sums + first * kPanel, tile, sizeof(tile));
    }
}

void panelGeneric(const double* left, const double* right, size_t rows, double* sums) {
    panelBody<2>(left, right, rows, sums);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void panelAvx2(const double* left, const double* right, size_t rows,
                                           double* sums) {
    panelBody<4>(left, right, rows, sums);
}
[[gnu::target("avx512f")]] void panelAvx512(const double* left, const double* right, size_t rows,
                                            double* sums) {
    panelBody<8>(left, right, rows, sums);
}
#endif

PanelKernel chooseKernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return panelAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return panelAvx2;
#endif
    return panelGeneric;
}

using Block = std::array<double, kPanel * kPanel>;

} // namespace

std::vector<double> crossProducts(size_t rows, size_t columns,
                                  const std::function<void(size_t row, std::span<double> values)>& fillRow,
                                  const RunContext& context) {
    static const PanelKernel kernel = chooseKernel();
    const size_t panels = (columns + kPanel - 1) / kPanel;
    std::vector<Block> blocks(panels * (panels + 1) / 2, Block{}); // lower triangle, row by row
    std::vector<double> packed(panels * kChunk * kPanel);
    const auto panelAt = [&](size_t panel) { return packed.data() + panel * kChunk * kPanel; };
    for (size_t first = 0; first < rows; first += kChunk) {
        context.throwIfCancelled();
        const size_t count = std::min(kChunk, rows - first);
        parallelFor(count, context.threadCount(), [&](size_t k) {
            std::vector<double> values(panels * kPanel);
            fillRow(first + k, std::span(values).first(columns));
            for (size_t panel = 0; panel < panels; ++panel)
                std::copy_n(values.data() + panel * kPanel, kPanel, panelAt(panel) + k * kPanel);
        });
        parallelFor(panels, context.threadCount(), [&](size_t a) {
            for (size_t b = 0; b <= a; ++b)
                kernel(panelAt(a), panelAt(b), count, blocks[a * (a + 1) / 2 + b].data());
        });
    }
    std::vector<double> out(columns * columns);
    for (size_t i = 0; i < columns; ++i)
        for (size_t j = 0; j <= i; ++j) {
            const size_t a = i / kPanel, b = j / kPanel;
            const double sum = blocks[a * (a + 1) / 2 + b][i % kPanel * kPanel + j % kPanel];
            out[i * columns + j] = out[j * columns + i] = sum;
        }
    return out;
}

Eigen largestEigenvectors(std::span<const double> symmetric, size_t n, size_t count) {
    return torchCall([&] {
        const OneTorchThread one;
        const auto side = static_cast<int64_t>(n);
        const at::Tensor matrix =
            at::from_blob(const_cast<double*>(symmetric.data()), {side, side}, at::kDouble);
        const auto [values, vectors] = at::linalg_eigh(matrix); // rising; vectors are columns
        const at::Tensor rows = vectors.t().contiguous();
        Eigen out;
        for (size_t i = 0; i < std::min(count, n); ++i) {
            const int64_t at = side - 1 - static_cast<int64_t>(i);
            out.values.push_back(values[at].item<double>());
            const double* row = rows.const_data_ptr<double>() + at * side;
            out.vectors.emplace_back(row, row + n);
        }
        return out;
    });
}

} // namespace diptych
