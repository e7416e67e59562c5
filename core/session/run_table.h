// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"
#include "core/store/workspace.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// What one model got on one dataset.
struct RunTableCell {
    RunId run; ///< none = no run: the rest says nothing
    Metric metric;
    bool best = false;
    bool tied = false; ///< it is the best one, or no test tells it from that
    /// Of "it is like the best one", by Holm over the column; none for the best and where nothing could be
    /// tested.
    std::optional<double> adjustedP;
};

/// Runs of one task on one dataset and split, on its headline metric.
struct RunTableColumn {
    std::string dataset, split, task; ///< task: its title
    std::string metric;               ///< title
    std::string title() const;        ///< "pets · Zero-shot classification · Top-1 accuracy"
};

/// What every run on a dataset got wrong.
struct AllWrong {
    DatasetId dataset;
    std::string datasetName;
    std::vector<RunId> runs;       ///< those that tell right from wrong
    size_t judged = 0;             ///< examples that all of them judge
    std::vector<SampleId> samples; ///< of these, wrong in all; in the first run's order
};

struct RunTable {
    std::vector<std::string> rows; ///< models; one that has several runs in a column has several rows
    std::vector<RunTableColumn> columns;
    std::vector<std::vector<RunTableCell>> cells; ///< [row][column]
    std::vector<AllWrong> allWrong;               ///< of datasets with two runs or more that judge
    std::vector<std::string> notes; ///< what the tests are of and what they cannot say, sentences
};

/// Models by datasets. In each column every run is tested against the best one on the examples both judge:
/// McNemar's test where they are right or wrong and independent, else the paired bootstrap of clusters. Holm
/// over the column's tests at 5 %; whoever is not shown to differ is tied with the best.
/// @param runs two or more, each once
/// @throws Error NotFound, InvalidArgument (fewer than two, one twice, none has numbers); Cancelled
RunTable tabulateRuns(const Workspace& workspace, std::span<const RunId> runs, size_t resamples,
                      const RunContext& context);

/// For people and papers; bold is whoever is tied with the best. Names are escaped as the format asks.
/// @param format "markdown", "latex" (booktabs), "csv" @throws Error InvalidArgument for others
std::string runTableDocument(const RunTable& table, const std::string& format);
OrderedJson runTableJson(const RunTable& table);

} // namespace diptych
