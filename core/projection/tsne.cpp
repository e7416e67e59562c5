// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/tsne.h"

#include "core/base/parallel.h"
#include "core/projection/approximate_neighbours.h"
#include "core/projection/repulsion.h"
#include "core/projection/start.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diptych {
namespace {

constexpr size_t kEarlySteps = 250, kLateSteps = 500;
constexpr float kEarlyExaggeration = 12, kMomentum = 0.8F, kMostStep = 5, kLeastGain = 0.01F;
constexpr double kStartDeviation = 1e-4;
/// From so many points on, pairs are not compared one by one (where the two take the same time on two
/// threads).
constexpr size_t kGridFrom = 6000;
constexpr size_t kRowsPerTask = 256;
constexpr size_t kStepsPerFrame = 5;

/// Shares of one point's neighbours, exp(-beta d²) scaled to a sum of 1, with beta found by bisection.
void shareOut(std::span<const float> distances, double perplexity, std::span<float> shares) {
    const double nearest = static_cast<double>(distances[0]) * static_cast<double>(distances[0]);
    double beta = 1, low = 0, high = std::numeric_limits<double>::infinity();
    // The width of the neighbourhood is a first guess that holds in any unit.
    const double farthest =
        static_cast<double>(distances.back()) * static_cast<double>(distances.back()) - nearest;
    if (farthest > 0)
        beta = 1 / farthest;
    const double wanted = std::log(perplexity);
    std::vector<double> weights(distances.size());
    double sum = 0;
    for (int step = 0; step < 100; ++step) {
        sum = 0;
        double weighted = 0;
        for (size_t j = 0; j < distances.size(); ++j) {
            const double excess =
                static_cast<double>(distances[j]) * static_cast<double>(distances[j]) - nearest;
            weights[j] = std::exp(-beta * excess);
            sum += weights[j];
            weighted += weights[j] * excess;
        }
        const double entropy = std::log(sum) + beta * weighted / sum;
        if (std::abs(entropy - wanted) < 1e-6)
            break;
        (entropy > wanted ? low : high) = beta;
        beta = std::isinf(high) ? beta * 2 : (low + high) / 2;
    }
    for (size_t j = 0; j < distances.size(); ++j)
        shares[j] = static_cast<float>(weights[j] / sum);
}

/// The points on their way down.
class Descent {
public:
    Descent(const SparseGraph& affinities, Matrix start, const RunContext& context)
        : m_affinities(affinities),
          m_context(context),
          m_positions(std::move(start)),
          m_forces(m_positions.rows(), 2),
          m_steps(m_positions.rows(), 2),
          m_gains(m_positions.rows(), 2, std::vector<float>(m_positions.rows() * 2, 1)),
          m_repulsion(m_positions.rows() < kGridFrom ? exactRepulsion() : gridRepulsion()) {}

    void step(float exaggeration) {
        const double normaliser = m_repulsion->compute(m_positions, m_forces, m_context.threadCount());
        const auto scale = static_cast<float>(normaliser > 0 ? 1 / normaliser : 0);
        const float rate = static_cast<float>(m_positions.rows()) / exaggeration;
        const size_t n = m_positions.rows();
        Matrix next(n, 2); // the others' positions are read while one moves
        parallelFor((n + kRowsPerTask - 1) / kRowsPerTask, m_context.threadCount(), [&](size_t task) {
            const size_t last = std::min(n, (task + 1) * kRowsPerTask);
            for (size_t i = task * kRowsPerTask; i < last; ++i)
                move(i, exaggeration, scale, rate, next);
        });
        m_positions = std::move(next);
        centre();
    }

    /// A new phase starts without the old one's pace.
    void rest() { std::ranges::fill(m_steps.values(), 0.0F); }

    Matrix& positions() { return m_positions; }

private:
    void move(size_t i, float exaggeration, float repulsionScale, float rate, Matrix& next) {
        const float x = m_positions(i, 0), y = m_positions(i, 1);
        float pullX = 0, pullY = 0;
        for (size_t e = m_affinities.start[i]; e < m_affinities.start[i + 1]; ++e) {
            const size_t j = m_affinities.other[e];
            const float dx = x - m_positions(j, 0), dy = y - m_positions(j, 1);
            const float pull = m_affinities.weight[e] / (1 + dx * dx + dy * dy);
            pullX += pull * dx;
            pullY += pull * dy;
        }
        const float gradient[2] = {exaggeration * pullX - repulsionScale * m_forces(i, 0),
                                   exaggeration * pullY - repulsionScale * m_forces(i, 1)};
        for (size_t c = 0; c < 2; ++c) {
            float& gain = m_gains(i, c);
            float& step = m_steps(i, c);
            gain = step * gradient[c] <= 0 ? gain + 0.2F : std::max(gain * 0.8F, kLeastGain);
            step = kMomentum * step - rate * gain * gradient[c];
        }
        const float length = std::sqrt(m_steps(i, 0) * m_steps(i, 0) + m_steps(i, 1) * m_steps(i, 1));
        for (size_t c = 0; c < 2; ++c) {
            if (length > kMostStep)
                m_steps(i, c) *= kMostStep / length;
            next(i, c) = m_positions(i, c) + m_steps(i, c);
        }
    }

    void centre() {
        double sum[2] = {0, 0};
        for (size_t i = 0; i < m_positions.rows(); ++i)
            for (size_t c = 0; c < 2; ++c)
                sum[c] += static_cast<double>(m_positions(i, c));
        for (size_t i = 0; i < m_positions.rows(); ++i)
            for (size_t c = 0; c < 2; ++c)
                m_positions(i, c) -= static_cast<float>(sum[c] / static_cast<double>(m_positions.rows()));
    }

    const SparseGraph& m_affinities;
    const RunContext& m_context;
    Matrix m_positions, m_forces, m_steps, m_gains;
    std::unique_ptr<Repulsion> m_repulsion;
};

} // namespace

SparseGraph tsneAffinities(const NeighbourTable& neighbours, double perplexity, const RunContext& context) {
    const size_t n = neighbours.rows();
    std::vector<float> shares(neighbours.index.size());
    parallelFor((n + kRowsPerTask - 1) / kRowsPerTask, context.threadCount(),
                [&](size_t task) {
                    const size_t last = std::min(n, (task + 1) * kRowsPerTask);
                    for (size_t i = task * kRowsPerTask; i < last; ++i)
                        shareOut(neighbours.distances(i), perplexity,
                                 std::span(shares).subspan(i * neighbours.k, neighbours.k));
                },
                context.stop);
    context.throwIfCancelled();
    SparseGraph graph =
        symmetricGraph(neighbours, shares, [](float there, float back) { return there + back; });
    double sum = 0;
    for (const float weight : graph.weight)
        sum += static_cast<double>(weight);
    for (float& weight : graph.weight)
        weight = static_cast<float>(static_cast<double>(weight) / sum);
    return graph;
}

Projection projectByTsne(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                         const FrameCallback& onFrame) {
    const size_t n = features.rows();
    Projection out;
    double perplexity = options.perplexity;
    if (const double most = static_cast<double>(n - 1) / 3; perplexity > most) {
        perplexity = std::max(1.0, most);
        out.notes.push_back(ProjectionNote::PerplexityLowered);
    }
    Matrix start = startFromPca(features, 2, kStartDeviation, context);
    if (n <
        3) { // nothing to weigh up: two points lie where they start, as far apart as a map's neighbours do
        out.positions = n == 1 ? std::move(start) : Matrix(2, 2, {-0.5F, 0, 0.5F, 0});
        out.neighbours = nearestRows(features, 1, context);
        return out;
    }
    FoundNeighbours found =
        findNeighbours(features, std::max<size_t>(1, static_cast<size_t>(3 * perplexity)), context);
    out.neighbours = std::move(found.table);
    out.neighbourRecall = found.recall;
    const SparseGraph affinities = tsneAffinities(out.neighbours, perplexity, context);
    Descent descent(affinities, std::move(start), context);
    const size_t late = options.iterations == 0 ? kLateSteps : options.iterations;
    const size_t steps = kEarlySteps + late;
    context.begin("Laying out the map", static_cast<int64_t>(steps));
    for (size_t step = 0; step < steps; ++step) {
        context.throwIfCancelled();
        if (step == kEarlySteps)
            descent.rest();
        descent.step(step < kEarlySteps ? kEarlyExaggeration : 1);
        context.advance();
        if (onFrame && (step + 1) % kStepsPerFrame == 0)
            onFrame(descent.positions(), step + 1, steps);
    }
    context.end();
    out.positions = std::move(descent.positions());
    return out;
}

} // namespace diptych
