// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/bootstrap.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace diptych {

namespace {

void checkOptions(const BootstrapOptions& options) {
    if (options.resamples < 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("A bootstrap needs at least 2 resamples, not {}", options.resamples));
    if (!(options.level > 0 && options.level < 1))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The confidence level {} is not between 0 and 1", options.level));
}

/// Values of the statistic, one a resample, in order.
template<class OneResample>
std::vector<double> resampleAll(const BootstrapOptions& options, const RunContext& context,
                                OneResample&& oneResample) {
    std::vector<double> values(options.resamples);
    // Blocks let the scratch memory of a thread be used again.
    constexpr size_t kBlock = 16;
    const size_t blocks = (options.resamples + kBlock - 1) / kBlock;
    parallelFor(
        blocks, context.threadCount(),
        [&](size_t block) {
            std::vector<uint32_t> scratch;
            const size_t end = std::min(options.resamples, (block + 1) * kBlock);
            for (size_t r = block * kBlock; r < end; ++r)
                values[r] = oneResample(r, scratch);
        },
        context.stop);
    context.throwIfCancelled();
    return values;
}

} // namespace

Resampler::Resampler(size_t n, std::span<const int64_t> clusters, uint64_t seed) : m_size(n), m_seed(seed) {
    requireNotEmpty(n, "examples");
    if (n > std::numeric_limits<uint32_t>::max())
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{} examples are more than a bootstrap can take", n));
    m_members.resize(n);
    std::iota(m_members.begin(), m_members.end(), 0u);
    if (clusters.empty())
        return;
    requireSameLength(n, "examples", clusters.size(), "clusters");
    std::unordered_map<int64_t, uint32_t> numbers;
    std::vector<uint32_t> numberOf(n);
    for (size_t i = 0; i < n; ++i)
        numberOf[i] = numbers.try_emplace(clusters[i], static_cast<uint32_t>(numbers.size())).first->second;
    std::ranges::stable_sort(m_members, {}, [&](uint32_t i) { return numberOf[i]; });
    m_starts.assign(numbers.size() + 1, 0);
    for (const uint32_t number : numberOf)
        ++m_starts[number + 1];
    std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
}

std::span<const uint32_t> Resampler::members(size_t cluster) const {
    const std::span all(m_members);
    return m_starts.empty() ? all.subspan(cluster, 1)
                            : all.subspan(m_starts[cluster], m_starts[cluster + 1] - m_starts[cluster]);
}

Random Resampler::streamOf(size_t resample) const {
    const uint64_t base = Random(m_seed)();
    return Random(Random(base + resample)());
}

void Resampler::drawClusters(size_t r, std::vector<uint32_t>& drawn) const {
    drawn.resize(clusterCount());
    size_t next = 0;
    forEachDrawn(r, [&](size_t cluster) { drawn[next++] = static_cast<uint32_t>(cluster); });
}

void Resampler::draw(size_t r, std::vector<uint32_t>& examples) const {
    if (m_starts.empty()) {
        drawClusters(r, examples);
        return;
    }
    std::vector<uint32_t> drawn;
    drawClusters(r, drawn);
    examples.clear();
    for (const uint32_t cluster : drawn) {
        const auto group = members(cluster);
        examples.insert(examples.end(), group.begin(), group.end());
    }
}

std::vector<double> bootstrapMeans(std::span<const double> values, const BootstrapOptions& options,
                                   const RunContext& context) {
    checkOptions(options);
    requireNotEmpty(values.size(), "values");
    requireFinite(values, "Value");
    const Resampler resampler(values.size(), options.clusters, context.seed);
    if (options.clusters.empty())
        return resampleAll(options, context, [&](size_t r, std::vector<uint32_t>&) {
            double sum = 0;
            resampler.forEachDrawn(r, [&](size_t i) { sum += values[i]; });
            return sum / static_cast<double>(values.size());
        });
    // Sums by cluster once, so that a resample costs one draw and one look-up a cluster.
    struct Cluster {
        double sum = 0, size = 0;
    };
    std::vector<Cluster> clusters(resampler.clusterCount());
    for (size_t c = 0; c < clusters.size(); ++c) {
        for (const uint32_t i : resampler.members(c))
            clusters[c].sum += values[i];
        clusters[c].size = static_cast<double>(resampler.members(c).size());
    }
    return resampleAll(options, context, [&](size_t r, std::vector<uint32_t>&) {
        double sum = 0, size = 0;
        resampler.forEachDrawn(r, [&](size_t c) {
            sum += clusters[c].sum;
            size += clusters[c].size;
        });
        return sum / size;
    });
}

Interval bootstrapMean(std::span<const double> values, const BootstrapOptions& options,
                       const RunContext& context) {
    std::vector<double> means = bootstrapMeans(values, options, context);
    return percentileInterval(means, options.level);
}

Interval percentileInterval(std::span<double> values, double level) {
    const double tail = (1 - level) / 2;
    return {quantile(values, tail), quantile(values, 1 - tail)};
}

std::vector<double> bootstrapValues(size_t n, const Statistic& statistic, const BootstrapOptions& options,
                                    const RunContext& context) {
    checkOptions(options);
    const Resampler resampler(n, options.clusters, context.seed);
    return resampleAll(options, context, [&](size_t r, std::vector<uint32_t>& drawn) {
        resampler.draw(r, drawn);
        return statistic(drawn);
    });
}

std::optional<Interval> bootstrap(size_t n, const Statistic& statistic, const BootstrapOptions& options,
                                  const RunContext& context) {
    std::vector<double> values = bootstrapValues(n, statistic, options, context);
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.size() < 2 || values.size() * 2 < options.resamples)
        return std::nullopt;
    return percentileInterval(values, options.level);
}

double quantile(std::span<double> values, double q) {
    requireNotEmpty(values.size(), "values");
    std::ranges::sort(values);
    const double position = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, values.size() - 1);
    const double fraction = position - static_cast<double>(below);
    return values[below] + fraction * (values[above] - values[below]);
}

} // namespace diptych
