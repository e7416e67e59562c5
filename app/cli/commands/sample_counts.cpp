// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/sample_counts.h"

#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/metrics/number_text.h"
#include "core/store/facet_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

std::string facetName(const Facet& facet) {
    switch (facet.kind) {
    case FacetKind::Class:
        return "class";
    case FacetKind::Split:
        return "split";
    case FacetKind::Tag:
        return "tag";
    case FacetKind::Column:
        return facet.name;
    case FacetKind::Verdict:
        return "verdict";
    case FacetKind::Prediction:
        return "prediction";
    case FacetKind::Confidence:
        return "confidence";
    }
    return {};
}

/// Lower and upper end of what a bin holds: of whole numbers the first and the last one.
std::pair<double, double> binEnds(const FacetHistogram& histogram, size_t bin) {
    const double width = (histogram.high - histogram.low) / static_cast<double>(histogram.total.size());
    const double low = histogram.low + width * static_cast<double>(bin);
    return histogram.whole ? std::pair(low + 0.5, low + width - 0.5) : std::pair(low, low + width);
}

OrderedJson facetObject(const Facet& facet) {
    OrderedJson object = {{"facet", facetName(facet)}, {"column", facet.kind == FacetKind::Column}};
    if (facet.histogram) {
        OrderedJson bins = OrderedJson::array();
        for (size_t bin = 0; bin < facet.histogram->total.size(); ++bin) {
            const auto [low, high] = binEnds(*facet.histogram, bin);
            bins.push_back({{"low", low},
                            {"high", high},
                            {"count", facet.histogram->count[bin]},
                            {"total", facet.histogram->total[bin]}});
        }
        object["bins"] = std::move(bins);
        return object;
    }
    OrderedJson values = OrderedJson::array();
    for (const FacetValue& value : facet.values)
        values.push_back(
            {{"value", toValidUtf8(value.text)}, {"count", value.count}, {"total", value.total}});
    object["distinct"] = facet.distinct;
    object["values"] = std::move(values);
    return object;
}

void addRows(Table& table, const Facet& facet) {
    const auto add = [&](const std::string& value, int64_t count, int64_t total) {
        table.addRow({oneLine(facetName(facet)), value, formatCount(count), formatCount(total)});
    };
    for (const FacetValue& value : facet.values)
        add(value.text.empty() ? "(none)" : oneLine(value.text), value.count, value.total);
    if (facet.histogram)
        for (size_t bin = 0; bin < facet.histogram->total.size(); ++bin) {
            const auto [low, high] = binEnds(*facet.histogram, bin);
            add(low == high ? numberText(low) : numberText(low) + " to " + numberText(high),
                facet.histogram->count[bin], facet.histogram->total[bin]);
        }
}

} // namespace

int countSamples(const std::string& workspacePath, const std::string& datasetName, const SampleChoice& choice,
                 CommandContext& context) {
    const auto session = Session::open(workspacePath, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(session->workspace(), datasetName).id;
    const FacetTable facets = workspace.facetTable(dataset, {choice.run});
    const SampleFilter filter = conditionsOf(choice, workspace, dataset);
    SampleChoice viewAlone;
    viewAlone.view = choice.view;
    auto within = chosenSamples(viewAlone, workspace, dataset);
    std::sort(within.begin(), within.end());
    if (const SampleFilter rest = facets.rest(filter); rest != SampleFilter()) {
        auto more = workspace.sampleIds(dataset, rest);
        std::sort(more.begin(), more.end());
        std::vector<SampleId> both;
        std::set_intersection(within.begin(), within.end(), more.begin(), more.end(),
                              std::back_inserter(both));
        within = std::move(both);
    }
    const FacetCounts counts = facets.count(filter, &within);
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const Facet& facet : counts.facets)
            list.push_back(facetObject(facet));
        context.console.printJson({{"count", counts.count}, {"total", counts.total}, {"facets", list}});
        return 0;
    }
    using enum Table::Align;
    Table table({{"Facet"}, {"Value"}, {"Chosen", Right}, {"All", Right}});
    table.addRow({"", "", formatCount(counts.count), formatCount(counts.total)});
    for (const Facet& facet : counts.facets)
        addRows(table, facet);
    context.console.printRaw(table.text());
    return 0;
}

} // namespace diptych::cli
