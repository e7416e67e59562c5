// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/projection/repulsion.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace diptych {
namespace {

constexpr size_t kLanes = 16; ///< points are taken so many at a time; their arrays are padded to it
constexpr size_t kRowsPerTask = 64;
constexpr float kFarAway = 1e15F; ///< where the padding lies: its weight is 0

struct Sums {
    float x, y, weight;
};

using RowKernel = Sums (*)(const float* x, const float* y, size_t padded, float ownX, float ownY);

/// All points' push on one. One body, compiled for each instruction set below.
template<size_t width>
[[gnu::always_inline]] inline Sums rowBody(const float* x, const float* y, size_t padded, float ownX,
                                           float ownY) {
    typedef float Vector __attribute__((vector_size(width * sizeof(float))));
    Vector sumX = {}, sumY = {}, sumWeight = {};
    for (size_t j = 0; j < padded; j += width) {
        Vector otherX, otherY;
        std::memcpy(&otherX, x + j, sizeof(otherX));
        std::memcpy(&otherY, y + j, sizeof(otherY));
        const Vector dx = ownX - otherX, dy = ownY - otherY;
        const Vector weight = 1.0F / (1.0F + dx * dx + dy * dy);
        const Vector square = weight * weight;
        sumX += square * dx;
        sumY += square * dy;
        sumWeight += weight;
    }
    float lanes[3][width];
    std::memcpy(lanes[0], &sumX, sizeof(sumX));
    std::memcpy(lanes[1], &sumY, sizeof(sumY));
    std::memcpy(lanes[2], &sumWeight, sizeof(sumWeight));
    Sums out{0, 0, 0};
    for (size_t i = 0; i < width; ++i) {
        out.x += lanes[0][i];
        out.y += lanes[1][i];
        out.weight += lanes[2][i];
    }
    return out;
}

Sums rowGeneric(const float* x, const float* y, size_t padded, float ownX, float ownY) {
    return rowBody<4>(x, y, padded, ownX, ownY);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] Sums rowAvx2(const float* x, const float* y, size_t padded, float ownX,
                                         float ownY) {
    return rowBody<8>(x, y, padded, ownX, ownY);
}
[[gnu::target("avx512f")]] Sums rowAvx512(const float* x, const float* y, size_t padded, float ownX,
                                          float ownY) {
    return rowBody<16>(x, y, padded, ownX, ownY);
}
#endif

RowKernel chooseKernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return rowAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return rowAvx2;
#endif
    return rowGeneric;
}

class ExactRepulsion final : public Repulsion {
public:
    double compute(const Matrix& positions, Matrix& forces, unsigned threads) override {
        static const RowKernel kernel = chooseKernel();
        const size_t n = positions.rows(), padded = (n + kLanes - 1) / kLanes * kLanes;
        m_x.assign(padded, kFarAway);
        m_y.assign(padded, kFarAway);
        m_weights.resize(n);
        for (size_t i = 0; i < n; ++i) {
            m_x[i] = positions(i, 0);
            m_y[i] = positions(i, 1);
        }
        parallelFor((n + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task) {
            const size_t last = std::min(n, (task + 1) * kRowsPerTask);
            for (size_t i = task * kRowsPerTask; i < last; ++i) {
                const Sums sums = kernel(m_x.data(), m_y.data(), padded, m_x[i], m_y[i]);
                forces(i, 0) = sums.x;
                forces(i, 1) = sums.y;
                m_weights[i] = sums.weight - 1; // less the point itself
            }
        });
        double normaliser = 0;
        for (const float weight : m_weights)
            normaliser += static_cast<double>(weight);
        return normaliser;
    }

private:
    std::vector<float> m_x, m_y, m_weights;
};

} // namespace

std::unique_ptr<Repulsion> exactRepulsion() {
    return std::make_unique<ExactRepulsion>();
}

} // namespace diptych
