// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/report/report_examples.h"
#include "core/results/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace diptych::report {
namespace {

using Chosen = std::vector<const ExampleResult*>;

/// One of a pair's two examples, and none that could not be used.
std::vector<ExampleResult> usableExamples(const Workspace& workspace, RunId run) {
    ExampleFilter filter;
    filter.status = ExampleStatus::Ok;
    std::vector<ExampleResult> results = workspace.examples(run, filter);
    std::set<std::string> seen;
    std::erase_if(results, [&](const ExampleResult& result) {
        const auto pair = PairPart::read(result.parts);
        return pair && !seen.insert(pair->id).second;
    });
    return results;
}

Chosen bySureness(const std::vector<ExampleResult>& results, bool correct) {
    Chosen chosen;
    for (const ExampleResult& result : results)
        if (result.correct == correct)
            chosen.push_back(&result);
    std::ranges::stable_sort(chosen, {}, [&](const ExampleResult* result) {
        return correct ? surenessOf(*result) : -surenessOf(*result);
    });
    return chosen;
}

Chosen drawn(const std::vector<ExampleResult>& results, const SheetRule& rule) {
    Chosen all;
    for (const ExampleResult& result : results)
        all.push_back(&result);
    Random random(rule.seed);
    for (size_t i = 0; i < std::min(rule.count, all.size()); ++i)
        std::swap(all[i], all[i + random.below(all.size() - i)]);
    return all;
}

Chosen ofEachClass(const std::vector<ExampleResult>& results, size_t count) {
    std::map<int, Chosen> byClass;
    for (const ExampleResult& result : results)
        if (Chosen& some = byClass[result.target]; result.target >= 0 && some.size() < count)
            some.push_back(&result);
    Chosen chosen;
    for (const auto& [target, some] : byClass)
        chosen.insert(chosen.end(), some.begin(), some.end());
    return chosen;
}

Chosen among(const std::vector<ExampleResult>& results, const std::vector<SampleId>& samples) {
    const std::unordered_set<SampleId> wanted(samples.begin(), samples.end());
    Chosen chosen;
    for (const ExampleResult& result : results)
        if (wanted.contains(result.sample))
            chosen.push_back(&result);
    return chosen;
}

std::vector<SampleId> taggedSamples(const Workspace& workspace, DatasetId dataset, const std::string& tag) {
    if (!dataset)
        return {};
    SampleFilter filter;
    filter.tags = {tag};
    std::vector<SampleId> samples = workspace.sampleIds(dataset, filter);
    if (samples.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("No sample of '{}' is tagged '{}'", workspace.dataset(dataset).name, tag));
    return samples;
}

Chosen chosenBy(const SheetRule& rule, const std::vector<ExampleResult>& results, const Workspace& workspace,
                const RunRecord& run) {
    Chosen chosen;
    switch (rule.by) {
    case SheetRule::By::Wrong:
    case SheetRule::By::Unsure:
        chosen = bySureness(results, rule.by == SheetRule::By::Unsure);
        break;
    case SheetRule::By::Random:
        chosen = drawn(results, rule);
        break;
    case SheetRule::By::EachClass:
        return ofEachClass(results, rule.count);
    case SheetRule::By::Tag:
        chosen = among(results, taggedSamples(workspace, run.datasetId, rule.name));
        break;
    case SheetRule::By::Samples:
        chosen = among(results, rule.samples);
        break;
    }
    chosen.resize(std::min(chosen.size(), rule.count));
    return chosen;
}

} // namespace

std::vector<ReportGallery> sheetsOf(const Workspace& workspace, const RunRecord& run,
                                    const ReportOptions& options, const RunContext& context) {
    const std::vector<ExampleResult> results = usableExamples(workspace, run.id);
    std::vector<ReportGallery> galleries;
    for (const SheetRule& rule : options.sheets) {
        ReportGallery gallery{"sheet", sheetRuleText(rule), {}};
        for (const ExampleResult* result : chosenBy(rule, results, workspace, run)) {
            context.throwIfCancelled();
            if (ReportExample example = describedExample(workspace, run, *result, options);
                !example.pictures.empty())
                gallery.examples.push_back(std::move(example));
            context.advance();
        }
        galleries.push_back(std::move(gallery));
    }
    return galleries;
}

} // namespace diptych::report
