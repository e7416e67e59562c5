// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/slices.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace diptych {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A sum and how many values are in it.
struct Sum {
    double sum = 0, count = 0;
    void add(const Sum& other) {
        sum += other.sum;
        count += other.count;
    }
    double mean() const { return count > 0 ? sum / count : kNone; }
    Sum without(const Sum& part) const { return {sum - part.sum, count - part.count}; }
};

/// What a cluster adds to everything, and to each slice that it reaches into.
struct ClusterSums {
    std::vector<Sum> whole;      ///< by cluster
    std::vector<size_t> first;   ///< by cluster: its parts; one entry more than clusters
    std::vector<uint32_t> slice; ///< by part
    std::vector<Sum> part;       ///< by part
};

void checkMembers(std::span<const SliceMembers> slices, size_t n) {
    for (const SliceMembers& members : slices)
        if (!members.empty() && members.back() >= n)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("A slice has unit {}, there are {}", members.back(), n));
}

ClusterSums clusterSums(std::span<const double> values, std::span<const SliceMembers> slices,
                        const Resampler& resampler) {
    std::vector<std::vector<uint32_t>> slicesOf(values.size());
    for (size_t s = 0; s < slices.size(); ++s)
        for (const uint32_t unit : slices[s])
            slicesOf[unit].push_back(static_cast<uint32_t>(s));
    ClusterSums out;
    out.whole.resize(resampler.clusterCount());
    std::vector<Sum> sums(slices.size());
    std::vector<uint32_t> touched;
    for (size_t c = 0; c < out.whole.size(); ++c) {
        out.first.push_back(out.slice.size());
        touched.clear();
        for (const uint32_t unit : resampler.members(c)) {
            out.whole[c].add({values[unit], 1});
            for (const uint32_t s : slicesOf[unit]) {
                if (sums[s].count == 0)
                    touched.push_back(s);
                sums[s].add({values[unit], 1});
            }
        }
        for (const uint32_t s : touched) {
            out.slice.push_back(s);
            out.part.push_back(sums[s]);
            sums[s] = {};
        }
    }
    out.first.push_back(out.slice.size());
    return out;
}

/// Differences of every slice in every draw: [slices, resamples], row-major.
std::vector<double> drawnDifferences(const ClusterSums& clusters, size_t slices, const Resampler& resampler,
                                     const BootstrapOptions& options, const RunContext& context) {
    std::vector<double> differences(slices * options.resamples);
    constexpr size_t kBlock = 16; // lets the sums of a thread be used again
    parallelFor(
        (options.resamples + kBlock - 1) / kBlock, context.threadCount(),
        [&](size_t block) {
            std::vector<Sum> inside(slices);
            for (size_t r = block * kBlock; r < std::min(options.resamples, (block + 1) * kBlock); ++r) {
                std::ranges::fill(inside, Sum{});
                Sum all;
                resampler.forEachDrawn(r, [&](size_t c) {
                    all.add(clusters.whole[c]);
                    for (size_t p = clusters.first[c]; p < clusters.first[c + 1]; ++p)
                        inside[clusters.slice[p]].add(clusters.part[p]);
                });
                for (size_t s = 0; s < slices; ++s)
                    differences[s * options.resamples + r] = inside[s].mean() - all.without(inside[s]).mean();
            }
        },
        context.stop);
    context.throwIfCancelled();
    return differences;
}

double standardDeviation(std::span<const double> values) {
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return std::sqrt(squares / (n - 1));
}

/// Interval and p-value of a difference from its draws; NaN = not defined by that draw.
SliceDifference fromDraws(double difference, std::vector<double> draws, const BootstrapOptions& options) {
    SliceDifference out{difference, {}, 1};
    std::erase_if(draws, [](double value) { return std::isnan(value); });
    if (std::isnan(difference) || draws.size() < 2 || draws.size() * 2 < options.resamples)
        return out;
    const double error = standardDeviation(draws);
    out.interval = percentileInterval(draws, options.level);
    if (difference != 0)
        out.pValue = error > 0 ? std::erfc(std::abs(difference) / error / std::numbers::sqrt2)
                               : 2.0 / static_cast<double>(options.resamples + 1);
    return out;
}

double logChoose(uint64_t n, uint64_t k) {
    const auto gamma = [](uint64_t value) { return std::lgamma(static_cast<double>(value) + 1); };
    return gamma(n) - gamma(k) - gamma(n - k);
}

/// The number of fewest digits within @p slack of @p value.
double rounded(double value, double slack) {
    if (slack <= 0)
        return value;
    const int coarsest = static_cast<int>(std::ceil(std::log10(slack))) + 1;
    for (int exponent = coarsest; exponent > coarsest - 4; --exponent)
        for (const double step : {5.0, 2.0, 1.0}) {
            // Powers of ten below 1 are no doubles; dividing by their inverse gives the nearest to the
            // digits.
            const double unit = std::pow(10.0, std::abs(exponent));
            const double candidate = exponent < 0 ? std::round(value * unit / step) * step / unit
                                                  : std::round(value / unit / step) * step * unit;
            if (std::abs(candidate - value) <= slack)
                return candidate;
        }
    return value; // too large or small for powers of ten
}

} // namespace

std::vector<SliceDifference> sliceMeanDifferences(std::span<const double> values,
                                                  std::span<const SliceMembers> slices,
                                                  const BootstrapOptions& options,
                                                  const RunContext& context) {
    requireFinite(values, "Value");
    checkMembers(slices, values.size());
    const Resampler resampler(values.size(), options.clusters, context.seed);
    const ClusterSums clusters = clusterSums(values, slices, resampler);
    const std::vector<double> draws = drawnDifferences(clusters, slices.size(), resampler, options, context);
    const bool independent = resampler.clusterCount() == values.size();
    const bool binary = std::ranges::all_of(values, [](double value) { return value == 0 || value == 1; });
    const Sum all{std::accumulate(values.begin(), values.end(), 0.0), static_cast<double>(values.size())};
    std::vector<SliceDifference> out;
    for (size_t s = 0; s < slices.size(); ++s) {
        Sum inside;
        for (const uint32_t unit : slices[s])
            inside.add({values[unit], 1});
        const Sum rest = all.without(inside);
        const auto first = draws.begin() + static_cast<std::ptrdiff_t>(s * options.resamples);
        out.push_back(fromDraws(inside.mean() - rest.mean(),
                                {first, first + static_cast<std::ptrdiff_t>(options.resamples)}, options));
        const auto whole = [](double count) { return static_cast<uint64_t>(std::llround(count)); };
        if (independent && binary)
            out.back().pValue = fisherExact(whole(inside.sum), whole(inside.count - inside.sum),
                                            whole(rest.sum), whole(rest.count - rest.sum));
    }
    return out;
}

SliceDifference sliceDifference(size_t n, const SubsetStatistic& statistic, const SliceMembers& slice,
                                const BootstrapOptions& options, const RunContext& context) {
    checkMembers(std::span(&slice, 1), n);
    std::vector<uint8_t> isInside(n);
    for (const uint32_t unit : slice)
        isInside[unit] = 1;
    std::vector<uint32_t> units[2], place(n); // by side; the place of a unit on its side
    for (size_t i = 0; i < n; ++i) {
        place[i] = static_cast<uint32_t>(units[isInside[i]].size());
        units[isInside[i]].push_back(static_cast<uint32_t>(i));
    }
    if (units[0].empty() || units[1].empty())
        return {kNone, {}, 1};
    const Statistic rest = statistic(units[0]), inside = statistic(units[1]);
    const auto of = [](const Statistic& side, std::span<const uint32_t> drawn) {
        return drawn.empty() ? kNone : side(drawn);
    };
    const auto onDraw = [&](std::span<const uint32_t> drawn) {
        std::vector<uint32_t> sides[2];
        for (const uint32_t unit : drawn)
            sides[isInside[unit]].push_back(place[unit]);
        return of(inside, sides[1]) - of(rest, sides[0]);
    };
    std::vector<uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0U);
    return fromDraws(onDraw(all), bootstrapValues(n, onDraw, options, context), options);
}

double fisherExact(uint64_t rightInside, uint64_t wrongInside, uint64_t rightRest, uint64_t wrongRest) {
    const uint64_t inside = rightInside + wrongInside, rest = rightRest + wrongRest;
    const uint64_t right = rightInside + rightRest;
    const auto logProbability = [&](uint64_t k) {
        return logChoose(inside, k) + logChoose(rest, right - k) - logChoose(inside + rest, right);
    };
    // Tables of equal probability differ by rounding; scipy and R allow for it by the same factor.
    const double limit = logProbability(rightInside) + std::log1p(1e-7);
    double sum = 0;
    for (uint64_t k = right > rest ? right - rest : 0; k <= std::min(inside, right); ++k)
        if (const double log = logProbability(k); log <= limit)
            sum += std::exp(log);
    return std::min(1.0, sum);
}

std::vector<double> holmAdjusted(std::span<const double> pValues) {
    std::vector<size_t> order(pValues.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t i) { return pValues[i]; });
    std::vector<double> adjusted(pValues.size());
    double largest = 0;
    for (size_t rank = 0; rank < order.size(); ++rank) {
        const double factor = static_cast<double>(order.size() - rank);
        largest = std::max(largest, std::min(1.0, factor * pValues[order[rank]]));
        adjusted[order[rank]] = largest;
    }
    return adjusted;
}

std::vector<double> quantileEdges(std::span<const double> values, size_t bins) {
    requireNotEmpty(values.size(), "values");
    requireFinite(values, "Value");
    std::vector<double> sorted(values.begin(), values.end());
    std::vector<double> cuts;
    for (size_t i = 0; i <= bins; ++i)
        cuts.push_back(quantile(sorted, static_cast<double>(i) / static_cast<double>(bins)));
    constexpr double kSlack = 1.0 / 20;
    std::vector<double> edges;
    for (size_t i = 1; i < bins; ++i) {
        const double edge = rounded(cuts[i], kSlack * std::min(cuts[i] - cuts[i - 1], cuts[i + 1] - cuts[i]));
        // Where a value occurs very often, edges coincide, and rounding may reach past the data.
        const double below = edges.empty() ? -std::numeric_limits<double>::infinity() : edges.back();
        const auto first = std::ranges::lower_bound(sorted, below),
                   end = std::ranges::lower_bound(sorted, edge);
        if (edge > below && first != end && end != sorted.end())
            edges.push_back(edge);
    }
    return edges;
}

size_t binOf(double value, std::span<const double> edges) {
    return static_cast<size_t>(std::ranges::upper_bound(edges, value) - edges.begin());
}

std::string binTitle(size_t bin, std::span<const double> edges) {
    if (edges.empty())
        return "any number";
    if (bin == 0)
        return fmt::format("below {}", edges.front());
    if (bin == edges.size())
        return fmt::format("{} and more", edges.back());
    return fmt::format("{} to {}", edges[bin - 1], edges[bin]);
}

} // namespace diptych
