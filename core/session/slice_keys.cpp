// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/slice_keys.h"

#include "core/metrics/slices.h"
#include "core/results/parts.h"
#include "core/run/transparency.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace {

constexpr std::array<const char*, 8> kBuiltIn = {"class", "split",     "tag",          "note",
                                                 "view",  "selection", "transparency", "list"};
constexpr std::string_view kColumn = "column:", kView = "view:", kList = "list:";

bool isBuiltIn(const std::string& name) {
    return name.starts_with(kColumn) || name.starts_with(kView) || name.starts_with(kList) ||
           std::ranges::find(kBuiltIn, name) != kBuiltIn.end();
}

/// Collects values by their text and numbers them in the end.
class Values {
public:
    explicit Values(size_t examples) : m_of(examples) {}
    /// @param order sorts before the text
    void add(size_t example, const std::string& text, double order = 0) {
        const auto place = m_numbers.try_emplace({order, text}, m_numbers.size()).first;
        m_of[example].push_back(static_cast<uint32_t>(place->second));
    }
    SliceKey take(std::string name, std::string title) {
        SliceKey key{std::move(name), std::move(title), {}, std::move(m_of)};
        std::vector<uint32_t> sorted(m_numbers.size());
        for (const auto& [value, number] : m_numbers) {
            sorted[number] = static_cast<uint32_t>(key.values.size());
            key.values.push_back(value.second);
        }
        for (auto& values : key.valuesOf) {
            for (uint32_t& value : values)
                value = sorted[value];
            std::ranges::sort(values);
            values.erase(std::ranges::unique(values).begin(), values.end());
        }
        return key;
    }

private:
    std::map<std::pair<double, std::string>, size_t> m_numbers;
    std::vector<std::vector<uint32_t>> m_of;
};

/// Sorts behind every class, number and text.
constexpr double kLast = std::numeric_limits<double>::infinity();

/// The examples' samples, found by id: those that were deleted are missing.
class Samples {
public:
    Samples(const Workspace& workspace, std::span<const ExampleResult> examples, SampleDetail detail) {
        std::vector<SampleId> ids;
        ids.reserve(examples.size());
        for (const ExampleResult& example : examples)
            ids.push_back(example.sample);
        m_samples = workspace.samples(ids, detail);
        for (size_t i = 0; i < m_samples.size(); ++i)
            m_places.emplace(m_samples[i].id, i);
    }
    const Sample* find(SampleId id) const {
        const auto place = m_places.find(id);
        return place == m_places.end() ? nullptr : &m_samples[place->second];
    }

private:
    std::vector<Sample> m_samples;
    std::unordered_map<SampleId, size_t> m_places;
};

std::string nameIn(const std::vector<std::string>& names, int index) {
    return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)]
                                                                   : fmt::format("class {}", index);
}

/// Labels an example has by itself: what the run took for right, one or several.
std::vector<int> ownLabels(const ExampleResult& example) {
    if (example.target >= 0)
        return {example.target};
    const auto part = LabelsPart::read(example.parts);
    return part ? part->labels : std::vector<int>();
}

SliceKey classKey(const Workspace& workspace, const RunRecord& run, std::span<const ExampleResult> examples) {
    Values values(examples.size());
    const bool own =
        std::ranges::any_of(examples, [](const ExampleResult& e) { return !ownLabels(e).empty(); });
    if (own) {
        for (size_t i = 0; i < examples.size(); ++i) {
            const std::vector<int> labels = ownLabels(examples[i]);
            for (const int label : labels)
                values.add(i, nameIn(run.classNames, label), label);
            if (labels.empty())
                values.add(i, "no class", kLast);
        }
        return values.take("class", "class");
    }
    const Samples samples(workspace, examples, SampleDetail::Basic);
    const std::vector<std::string> names = workspace.classNames(run.datasetId);
    for (size_t i = 0; i < examples.size(); ++i)
        if (const Sample* sample = samples.find(examples[i].sample))
            sample->label >= 0 ? values.add(i, nameIn(names, sample->label), sample->label)
                               : values.add(i, "no class", kLast);
    return values.take("class", "class");
}

std::optional<double> asNumber(const Json& value) {
    if (value.is_number())
        return value.get<double>();
    if (!value.is_string())
        return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
    return whole ? std::optional(number) : std::nullopt;
}

/// The attribute of each example; null where it has none.
std::vector<Json> columnOf(const Samples& samples, std::span<const ExampleResult> examples,
                           const std::string& column) {
    std::vector<Json> out(examples.size());
    for (size_t i = 0; i < examples.size(); ++i)
        if (const Sample* sample = samples.find(examples[i].sample); sample && sample->attributes.is_object())
            if (const auto found = sample->attributes.find(column); found != sample->attributes.end())
                out[i] = *found;
    return out;
}

SliceKey columnKey(const Workspace& workspace, std::span<const ExampleResult> examples,
                   const std::string& name, const std::string& column, size_t bins) {
    const std::vector<Json> cells =
        columnOf(Samples(workspace, examples, SampleDetail::Full), examples, column);
    std::vector<double> numbers;
    bool numeric = true;
    for (const Json& cell : cells)
        if (!cell.is_null()) {
            const auto number = asNumber(cell);
            numeric = numeric && number;
            numbers.push_back(number.value_or(0));
        }
    numeric = numeric && !numbers.empty();
    const bool binned = numeric && std::set<double>(numbers.begin(), numbers.end()).size() > kMostNumbers;
    const std::vector<double> edges = binned ? quantileEdges(numbers, bins) : std::vector<double>();
    Values values(examples.size());
    for (size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].is_null()) {
            values.add(i, "not given", kLast);
        } else if (binned) {
            const size_t bin = binOf(*asNumber(cells[i]), edges);
            values.add(i, binTitle(bin, edges), static_cast<double>(bin));
        } else if (cells[i].is_array() && !cells[i].empty()) {
            for (const Json& item : cells[i]) // several values, as of tags
                values.add(i, attributeText(item));
        } else {
            values.add(i, attributeText(cells[i]), numeric ? *asNumber(cells[i]) : 0);
        }
    }
    return values.take(name, column);
}

/// Keys that one look at the sample tells.
SliceKey sampleKey(const Workspace& workspace, std::span<const ExampleResult> examples,
                   const std::string& name) {
    const Samples samples(workspace, examples, name == "split" ? SampleDetail::Basic : SampleDetail::Full);
    Values values(examples.size());
    for (size_t i = 0; i < examples.size(); ++i) {
        const Sample* sample = samples.find(examples[i].sample);
        if (!sample)
            continue;
        if (name == "split") {
            sample->split.empty() ? values.add(i, "no split", kLast) : values.add(i, sample->split);
        } else if (name == "note") {
            values.add(i, sample->note.empty() ? "without a note" : "with a note",
                       sample->note.empty() ? 1 : 0);
        } else {
            for (const std::string& tag : sample->tags)
                values.add(i, tag);
            if (sample->tags.empty())
                values.add(i, "no tag", kLast);
        }
    }
    return values.take(name, name);
}

SliceKey transparencyKey(Workspace& workspace, std::span<const ExampleResult> examples) {
    std::vector<SampleId> ids;
    for (const ExampleResult& example : examples)
        ids.push_back(example.sample);
    const std::vector<std::optional<bool>> transparent = knownTransparency(workspace, ids);
    Values values(examples.size());
    for (size_t i = 0; i < examples.size(); ++i)
        if (transparent[i])
            values.add(i, *transparent[i] ? "transparent" : "opaque", *transparent[i] ? 0 : 1);
        else
            values.add(i, "not known", kLast);
    return values.take("transparency", "transparency");
}

/// @param none what the samples are that no list has
SliceKey listKey(std::span<const ExampleResult> examples, std::span<const NamedSamples> lists,
                 const std::string& name, const std::string& title, const std::string& none) {
    std::vector<std::unordered_set<SampleId>> sets;
    for (const NamedSamples& list : lists)
        sets.emplace_back(list.samples.begin(), list.samples.end());
    Values values(examples.size());
    for (size_t i = 0; i < examples.size(); ++i) {
        bool any = false;
        for (size_t l = 0; l < sets.size(); ++l)
            if (sets[l].contains(examples[i].sample)) {
                values.add(i, lists[l].name, static_cast<double>(l));
                any = true;
            }
        if (!any)
            values.add(i, none, kLast);
    }
    return values.take(name, title);
}

/// One of the lists given and the others, or all of them.
SliceKey givenListKey(std::span<const ExampleResult> examples, std::span<const NamedSamples> lists,
                      const std::string& name) {
    if (name == "list")
        return listKey(examples, lists, name, "samples", "the others");
    const std::string wanted = name.substr(kList.size());
    const auto found = std::ranges::find(lists, wanted, &NamedSamples::name);
    if (found == lists.end())
        throw Error(ErrorCode::NotFound, fmt::format("There is no list '{}' to cut by", wanted));
    return listKey(examples, std::span(&*found, 1), name, wanted, "the others");
}

NamedSamples samplesOf(const Workspace& workspace, const SavedView& view, RunId run,
                       std::vector<std::string>& notes) {
    const SampleFilter filter = workspace.viewFilter(view);
    if (filter.outcome && filter.outcome->run == run)
        notes.push_back(fmt::format(
            "The view '{}' asks what this very run got right or wrong, so its value says nothing new",
            view.name));
    return {view.name, workspace.sampleIds(view.dataset, filter)};
}

std::string quotedNames(const std::vector<SavedView>& views) {
    std::vector<std::string> names;
    for (const SavedView& view : views)
        names.push_back("'" + view.name + "'");
    return fmt::format("{}", fmt::join(names, ", "));
}

/// @param name "view", "selection" or "view:NAME"
SliceKey viewKey(const Workspace& workspace, const RunRecord& run, std::span<const ExampleResult> examples,
                 const std::string& name) {
    std::vector<SavedView> views = workspace.views(run.datasetId);
    std::vector<std::string> notes;
    std::vector<NamedSamples> lists;
    if (name.starts_with(kView)) {
        const std::string wanted = name.substr(kView.size());
        const auto found = std::ranges::find(views, wanted, &SavedView::name);
        if (found == views.end())
            throw Error(ErrorCode::NotFound,
                        fmt::format("The dataset of run {} has no saved view '{}'; it has: {}", run.id.value,
                                    wanted, views.empty() ? "none" : quotedNames(views)));
        lists.push_back(samplesOf(workspace, *found, run.id, notes));
        SliceKey key = listKey(examples, lists, name, wanted, "the others");
        key.notes = std::move(notes);
        return key;
    }
    if (name == "selection")
        std::erase_if(views, [](const SavedView& view) { return !view.isSelection(); });
    if (views.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format("The dataset of run {} has no saved {}s; 'diptych samples save' and \"Views\" "
                        "on the Datasets page make one",
                        run.id.value, name));
    for (const SavedView& view : views) {
        try {
            lists.push_back(samplesOf(workspace, view, run.id, notes));
        } catch (const Error& error) { // what it asks for is gone; the others are as good as before
            if (error.code() != ErrorCode::NotFound)
                throw;
            notes.push_back(fmt::format("The view '{}' is left out: {}", view.name, error.what()));
        }
    }
    SliceKey key = listKey(examples, lists, name, name, "in no " + name);
    key.notes = std::move(notes);
    return key;
}

} // namespace

std::vector<std::string> sliceKeyNames(const Workspace& workspace, const RunRecord& run) {
    std::vector<std::string> names;
    if (run.datasetId == DatasetId{})
        return names;
    names = {"class", "split", "tag", "note"};
    const std::vector<SavedView> views = workspace.views(run.datasetId);
    if (!views.empty())
        names.push_back("view");
    if (std::ranges::any_of(views, &SavedView::isSelection))
        names.push_back("selection");
    names.push_back("transparency");
    for (const ColumnInfo& column : workspace.columns(run.datasetId))
        names.push_back(isBuiltIn(column.name) ? std::string(kColumn) + column.name : column.name);
    return names;
}

SliceKey sliceKey(Workspace& workspace, const RunRecord& run, std::span<const ExampleResult> examples,
                  const std::string& name, const SliceKeyOptions& options) {
    if (name == "list" || name.starts_with(kList))
        return givenListKey(examples, options.lists, name);
    if (name == "view" || name == "selection" || name.starts_with(kView))
        return viewKey(workspace, run, examples, name);
    if (name == "class")
        return classKey(workspace, run, examples);
    if (name == "transparency")
        return transparencyKey(workspace, examples);
    if (!name.starts_with(kColumn) && isBuiltIn(name))
        return sampleKey(workspace, examples, name);
    const std::string column = name.starts_with(kColumn) ? name.substr(kColumn.size()) : name;
    SliceKey key = columnKey(workspace, examples, name, column, options.bins);
    if (key.values == std::vector<std::string>{"not given"} || key.values.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("None of the examples of run {} has anything in a column '{}'; it can be cut "
                                "by: {}",
                                run.id.value, column, fmt::join(sliceKeyNames(workspace, run), ", ")));
    return key;
}

} // namespace diptych
