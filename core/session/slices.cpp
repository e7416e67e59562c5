// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/slices.h"

#include "core/results/json_read.h"
#include "core/tasks/task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

namespace diptych {
namespace {

constexpr double kSignificant = 0.05;

/// Examples of one slice, ascending.
struct Part {
    std::vector<uint32_t> values; ///< a value of each key
    std::vector<uint32_t> examples;
};

/// All combinations of the keys' values that occur, in their order.
std::vector<Part> partsOf(const std::vector<SliceKey>& keys, size_t examples) {
    std::map<std::vector<uint32_t>, std::vector<uint32_t>> parts;
    for (size_t i = 0; i < examples; ++i) {
        std::vector<std::vector<uint32_t>> combinations = {{}};
        for (const SliceKey& key : keys) {
            std::vector<std::vector<uint32_t>> longer;
            for (const auto& combination : combinations)
                for (const uint32_t value : key.valuesOf[i]) {
                    longer.push_back(combination);
                    longer.back().push_back(value);
                }
            combinations = std::move(longer);
        }
        for (auto& combination : combinations)
            parts[std::move(combination)].push_back(static_cast<uint32_t>(i));
    }
    std::vector<Part> out;
    out.reserve(parts.size());
    for (auto& [values, members] : parts)
        out.push_back({values, std::move(members)});
    return out;
}

/// The units of a metric that any of the examples is behind.
SliceMembers unitsOf(const SliceableMetric& metric, const std::vector<uint32_t>& part, size_t examples) {
    std::vector<uint8_t> inside(examples);
    for (const uint32_t example : part)
        inside[example] = 1;
    SliceMembers units;
    for (size_t unit = 0; unit < metric.units(); ++unit)
        if (inside[metric.examples[unit][0]] || inside[metric.examples[unit][1]])
            units.push_back(static_cast<uint32_t>(unit));
    return units;
}

Metric metricOn(const SliceableMetric& metric, const SliceMembers& units) {
    Metric out = metric.whole;
    out.interval.reset();
    out.n = units.size();
    out.value = valueOn(metric, units);
    return out;
}

/// Of the run: 1000 where it does not say.
size_t resamplesOf(const RunRecord& run) {
    const Json& given = memberOf(memberOf(run.spec, "params"), "resamples");
    return given.is_number_unsigned() && given.get<size_t>() >= 2 ? given.get<size_t>()
                                                                  : BootstrapOptions().resamples;
}

std::string uncutText(const std::vector<UnsliceableMetric>& uncut) {
    std::string text;
    for (const UnsliceableMetric& metric : uncut)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", metric.name, metric.why);
    return text;
}

std::vector<std::string> namesOf(const SliceMetrics& metrics) {
    std::vector<std::string> names;
    for (const SliceableMetric& metric : metrics.metrics)
        names.push_back(metric.whole.name);
    return names;
}

std::string primaryMetric(const std::string& task) {
    for (const Task& known : tasks())
        if (known.info.id == task)
            return known.info.primaryMetric;
    return {};
}

/// @param note gets why it is another than the primary one
const SliceableMetric& chosenMetric(const SliceMetrics& metrics, const SliceSpec& spec, const RunRecord& run,
                                    std::string& note) {
    const std::string name = spec.metric.empty() ? primaryMetric(run.task) : spec.metric;
    for (const SliceableMetric& metric : metrics.metrics)
        if (metric.whole.name == name)
            return metric;
    const auto uncut = std::ranges::find(metrics.others, name, &UnsliceableMetric::name);
    const std::string why = uncut == metrics.others.end() ? "the run has no such metric" : uncut->why;
    if (!spec.metric.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Metric '{}' of run {} cannot be cut into slices: {}. Those that can: {}",
                                name, run.id.value, why, fmt::join(namesOf(metrics), ", ")));
    if (metrics.metrics.empty())
        throw Error(ErrorCode::InvalidArgument, fmt::format("No metric of run {} can be cut into slices: {}",
                                                            run.id.value, uncutText(metrics.others)));
    note = fmt::format("{} cannot be computed on parts of the run ({}); {} is shown", name, why,
                       metrics.metrics.front().whole.name);
    return metrics.metrics.front();
}

/// Parts that have units of the metric, as many as are kept, with those units.
struct Cut {
    std::vector<Part> parts;
    std::vector<SliceMembers> members;
    size_t hidden = 0;
};

Cut cut(std::vector<Part> parts, const SliceableMetric& metric, size_t examples) {
    Cut out;
    std::vector<size_t> order;
    std::vector<SliceMembers> members;
    for (const Part& part : parts) {
        members.push_back(unitsOf(metric, part.examples, examples));
        if (!members.back().empty())
            order.push_back(members.size() - 1);
    }
    if (order.size() > kMostSlices) {
        std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) { return members[i].size(); });
        out.hidden = order.size() - kMostSlices;
        order.resize(kMostSlices);
        std::ranges::sort(order);
    }
    for (const size_t i : order) {
        out.parts.push_back(std::move(parts[i]));
        out.members.push_back(std::move(members[i]));
    }
    return out;
}

/// All that needs no draws.
std::vector<Slice> startSlices(const Cut& cut, const std::vector<SliceKey>& keys,
                               const SliceableMetric& metric, std::span<const ExampleResult> examples) {
    std::vector<uint8_t> isBehind(examples.size());
    for (const auto& unit : metric.examples)
        isBehind[unit[0]] = isBehind[unit[1]] = 1;
    std::vector<Slice> slices;
    for (size_t s = 0; s < cut.parts.size(); ++s) {
        Slice slice;
        for (size_t k = 0; k < keys.size(); ++k)
            slice.values.push_back(keys[k].values[cut.parts[s].values[k]]);
        slice.metric = metricOn(metric, cut.members[s]);
        for (const uint32_t example : cut.parts[s].examples)
            if (isBehind[example])
                slice.samples.push_back(examples[example].sample);
        slices.push_back(std::move(slice));
    }
    return slices;
}

/// @param resamples 0 = values alone
void addOther(std::vector<Slice>& slices, const Cut& cut, const SliceableMetric& other, size_t examples,
              size_t resamples, const RunContext& context) {
    for (size_t s = 0; s < slices.size(); ++s) {
        const SliceMembers units = unitsOf(other, cut.parts[s].examples, examples);
        if (units.empty())
            continue;
        slices[s].others.push_back(metricOn(other, units));
        if (resamples > 0)
            slices[s].others.back().interval = intervalOn(other, units, resamples, context);
    }
}

void addIntervals(std::vector<Slice>& slices, const std::vector<SliceMembers>& members,
                  const SliceableMetric& metric, size_t resamples, const RunContext& context) {
    for (size_t s = 0; s < slices.size(); ++s) {
        slices[s].metric.interval = intervalOn(metric, members[s], resamples, context);
        context.advance();
    }
}

void addDifferences(std::vector<Slice>& slices, const std::vector<SliceMembers>& members,
                    const SliceableMetric& metric, size_t resamples, const RunContext& context) {
    BootstrapOptions options;
    options.resamples = resamples;
    options.clusters = metric.clusters;
    std::vector<SliceDifference> differences;
    if (metric.isMean())
        differences = sliceMeanDifferences(metric.values, members, options, context);
    else
        for (const SliceMembers& slice : members) {
            differences.push_back(sliceDifference(metric.units(), metric.statistic, slice, options, context));
            context.advance();
        }
    for (size_t s = 0; s < slices.size(); ++s)
        slices[s].difference = differences[s];
}

/// @return how many were tested
size_t markSlices(std::vector<Slice>& slices, size_t units, size_t minimum) {
    std::vector<Slice*> tested;
    std::vector<double> pValues;
    for (Slice& slice : slices) {
        slice.rest = units - slice.metric.n;
        slice.tooFew = slice.metric.n < minimum || (slice.rest > 0 && slice.rest < minimum);
        slice.tested = !slice.tooFew && !std::isnan(slice.difference.difference);
        if (!slice.tested)
            continue;
        tested.push_back(&slice);
        pValues.push_back(slice.difference.pValue);
    }
    const std::vector<double> adjusted = holmAdjusted(pValues);
    for (size_t i = 0; i < tested.size(); ++i) {
        tested[i]->adjustedP = adjusted[i];
        tested[i]->differs = adjusted[i] < kSignificant;
    }
    return tested.size();
}

void sortWorstFirst(std::vector<Slice>& slices, bool higherIsBetter) {
    const auto badness = [&](const Slice& slice) {
        const double value = slice.metric.value;
        return std::isnan(value) ? std::numeric_limits<double>::infinity() : higherIsBetter ? value : -value;
    };
    std::ranges::stable_sort(slices, [&](const Slice& a, const Slice& b) {
        return a.tooFew != b.tooFew ? b.tooFew : badness(a) < badness(b);
    });
}

} // namespace

std::string Slice::title() const {
    return fmt::format("{}", fmt::join(values, " · "));
}

RunSlices sliceRun(Workspace& workspace, const SliceSpec& spec, const RunContext& context) {
    if (spec.by.empty())
        throw Error(ErrorCode::InvalidArgument,
                    "Say what to cut the run by: class, split, tag, view or a column");
    RunSlices out;
    out.run = workspace.run(spec.run);
    context.begin("Reading the examples", 0);
    const std::vector<ExampleResult> examples = workspace.examples(spec.run);
    if (examples.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("Run {} keeps no results by example (it came as numbers alone, or its dataset "
                        "was removed), so it cannot be cut into slices",
                        spec.run.value));
    const SliceMetrics metrics = sliceMetrics(out.run, examples);
    out.metrics = namesOf(metrics);
    out.uncut = metrics.others;
    const SliceableMetric& metric = chosenMetric(metrics, spec, out.run, out.note);
    out.whole = metric.whole;
    std::vector<SliceKey> keys;
    for (const std::string& name : spec.by) {
        context.throwIfCancelled();
        keys.push_back(sliceKey(workspace, out.run, examples, name, {spec.bins, spec.lists}));
        out.by.push_back(keys.back().title);
        out.keyNotes.insert(out.keyNotes.end(), keys.back().notes.begin(), keys.back().notes.end());
    }
    const Cut parts = cut(partsOf(keys, examples.size()), metric, examples.size());
    out.hidden = parts.hidden;
    out.slices = startSlices(parts, keys, metric, examples);

    RunContext seeded = context;
    seeded.seed = out.run.seed;
    const size_t resamples = resamplesOf(out.run);
    context.begin("Computing intervals", static_cast<int64_t>(out.slices.size()) * (metric.isMean() ? 1 : 2));
    addIntervals(out.slices, parts.members, metric, resamples, seeded);
    addDifferences(out.slices, parts.members, metric, resamples, seeded);
    for (const SliceableMetric& other : metrics.metrics)
        if (&other != &metric)
            addOther(out.slices, parts, other, examples.size(), spec.others ? resamples : 0, seeded);
    context.end();
    out.tested = markSlices(out.slices, metric.units(), spec.minimum);
    sortWorstFirst(out.slices, out.whole.higherIsBetter);
    out.run.details = {};
    out.run.classNames.clear();
    return out;
}

} // namespace diptych
