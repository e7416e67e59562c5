// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/umap.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/projection/approximate_neighbours.h"
#include "core/projection/spectral.h"
#include "core/projection/start.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kFewPoints = 10'000, kEpochsOfFew = 500, kEpochsOfMany = 200;
constexpr size_t kNegativeSamples = 5;
constexpr float kMostGradient = 4;
constexpr float kStartSide = 10; ///< of the square or cube that points start in
/// No point's neighbourhood is narrower than this share of the mean distance of neighbours.
constexpr double kLeastWidth = 1e-3;
constexpr size_t kRowsPerTask = 256;

/// Memberships of one point's neighbours.
void memberships(std::span<const float> distances, double meanDistance, std::span<float> out) {
    const auto positive = std::ranges::find_if(distances, [](float distance) { return distance > 0; });
    const double nearest = positive == distances.end() ? 0 : static_cast<double>(*positive);
    const auto membership = [&](float distance, double width) {
        const double excess = static_cast<double>(distance) - nearest;
        return excess > 0 && width > 0 ? std::exp(-excess / width) : 1;
    };
    const double wanted = std::log2(static_cast<double>(distances.size() + 1));
    double width = 1, low = 0, high = std::numeric_limits<double>::infinity();
    for (int step = 0; step < 64; ++step) {
        double sum = 0;
        for (const float distance : distances)
            sum += membership(distance, width);
        if (std::abs(sum - wanted) < 1e-5)
            break;
        (sum > wanted ? high : low) = width;
        width = std::isinf(high) ? width * 2 : (low + high) / 2;
    }
    const double own = std::accumulate(distances.begin(), distances.end(), 0.0) /
                       static_cast<double>(distances.size() + 1); // the point itself counts, at distance 0
    width = std::max(width, kLeastWidth * (nearest > 0 ? own : meanDistance));
    for (size_t j = 0; j < distances.size(); ++j)
        out[j] = static_cast<float>(membership(distances[j], width));
}

/// A pair that is pulled together every so many epochs.
struct Pull {
    uint32_t head, tail;
    float period, next, nextNegative;
};

std::vector<Pull> pullsOf(const SparseGraph& graph, size_t epochs) {
    const float most = *std::ranges::max_element(graph.weight);
    std::vector<Pull> pulls;
    for (size_t i = 0; i < graph.rows(); ++i)
        for (size_t e = graph.start[i]; e < graph.start[i + 1]; ++e) {
            const float period = most / graph.weight[e];
            if (period > static_cast<float>(epochs))
                continue; // would not come up once
            const float negative = period / static_cast<float>(kNegativeSamples);
            pulls.push_back({static_cast<uint32_t>(i), graph.other[e], period, period, negative});
        }
    return pulls;
}

/// Stochastic gradient descent, one pair after the other: the order is part of the result.
template<size_t dimensions>
class Descent {
public:
    Descent(const SparseGraph& graph, size_t epochs, const UmapCurve& curve, Matrix start, uint64_t seed)
        : m_pulls(pullsOf(graph, epochs)),
          m_a(static_cast<float>(curve.a)),
          m_b(static_cast<float>(curve.b)),
          m_positions(std::move(start)),
          m_random(seed) {}

    void epoch(size_t number, float rate) {
        const auto now = static_cast<float>(number);
        for (Pull& pull : m_pulls) {
            if (pull.next > now)
                continue;
            float* head = m_positions.row(pull.head).data();
            attract(head, m_positions.row(pull.tail).data(), rate);
            pull.next += pull.period;
            const float period = pull.period / static_cast<float>(kNegativeSamples);
            const auto samples = static_cast<size_t>(std::max(0.0F, (now - pull.nextNegative) / period));
            for (size_t s = 0; s < samples; ++s) {
                const uint64_t other = m_random.below(m_positions.rows());
                if (other != pull.head)
                    repel(head, m_positions.row(other).data(), rate);
            }
            pull.nextNegative += static_cast<float>(samples) * period;
        }
    }

    Matrix& positions() { return m_positions; }

private:
    static float square(const float* a, const float* b) {
        float sum = 0;
        for (size_t c = 0; c < dimensions; ++c)
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        return sum;
    }
    static float clipped(float value) { return std::clamp(value, -kMostGradient, kMostGradient); }

    void attract(float* head, float* tail, float rate) const {
        const float distance = square(head, tail);
        if (!(distance > 0))
            return;
        const float power = std::pow(distance, m_b);
        const float factor = -2 * m_a * m_b * power / distance / (m_a * power + 1);
        for (size_t c = 0; c < dimensions; ++c) {
            const float step = rate * clipped(factor * (head[c] - tail[c]));
            head[c] += step;
            tail[c] -= step;
        }
    }

    void repel(float* head, const float* other, float rate) const {
        const float distance = square(head, other);
        if (!(distance > 0))
            return;
        const float factor = 2 * m_b / ((0.001F + distance) * (m_a * std::pow(distance, m_b) + 1));
        for (size_t c = 0; c < dimensions; ++c)
            head[c] += rate * clipped(factor * (head[c] - other[c]));
    }

    std::vector<Pull> m_pulls;
    const float m_a, m_b;
    Matrix m_positions;
    Random m_random;
};

/// Each axis scaled to the start's side.
void fillSquare(Matrix& positions) {
    for (size_t c = 0; c < positions.cols(); ++c) {
        float low = positions(0, c), high = low;
        for (size_t i = 0; i < positions.rows(); ++i) {
            low = std::min(low, positions(i, c));
            high = std::max(high, positions(i, c));
        }
        const float scale = high > low ? kStartSide / (high - low) : 0;
        for (size_t i = 0; i < positions.rows(); ++i)
            positions(i, c) = (positions(i, c) - low) * scale;
    }
}

Matrix startOf(const Matrix& features, const SparseGraph& graph, size_t dimensions, const RunContext& context,
               std::vector<ProjectionNote>& notes) {
    auto start = spectralLayout(graph, dimensions, context);
    if (!start) {
        notes.push_back(ProjectionNote::StartedFromPca);
        start = startFromPca(features, dimensions, 1, context);
    }
    fillSquare(*start);
    Random random(context.seed + 1);
    for (float& value : start->values())
        value += static_cast<float>(random.uniform(-1e-4, 1e-4)); // equal points must be able to part
    return std::move(*start);
}

template<size_t dimensions>
Matrix descend(const SparseGraph& graph, size_t epochs, const UmapCurve& curve, Matrix start,
               const RunContext& context, const FrameCallback& onFrame) {
    Descent<dimensions> descent(graph, epochs, curve, std::move(start), context.seed + 2);
    context.begin("Laying out the map", static_cast<int64_t>(epochs));
    for (size_t epoch = 0; epoch < epochs; ++epoch) {
        context.throwIfCancelled();
        descent.epoch(epoch, 1 - static_cast<float>(epoch) / static_cast<float>(epochs));
        context.advance();
        if (onFrame)
            onFrame(descent.positions(), epoch + 1, epochs);
    }
    context.end();
    return std::move(descent.positions());
}

} // namespace

SparseGraph umapMemberships(const NeighbourTable& neighbours, const RunContext& context) {
    const size_t n = neighbours.rows();
    const double mean = std::accumulate(neighbours.distance.begin(), neighbours.distance.end(), 0.0) /
                        static_cast<double>(n * (neighbours.k + 1));
    std::vector<float> weights(neighbours.index.size());
    parallelFor((n + kRowsPerTask - 1) / kRowsPerTask, context.threadCount(),
                [&](size_t task) {
                    const size_t last = std::min(n, (task + 1) * kRowsPerTask);
                    for (size_t i = task * kRowsPerTask; i < last; ++i)
                        memberships(neighbours.distances(i), mean,
                                    std::span(weights).subspan(i * neighbours.k, neighbours.k));
                },
                context.stop);
    context.throwIfCancelled();
    return symmetricGraph(neighbours, weights, [](float a, float b) { return a + b - a * b; });
}

UmapCurve fitUmapCurve(double minDistance) {
    // Least squares on 300 points up to 3, by Gauss-Newton steps with Levenberg's damping.
    constexpr size_t kPoints = 300;
    const auto residuals = [&](const UmapCurve& curve, auto&& visit) {
        double sum = 0;
        for (size_t i = 1; i < kPoints; ++i) { // both curves are 1 at 0
            const double d = 3.0 * static_cast<double>(i) / (kPoints - 1);
            const double wanted = d < minDistance ? 1 : std::exp(minDistance - d);
            const double power = std::pow(d, 2 * curve.b), value = 1 / (1 + curve.a * power);
            visit(value - wanted, -value * value * power, -value * value * curve.a * power * 2 * std::log(d));
            sum += (value - wanted) * (value - wanted);
        }
        return sum;
    };
    UmapCurve curve;
    double damping = 1e-3;
    for (int step = 0; step < 200; ++step) {
        double aa = 0, ab = 0, bb = 0, ra = 0, rb = 0;
        const double before = residuals(curve, [&](double r, double byA, double byB) {
            aa += byA * byA;
            ab += byA * byB;
            bb += byB * byB;
            ra += r * byA;
            rb += r * byB;
        });
        const double dampedA = aa * (1 + damping), dampedB = bb * (1 + damping);
        const double determinant = dampedA * dampedB - ab * ab;
        const UmapCurve tried{curve.a - (dampedB * ra - ab * rb) / determinant,
                              curve.b - (dampedA * rb - ab * ra) / determinant};
        const bool better =
            tried.a > 0 && tried.b > 0 && residuals(tried, [](double, double, double) {}) < before;
        if (better)
            curve = tried;
        damping *= better ? 0.3 : 4;
        if (damping > 1e12)
            break;
    }
    return curve;
}

Projection projectByUmap(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                         const FrameCallback& onFrame) {
    const size_t n = features.rows(), dimensions = options.dimensions;
    Projection out;
    if (n == 1) {
        out.positions = Matrix(1, dimensions);
        return out;
    }
    if (options.neighbours > n)
        out.notes.push_back(ProjectionNote::NeighboursLowered);
    FoundNeighbours found = findNeighbours(features, options.neighbours - 1, context); // itself counts as one
    out.neighbours = std::move(found.table);
    out.neighbourRecall = found.recall;
    const SparseGraph graph = umapMemberships(out.neighbours, context);
    Matrix start = startOf(features, graph, dimensions, context, out.notes);
    const size_t usual = n <= kFewPoints ? kEpochsOfFew : kEpochsOfMany;
    const size_t epochs = options.iterations == 0 ? usual : options.iterations;
    const UmapCurve curve = fitUmapCurve(options.minDistance);
    out.positions = dimensions == 2 ? descend<2>(graph, epochs, curve, std::move(start), context, onFrame)
                                    : descend<3>(graph, epochs, curve, std::move(start), context, onFrame);
    return out;
}

} // namespace diptych
