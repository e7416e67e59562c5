// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_table.h"

#include "core/metrics/comparison.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/slices.h"
#include "core/session/evaluator.h"
#include "core/tasks/run_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace diptych {
namespace {

constexpr double kLevel = 0.05;

struct TabledRun {
    RunRecord record;
    std::vector<ExampleResult> examples;
};

std::string splitOf(const RunRecord& run) {
    const auto found = run.spec.find("split");
    return found != run.spec.end() && found->is_string() ? found->get<std::string>() : std::string();
}

RunTableColumn columnOf(const RunRecord& run, const Metric& metric) {
    const Task* task = taskOf(run);
    return {run.datasetName, splitOf(run), task ? task->info.title : run.task, metricTitle(metric.name)};
}

bool sameColumn(const RunTableColumn& a, const RunTableColumn& b) {
    return a.dataset == b.dataset && a.split == b.split && a.task == b.task && a.metric == b.metric;
}

/// Puts every run into its cell; says where.
std::vector<std::pair<size_t, size_t>> placeRuns(RunTable& table, const std::vector<TabledRun>& runs) {
    std::vector<std::string> models;
    std::vector<std::pair<size_t, size_t>> places;
    for (const TabledRun& run : runs) {
        const Metric* metric = headlineMetric(run.record);
        if (!metric) {
            table.notes.push_back(fmt::format("Run {} has no numbers and is left out.", run.record.id.value));
            places.emplace_back(SIZE_MAX, SIZE_MAX);
            continue;
        }
        const RunTableColumn wanted = columnOf(run.record, *metric);
        const auto at = std::ranges::find_if(
            table.columns, [&](const RunTableColumn& column) { return sameColumn(column, wanted); });
        const auto column = static_cast<size_t>(at - table.columns.begin());
        if (at == table.columns.end()) {
            table.columns.push_back(wanted);
            for (auto& row : table.cells)
                row.emplace_back();
        }
        size_t row = 0;
        while (row < models.size() && (models[row] != run.record.modelName || table.cells[row][column].run))
            ++row;
        if (row == models.size()) {
            const bool again = std::ranges::find(models, run.record.modelName) != models.end();
            models.push_back(run.record.modelName);
            table.rows.push_back(again ? fmt::format("{} (run {})", run.record.modelName, run.record.id.value)
                                       : run.record.modelName);
            table.cells.emplace_back(table.columns.size());
        }
        RunTableCell& cell = table.cells[row][column];
        cell.run = run.record.id;
        cell.metric = *metric;
        places.emplace_back(row, column);
    }
    return places;
}

bool better(const Metric& a, const Metric& b) {
    if (!std::isfinite(b.value))
        return std::isfinite(a.value);
    return a.higherIsBetter ? a.value > b.value : a.value < b.value;
}

/// The p-value of "both are alike" on the examples both judge; none where there are none.
std::optional<double> testedP(const TabledRun& best, const TabledRun& other, size_t resamples,
                              const RunContext& context) {
    std::unordered_map<SampleId, double> values;
    for (const ExampleResult& example : other.examples)
        if (example.score)
            values.emplace(example.sample, *example.score);
    std::vector<double> first, second;
    std::vector<int64_t> clusters;
    std::set<int64_t> seen;
    bool verdicts = true, clustered = false;
    uint64_t onlyFirst = 0, onlySecond = 0;
    for (const ExampleResult& example : best.examples) {
        const auto found = values.find(example.sample);
        if (!example.score || found == values.end())
            continue;
        first.push_back(*example.score);
        second.push_back(found->second);
        clusters.push_back(example.cluster);
        clustered = clustered || (example.cluster != 0 && !seen.insert(example.cluster).second);
        for (const double value : {first.back(), second.back()})
            verdicts = verdicts && (value == 0 || value == 1);
        onlyFirst += first.back() > second.back();
        onlySecond += first.back() < second.back();
    }
    if (first.empty())
        return std::nullopt;
    if (verdicts && !clustered)
        return mcNemar(onlyFirst, onlySecond).pValue;
    BootstrapOptions options;
    options.resamples = resamples;
    options.clusters = clusters;
    return pairedBootstrap(first, second, options, context).pValue;
}

/// Whether the metric is the mean of what the examples keep, so that a test of those is one of it.
bool isMeanOfExamples(const TabledRun& run, const Metric& metric) {
    double sum = 0;
    size_t n = 0;
    for (const ExampleResult& example : run.examples)
        if (example.score) {
            sum += *example.score;
            ++n;
        }
    return n > 0 && std::abs(sum / static_cast<double>(n) - metric.value) < 1e-6;
}

using RunInCell = std::pair<const TabledRun*, RunTableCell*>;

void testColumn(const RunTableColumn& column, std::vector<RunInCell>& runs, size_t resamples, RunTable& table,
                const RunContext& context) {
    const auto best = std::ranges::max_element(runs, [](const RunInCell& a, const RunInCell& b) {
        return better(b.second->metric, a.second->metric);
    });
    if (runs.size() < 2 || !std::isfinite(best->second->metric.value))
        return;
    best->second->best = best->second->tied = true;
    std::vector<double> pValues;
    std::vector<RunTableCell*> tested;
    for (const RunInCell& run : runs) {
        context.throwIfCancelled();
        if (run.second->best)
            continue;
        if (const auto p = testedP(*best->first, *run.first, resamples, context)) {
            pValues.push_back(*p);
            tested.push_back(run.second);
        } else {
            table.notes.push_back(fmt::format("{}: run {} shares no example with run {}, so that no test "
                                              "could tell them apart or not.",
                                              column.title(), run.second->run.value,
                                              best->second->run.value));
        }
    }
    const std::vector<double> adjusted = holmAdjusted(pValues);
    for (size_t i = 0; i < tested.size(); ++i) {
        tested[i]->adjustedP = adjusted[i];
        tested[i]->tied = adjusted[i] >= kLevel;
    }
    if (!tested.empty() && !isMeanOfExamples(*best->first, best->second->metric))
        table.notes.push_back(fmt::format("{}: the metric is no mean over examples; the tests are of what "
                                          "each example counts, right or wrong or its score.",
                                          column.title()));
}

AllWrong allWrongOf(const std::vector<const TabledRun*>& runs) {
    AllWrong out;
    std::unordered_map<SampleId, std::pair<size_t, size_t>> judgedAndWrong;
    for (const TabledRun* run : runs) {
        bool judges = false;
        for (const ExampleResult& example : run->examples)
            if (example.correct) {
                judges = true;
                auto& [judged, wrong] = judgedAndWrong[example.sample];
                ++judged;
                wrong += !*example.correct;
            }
        if (judges)
            out.runs.push_back(run->record.id);
    }
    for (const ExampleResult& example : runs.front()->examples) {
        const auto found = judgedAndWrong.find(example.sample);
        if (found == judgedAndWrong.end() || found->second.first != out.runs.size())
            continue;
        ++out.judged;
        if (found->second.second == out.runs.size())
            out.samples.push_back(example.sample);
    }
    return out;
}

void findAllWrong(RunTable& table, const std::vector<TabledRun>& runs) {
    std::map<DatasetId, std::vector<const TabledRun*>> byDataset;
    for (const TabledRun& run : runs)
        if (run.record.datasetId &&
            std::ranges::any_of(run.examples, [](const ExampleResult& e) { return e.correct.has_value(); }))
            byDataset[run.record.datasetId].push_back(&run);
    for (const auto& [dataset, ofDataset] : byDataset) {
        if (ofDataset.size() < 2)
            continue;
        AllWrong found = allWrongOf(ofDataset);
        found.dataset = dataset;
        found.datasetName = ofDataset.front()->record.datasetName;
        table.allWrong.push_back(std::move(found));
    }
}

} // namespace

std::string RunTableColumn::title() const {
    return fmt::format("{}{} · {} · {}", dataset, split.empty() ? "" : " (" + split + ")", task, metric);
}

RunTable tabulateRuns(const Workspace& workspace, std::span<const RunId> ids, size_t resamples,
                      const RunContext& context) {
    if (ids.size() < 2 || std::set<RunId>(ids.begin(), ids.end()).size() != ids.size())
        throw Error(ErrorCode::InvalidArgument, "A table of runs takes two or more runs, each once");
    context.begin("Comparing runs", static_cast<int64_t>(ids.size()));
    std::vector<TabledRun> runs;
    for (const RunId id : ids) {
        context.throwIfCancelled();
        runs.push_back({workspace.run(id), workspace.examples(id)});
        context.advance(1);
    }
    RunTable table;
    const auto places = placeRuns(table, runs);
    if (table.columns.empty())
        throw Error(ErrorCode::InvalidArgument, "None of the runs has a number to compare");
    for (size_t column = 0; column < table.columns.size(); ++column) {
        std::vector<RunInCell> inColumn;
        for (size_t i = 0; i < runs.size(); ++i)
            if (places[i].second == column)
                inColumn.emplace_back(&runs[i], &table.cells[places[i].first][column]);
        testColumn(table.columns[column], inColumn, resamples, table, context);
    }
    findAllWrong(table, runs);
    context.end();
    return table;
}

} // namespace diptych
