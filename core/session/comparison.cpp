// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/comparison.h"

#include <fmt/format.h>

#include <map>
#include <numeric>
#include <unordered_map>

namespace diptych {
namespace {

/// Members of a pair share a number; all others have one of their own.
class Clusters {
public:
    int64_t of(const ExampleResult& example) {
        const auto pair = example.extras.is_object() ? example.extras.find("pair") : example.extras.end();
        if (!example.extras.is_object() || pair == example.extras.end() || !pair->is_object() ||
            !pair->contains("id"))
            return m_next++;
        const auto [entry, isNew] = m_pairs.try_emplace(pair->at("id").dump(), m_next);
        m_next += isNew ? 1 : 0;
        return entry->second;
    }

private:
    std::map<std::string, int64_t> m_pairs;
    int64_t m_next = 0;
};

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

RunRecord inShort(RunRecord run) {
    run.details = {};
    run.classNames.clear();
    return run;
}

} // namespace

RunComparison compareRuns(const Workspace& workspace, RunId first, RunId second, size_t resamples,
                          const RunContext& context) {
    RunComparison out;
    out.first = inShort(workspace.run(first));
    out.second = inShort(workspace.run(second));
    context.begin("Comparing", 0);
    std::unordered_map<SampleId, bool> verdicts;
    for (const ExampleResult& example : workspace.examples(second))
        if (example.correct)
            verdicts.emplace(example.sample, *example.correct);
    std::vector<SampleId> samples;
    std::vector<double> ofFirst, ofSecond;
    std::vector<uint8_t> right, otherRight;
    std::vector<int64_t> clusters;
    Clusters numbers;
    for (const ExampleResult& example : workspace.examples(first)) {
        if (!example.correct)
            continue;
        const auto found = verdicts.find(example.sample);
        if (found == verdicts.end()) {
            ++out.onlyInFirst;
            continue;
        }
        samples.push_back(example.sample);
        right.push_back(*example.correct);
        otherRight.push_back(found->second);
        ofFirst.push_back(*example.correct ? 1 : 0);
        ofSecond.push_back(found->second ? 1 : 0);
        clusters.push_back(numbers.of(example));
    }
    if (samples.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Runs {} and {} have no example in common that was right or wrong in both; "
                                "compare runs on the same dataset",
                                first.value, second.value));
    context.throwIfCancelled();
    out.common = samples.size();
    out.onlyInSecond = verdicts.size() - samples.size();
    out.firstShare = mean(ofFirst);
    out.secondShare = mean(ofSecond);
    BootstrapOptions options;
    options.resamples = resamples;
    options.clusters = clusters;
    out.difference = pairedBootstrap(ofFirst, ofSecond, options, context);
    const Flips flips = findFlips(right, otherRight);
    for (const size_t i : flips.onlyFirst)
        out.firstAlone.push_back(samples[i]);
    for (const size_t i : flips.onlySecond)
        out.secondAlone.push_back(samples[i]);
    out.mcNemar = mcNemar(flips.onlyFirst.size(), flips.onlySecond.size());
    context.end();
    return out;
}

} // namespace diptych
