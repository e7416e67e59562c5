// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/projection/lane_transform.h"
#include "core/projection/repulsion.h"
#include "core/projection/torch_calls.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

namespace diptych {
namespace {

/// Between two nodes. The kernel's spectrum falls as sqrt(k) exp(-k), so that little is left of it at the
/// nodes' limit of pi / 0.5.
constexpr float kSpacing = 0.5F;
constexpr size_t kSupport = 4; ///< nodes of a cubic B-spline
/// The charges are 1, x, y and x² + y². Two go through a transform together, one as the imaginary part: the
/// kernel is real and even, so they do not mix.
constexpr size_t kPairs = 2;
constexpr size_t kLanes = LaneTransform::kLanes;
constexpr size_t kPointsPerTask = 512;

/// The spline's weights of the nodes around a point that lies @p t, in [0, 1), past the second.
std::array<float, kSupport> splineWeights(float t) {
    const float u = 1 - t;
    return {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6,
            t * t * t / 6};
}

/// A point's place on the grid: its first node, and its weights.
struct Place {
    uint32_t row, column;
    std::array<float, kSupport> rowWeights, columnWeights;
};

/// Complex values, real and imaginary parts apart.
struct Plane {
    std::vector<float> real, imaginary;
    void assign(size_t size) {
        real.assign(size, 0);
        imaginary.assign(size, 0);
    }
};

/// Sixteen signals and the room to transform them.
struct Block {
    explicit Block(size_t size) : real(size * kLanes), imaginary(size * kLanes), scratch(2 * size * kLanes) {}
    std::vector<float> real, imaginary, scratch;
};

class GridRepulsion final : public Repulsion {
public:
    double compute(const Matrix& positions, Matrix& forces, unsigned threads) override {
        placePoints(positions, threads);
        parallelFor(kPairs, threads, [&](size_t pair) { spread(positions, pair); });
        const size_t columnBlocks = m_width / kLanes, rowBlocks = (m_transform->size() + kLanes - 1) / kLanes;
        parallelFor(kPairs * columnBlocks, threads, [&](size_t task) {
            columnsForward(m_planes[task / columnBlocks], task % columnBlocks * kLanes);
        });
        parallelFor(kPairs * rowBlocks, threads, [&](size_t task) {
            convolveRows(m_planes[task / rowBlocks], task % rowBlocks * kLanes);
        });
        parallelFor(kPairs * columnBlocks, threads, [&](size_t task) {
            columnsBackward(m_planes[task / columnBlocks], task % columnBlocks * kLanes);
        });
        return readForces(positions, forces, threads);
    }

private:
    void placePoints(const Matrix& positions, unsigned threads) {
        const size_t n = positions.rows();
        std::array<float, 2> low{positions(0, 0), positions(0, 1)}, high = low;
        for (size_t i = 0; i < n; ++i)
            for (size_t c = 0; c < 2; ++c) {
                low[c] = std::min(low[c], positions(i, c));
                high[c] = std::max(high[c], positions(i, c));
            }
        const float extent = std::max(high[0] - low[0], high[1] - low[1]);
        setSide(static_cast<size_t>(extent / kSpacing) + kSupport);
        // Charges are taken about the middle and in units of the extent, where they lose the fewest digits.
        m_middle = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2};
        m_unit = extent > 0 ? extent / 2 : 1;
        m_places.resize(n);
        parallelFor((n + kPointsPerTask - 1) / kPointsPerTask, threads, [&](size_t task) {
            const size_t last = std::min(n, (task + 1) * kPointsPerTask);
            for (size_t i = task * kPointsPerTask; i < last; ++i) {
                const float row = (positions(i, 1) - low[1]) / kSpacing;
                const float column = (positions(i, 0) - low[0]) / kSpacing;
                const float wholeRow = std::floor(row), wholeColumn = std::floor(column);
                m_places[i] = {static_cast<uint32_t>(wholeRow), static_cast<uint32_t>(wholeColumn),
                               splineWeights(row - wholeRow), splineWeights(column - wholeColumn)};
            }
        });
    }

    /// For a grid of at least so many nodes a side: twice as many, so that the convolution does not wrap
    /// around.
    void setSide(size_t needed) {
        size_t size = LaneTransform::goodSize(2 * needed);
        while (size % 2 != 0)
            size = LaneTransform::goodSize(size + 1);
        if (!m_transform || size != m_transform->size()) {
            m_transform.emplace(size);
            m_side = size / 2;
            m_width = (m_side + kLanes - 1) / kLanes * kLanes;
            setSpectrum();
        }
        for (Plane& plane : m_planes)
            plane.assign(size * m_width);
    }

    /// The transform of the kernel, [size / 2 + 1, size rounded up to lanes]: it is real, and the same both
    /// ways.
    void setSpectrum() {
        torchCall([&] {
            const OneTorchThread one;
            const c10::InferenceMode inference;
            const auto size = static_cast<int64_t>(m_transform->size());
            const at::Tensor steps = at::arange(size, at::kDouble);
            const at::Tensor offsets =
                at::minimum(steps, static_cast<double>(size) - steps) * double{kSpacing};
            const at::Tensor squares = offsets.square();
            const at::Tensor kernel = (1 + squares.unsqueeze(0) + squares.unsqueeze(1)).square().reciprocal();
            // A B-spline spreads and reads with a blur; dividing it out twice makes both exact at the nodes.
            const at::Tensor blur =
                ((4 + 2 * at::cos(steps * (2 * std::numbers::pi / static_cast<double>(size)))) / 6).square();
            const at::Tensor halves = at::real(at::fft_rfft2(kernel)) /
                                      (blur.unsqueeze(1) * blur.narrow(0, 0, size / 2 + 1).unsqueeze(0)) /
                                      static_cast<double>(size * size);
            const at::Tensor rows = halves.t().to(at::kFloat).contiguous();
            m_spectrumWidth = (m_transform->size() + kLanes - 1) / kLanes * kLanes;
            m_spectrum.assign(static_cast<size_t>(size / 2 + 1) * m_spectrumWidth, 0);
            for (int64_t k = 0; k <= size / 2; ++k)
                std::copy_n(rows.const_data_ptr<float>() + k * size, size,
                            m_spectrum.data() + static_cast<size_t>(k) * m_spectrumWidth);
        });
    }

    std::array<float, 2> inUnits(const Matrix& positions, size_t i) const {
        return {(positions(i, 0) - m_middle[0]) / m_unit, (positions(i, 1) - m_middle[1]) / m_unit};
    }

    /// Points are added in their order, so that sums do not depend on the threads.
    void spread(const Matrix& positions, size_t pair) {
        Plane& plane = m_planes[pair];
        for (size_t i = 0; i < m_places.size(); ++i) {
            const Place& place = m_places[i];
            const auto [x, y] = inUnits(positions, i);
            const float first = pair == 0 ? 1 : y, second = pair == 0 ? x : x * x + y * y;
            for (size_t r = 0; r < kSupport; ++r) {
                const size_t start = (place.row + r) * m_width + place.column;
                const float firstInRow = first * place.rowWeights[r],
                            secondInRow = second * place.rowWeights[r];
                for (size_t c = 0; c < kSupport; ++c) {
                    plane.real[start + c] += firstInRow * place.columnWeights[c];
                    plane.imaginary[start + c] += secondInRow * place.columnWeights[c];
                }
            }
        }
    }

    /// Sixteen columns; below the grid's side there are zeros.
    void columnsForward(Plane& plane, size_t column) const {
        const size_t size = m_transform->size();
        Block block(size);
        for (size_t row = 0; row < m_side; ++row) {
            std::copy_n(plane.real.data() + row * m_width + column, kLanes, block.real.data() + row * kLanes);
            std::copy_n(plane.imaginary.data() + row * m_width + column, kLanes,
                        block.imaginary.data() + row * kLanes);
        }
        m_transform->forward(block.real.data(), block.imaginary.data(), block.scratch.data());
        for (size_t row = 0; row < size; ++row) {
            std::copy_n(block.real.data() + row * kLanes, kLanes, plane.real.data() + row * m_width + column);
            std::copy_n(block.imaginary.data() + row * kLanes, kLanes,
                        plane.imaginary.data() + row * m_width + column);
        }
    }

    /// Sixteen rows there, times the spectrum, and back; what lies right of the grid's side is dropped.
    void convolveRows(Plane& plane, size_t firstRow) const {
        const size_t size = m_transform->size(), rows = std::min(kLanes, size - firstRow);
        Block block(size);
        for (size_t lane = 0; lane < rows; ++lane)
            for (size_t column = 0; column < m_side; ++column) {
                block.real[column * kLanes + lane] = plane.real[(firstRow + lane) * m_width + column];
                block.imaginary[column * kLanes + lane] =
                    plane.imaginary[(firstRow + lane) * m_width + column];
            }
        m_transform->forward(block.real.data(), block.imaginary.data(), block.scratch.data());
        for (size_t k = 0; k < size; ++k) {
            const float* factors = m_spectrum.data() + std::min(k, size - k) * m_spectrumWidth + firstRow;
            for (size_t lane = 0; lane < kLanes; ++lane) {
                block.real[k * kLanes + lane] *= factors[lane];
                block.imaginary[k * kLanes + lane] *= factors[lane];
            }
        }
        m_transform->backward(block.real.data(), block.imaginary.data(), block.scratch.data());
        for (size_t lane = 0; lane < rows; ++lane)
            for (size_t column = 0; column < m_side; ++column) {
                plane.real[(firstRow + lane) * m_width + column] = block.real[column * kLanes + lane];
                plane.imaginary[(firstRow + lane) * m_width + column] =
                    block.imaginary[column * kLanes + lane];
            }
    }

    void columnsBackward(Plane& plane, size_t column) const {
        const size_t size = m_transform->size();
        Block block(size);
        for (size_t row = 0; row < size; ++row) {
            std::copy_n(plane.real.data() + row * m_width + column, kLanes, block.real.data() + row * kLanes);
            std::copy_n(plane.imaginary.data() + row * m_width + column, kLanes,
                        block.imaginary.data() + row * kLanes);
        }
        m_transform->backward(block.real.data(), block.imaginary.data(), block.scratch.data());
        for (size_t row = 0; row < m_side; ++row) {
            std::copy_n(block.real.data() + row * kLanes, kLanes, plane.real.data() + row * m_width + column);
            std::copy_n(block.imaginary.data() + row * kLanes, kLanes,
                        plane.imaginary.data() + row * m_width + column);
        }
    }

    /// The potential of one charge at a point.
    float potentialAt(const Place& place, const std::vector<float>& nodes) const {
        float sum = 0;
        for (size_t r = 0; r < kSupport; ++r) {
            const float* row = nodes.data() + (place.row + r) * m_width + place.column;
            float inRow = 0;
            for (size_t c = 0; c < kSupport; ++c)
                inRow += row[c] * place.columnWeights[c];
            sum += inRow * place.rowWeights[r];
        }
        return sum;
    }

    double readForces(const Matrix& positions, Matrix& forces, unsigned threads) {
        m_weights.resize(m_places.size());
        parallelFor((m_places.size() + kPointsPerTask - 1) / kPointsPerTask, threads, [&](size_t task) {
            const size_t last = std::min(m_places.size(), (task + 1) * kPointsPerTask);
            for (size_t i = task * kPointsPerTask; i < last; ++i) {
                const Place& place = m_places[i];
                const float one = potentialAt(place, m_planes[0].real);
                const float byX = potentialAt(place, m_planes[0].imaginary);
                const float byY = potentialAt(place, m_planes[1].real);
                const float bySquare = potentialAt(place, m_planes[1].imaginary);
                const auto [x, y] = inUnits(positions, i);
                forces(i, 0) = m_unit * (x * one - byX);
                forces(i, 1) = m_unit * (y * one - byY);
                // w = w² (1 + |y_i|² + |y_j|² - 2 y_i y_j)
                m_weights[i] =
                    one + m_unit * m_unit * ((x * x + y * y) * one - 2 * (x * byX + y * byY) + bySquare);
            }
        });
        double normaliser = 0;
        for (const float weight : m_weights)
            normaliser += static_cast<double>(weight);
        return normaliser - static_cast<double>(m_places.size()); // less each point itself
    }

    std::optional<LaneTransform> m_transform;
    size_t m_side = 0, m_width = 0; ///< nodes of the grid, and floats from row to row
    std::vector<float> m_spectrum;
    size_t m_spectrumWidth = 0;
    std::array<Plane, kPairs> m_planes; ///< [size, width]: charges, then potentials
    std::array<float, 2> m_middle{};
    float m_unit = 1;
    std::vector<Place> m_places;
    std::vector<float> m_weights;
};

} // namespace

std::unique_ptr<Repulsion> gridRepulsion() {
    return std::make_unique<GridRepulsion>();
}

} // namespace diptych
