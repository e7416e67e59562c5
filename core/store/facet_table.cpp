// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/facet_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace diptych {

namespace {

template<class T>
bool among(const std::vector<T>& list, const T& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

const ColumnFilter* valuesOf(const SampleFilter& filter, const std::string& column) {
    const auto found = std::find_if(filter.columns.begin(), filter.columns.end(),
                                    [&](const ColumnFilter& one) { return one.column == column; });
    return found == filter.columns.end() ? nullptr : &*found;
}

const NumberRange* rangeOf(const SampleFilter& filter, const std::string& column) {
    const auto found = std::find_if(filter.ranges.begin(), filter.ranges.end(),
                                    [&](const ColumnRange& one) { return one.column == column; });
    return found == filter.ranges.end() ? nullptr : &found->range;
}

/// Bins over the numbers in @p numbers that are one.
FacetHistogram binsOver(std::span<const double> numbers) {
    FacetHistogram histogram;
    histogram.low = std::numeric_limits<double>::infinity();
    histogram.high = -histogram.low;
    histogram.whole = true;
    for (const double number : numbers) {
        if (std::isnan(number))
            continue;
        histogram.low = std::min(histogram.low, number);
        histogram.high = std::max(histogram.high, number);
        histogram.whole = histogram.whole && number == std::floor(number) && std::abs(number) < 1e15;
    }
    size_t bins = FacetTable::kMostBins;
    if (!(histogram.low <= histogram.high))
        return {};
    if (histogram.whole) { // as many whole numbers in every bin; their edges lie between them
        const double span = histogram.high - histogram.low + 1;
        const double width = std::ceil(span / static_cast<double>(bins));
        bins = static_cast<size_t>(std::ceil(span / width));
        histogram.low -= 0.5;
        histogram.high = histogram.low + width * static_cast<double>(bins);
    } else if (histogram.low == histogram.high) {
        bins = 1;
    }
    histogram.total.assign(bins, 0);
    histogram.count.assign(bins, 0);
    return histogram;
}

size_t binOf(const FacetHistogram& histogram, double number) {
    const double width = histogram.high - histogram.low;
    const auto bins = static_cast<double>(histogram.total.size());
    const double bin = width > 0 ? std::floor((number - histogram.low) / width * bins) : 0;
    return static_cast<size_t>(std::clamp(bin, 0.0, bins - 1));
}

void addTo(FacetHistogram& histogram, double number, bool counts) {
    if (std::isnan(number))
        return;
    const size_t bin = binOf(histogram, number);
    ++histogram.total[bin];
    histogram.count[bin] += counts ? 1 : 0;
}

/// Most frequent first; the last ones are left out where there are very many.
void arrange(std::vector<FacetValue>& values) {
    std::stable_sort(values.begin(), values.end(), [](const FacetValue& a, const FacetValue& b) {
        return a.total != b.total ? a.total > b.total : a.text < b.text;
    });
    size_t kept = 0;
    for (size_t i = 0; i < values.size(); ++i)
        if (i < FacetTable::kValuesListed || values[i].chosen) {
            if (kept != i)
                values[kept] = std::move(values[i]);
            ++kept;
        }
    values.resize(kept);
}

} // namespace

/// Counts once. A facet counts the samples that fail no condition but its own.
class FacetCounter {
public:
    FacetCounter(const FacetTable& table, const SampleFilter& filter, const std::vector<SampleId>* within);
    FacetCounts counts();

private:
    static constexpr uint8_t kOut = 255; ///< in m_failures: is not counted at all
    using Failed = std::vector<uint8_t>; ///< by sample whether it fails a condition; empty = there is none

    template<class Fails>
    void demand(Failed& failed, Fails fails) {
        failed.resize(m_failures.size());
        for (size_t i = 0; i < failed.size(); ++i) {
            failed[i] = fails(i) ? 1 : 0;
            if (m_failures[i] != kOut)
                m_failures[i] = static_cast<uint8_t>(std::min<int>(m_failures[i] + failed[i], kOut - 1));
        }
    }
    bool counted(size_t i, const Failed& own) const {
        return m_failures[i] == 0 || (m_failures[i] == 1 && !own.empty() && own[i] != 0);
    }
    void demandTags();
    void demandColumns();
    void demandOutcome();

    /// @param codeOf which of the values the sample i has; -1 = none @param own failed conditions of it
    template<class CodeOf>
    void tally(std::vector<FacetValue>& values, const Failed& own, CodeOf codeOf) const {
        for (size_t i = 0; i < m_failures.size(); ++i)
            if (const int code = codeOf(i); code >= 0) {
                ++values[static_cast<size_t>(code)].total;
                values[static_cast<size_t>(code)].count += counted(i, own) ? 1 : 0;
            }
    }
    /// By class index, with one at the end for samples without; only those that occur or are chosen.
    /// @param tallyAll counts into the values given; it is handed what makes a value's place of an index
    template<class TallyAll>
    void addNamed(FacetKind kind, const std::vector<std::string>& names, const std::vector<int>& chosen,
                  TallyAll tallyAll);
    /// Over the results of samples: of each value that a sample has whether it is counted, once.
    /// @param own the condition that does not count @param valueOf of a result; -1 = none
    template<class ValueOf, class Add>
    void forResults(uint8_t own, ValueOf valueOf, Add add) const;
    void addSplits();
    void addTags();
    void addColumn(size_t index);
    void addOutcome();
    void addConfidence(const NumberRange& chosen);
    FacetHistogram histogramOf(const FacetTable::Column& column, const Failed& own) const;

    const FacetTable& m_table;
    const SampleFilter& m_filter;
    std::vector<uint8_t> m_failures; ///< by sample, of how many facets
    Failed m_labels, m_splits, m_tags, m_outcome;
    static constexpr uint8_t kVerdict = 1, kPrediction = 2, kConfidence = 4;
    std::vector<uint8_t> m_resultFails; ///< by result, which of these conditions
    std::vector<Failed> m_columns;
    FacetCounts m_out;
};

FacetCounter::FacetCounter(const FacetTable& table, const SampleFilter& filter,
                           const std::vector<SampleId>* within)
    : m_table(table), m_filter(filter), m_failures(table.size(), 0), m_columns(table.m_columns.size()) {
    if (within)
        for (size_t i = 0; i < m_failures.size(); ++i)
            if (!std::binary_search(within->begin(), within->end(), table.m_ids[i]))
                m_failures[i] = kOut;
    if (!filter.labels.empty())
        demand(m_labels, [&](size_t i) { return !among(filter.labels, table.m_labels[i]); });
    if (!filter.splits.empty())
        demand(m_splits,
               [&](size_t i) { return !among(filter.splits, table.m_splits.texts[table.m_splits.code[i]]); });
    demandTags();
    demandColumns();
    demandOutcome();
}

void FacetCounter::demandTags() {
    if (m_filter.tags.empty())
        return;
    std::vector<uint8_t> wanted;
    for (const std::string& name : m_table.m_tagNames)
        wanted.push_back(among(m_filter.tags, name) ? 1 : 0);
    const bool untagged = among(m_filter.tags, std::string());
    demand(m_tags, [&](size_t i) {
        const uint32_t first = m_table.m_firstTag[i], last = m_table.m_firstTag[i + 1];
        for (uint32_t k = first; k < last; ++k)
            if (wanted[m_table.m_tags[k]] != 0)
                return false;
        return !(untagged && first == last);
    });
}

void FacetCounter::demandColumns() {
    for (size_t c = 0; c < m_columns.size(); ++c) {
        const FacetTable::Column& column = m_table.m_columns[c];
        const ColumnFilter* values = valuesOf(m_filter, column.name);
        const NumberRange* range = rangeOf(m_filter, column.name);
        if (!values && !range)
            continue;
        std::vector<uint8_t> fails(column.texts.size(), 1); // by code; 0 is no value
        for (size_t code = 1; code < fails.size(); ++code) {
            const double number = column.numbers[code];
            const bool listed = !values || among(values->values, column.texts[code]);
            fails[code] = listed && (!range || (!std::isnan(number) && range->contains(number))) ? 0 : 1;
        }
        demand(m_columns[c], [&](size_t i) { return fails[column.code[i]] != 0; });
    }
    // A column that no sample has any more leaves none.
    const auto unknown = [&](const auto& condition) {
        return std::none_of(
            m_table.m_columns.begin(), m_table.m_columns.end(),
            [&](const FacetTable::Column& column) { return column.name == condition.column; });
    };
    if (std::any_of(m_filter.columns.begin(), m_filter.columns.end(), unknown) ||
        std::any_of(m_filter.ranges.begin(), m_filter.ranges.end(), unknown))
        std::fill(m_failures.begin(), m_failures.end(), kOut);
}

void FacetCounter::demandOutcome() {
    m_resultFails.assign(m_table.m_predicted.size(), 0);
    if (!m_filter.outcome || m_filter.outcome->run != m_table.m_run || !m_table.m_run)
        return;
    const OutcomeFilter& outcome = *m_filter.outcome;
    const auto demandOf = [&](uint8_t condition, auto fails) {
        for (size_t r = 0; r < m_resultFails.size(); ++r)
            if (fails(r))
                m_resultFails[r] |= condition;
    };
    if (outcome.verdict != Verdict::Any)
        demandOf(kVerdict, [&](size_t r) {
            return m_table.m_verdicts[r] != (outcome.verdict == Verdict::Right ? 1 : 0);
        });
    if (!outcome.predicted.empty())
        demandOf(kPrediction, [&](size_t r) { return !among(outcome.predicted, m_table.m_predicted[r]); });
    if (outcome.confidence != NumberRange())
        demandOf(kConfidence, [&](size_t r) {
            const double confidence = m_table.m_confidence[r];
            return std::isnan(confidence) || !outcome.confidence.contains(confidence);
        });
    for (size_t i = 0; i < m_failures.size(); ++i)
        if (m_table.m_firstResult[i] == m_table.m_firstResult[i + 1])
            m_failures[i] = kOut;
    demand(m_outcome, [&](size_t i) {
        const auto first = m_resultFails.begin() + m_table.m_firstResult[i];
        const auto last = m_resultFails.begin() + m_table.m_firstResult[i + 1];
        return std::find(first, last, uint8_t{0}) == last;
    });
}

template<class ValueOf, class Add>
void FacetCounter::forResults(uint8_t own, ValueOf valueOf, Add add) const {
    std::vector<std::pair<int, bool>> values; // of one sample
    for (size_t i = 0; i < m_failures.size(); ++i) {
        const bool others = counted(i, m_outcome);
        values.clear();
        for (uint32_t r = m_table.m_firstResult[i]; r < m_table.m_firstResult[i + 1]; ++r) {
            const int value = valueOf(r);
            if (value < 0)
                continue;
            const bool counts = others && (m_resultFails[r] & ~own) == 0;
            const auto known = std::find_if(values.begin(), values.end(),
                                            [value](const auto& one) { return one.first == value; });
            if (known == values.end())
                values.emplace_back(value, counts);
            else
                known->second = known->second || counts;
        }
        for (const auto& [value, counts] : values)
            add(static_cast<size_t>(value), counts);
    }
}

template<class TallyAll>
void FacetCounter::addNamed(FacetKind kind, const std::vector<std::string>& names,
                            const std::vector<int>& chosen, TallyAll tallyAll) {
    Facet facet{kind, {}, std::vector<FacetValue>(names.size() + 1), 0, {}};
    for (size_t i = 0; i <= names.size(); ++i) {
        FacetValue& value = facet.values[i];
        value.index = i < names.size() ? static_cast<int>(i) : -1;
        value.text = i < names.size() ? names[i] : std::string();
        value.chosen = among(chosen, value.index);
    }
    const auto none = static_cast<int>(names.size());
    tallyAll(facet.values, [none](int index) { return index >= 0 && index < none ? index : none; });
    std::erase_if(facet.values, [](const FacetValue& value) { return value.total == 0 && !value.chosen; });
    facet.distinct = static_cast<int64_t>(facet.values.size());
    // Where no sample has any, there is nothing to tell apart.
    if (facet.values.size() > 1 || (facet.distinct == 1 && facet.values.front().index >= 0))
        m_out.facets.push_back(std::move(facet));
}

void FacetCounter::addSplits() {
    Facet facet{FacetKind::Split, {}, std::vector<FacetValue>(m_table.m_splits.texts.size()), 0, {}};
    for (size_t code = 0; code < facet.values.size(); ++code) {
        facet.values[code].text = m_table.m_splits.texts[code];
        facet.values[code].chosen = among(m_filter.splits, facet.values[code].text);
    }
    tally(facet.values, m_splits, [&](size_t i) { return static_cast<int>(m_table.m_splits.code[i]); });
    std::erase_if(facet.values, [](const FacetValue& value) { return value.total == 0 && !value.chosen; });
    facet.distinct = static_cast<int64_t>(facet.values.size());
    arrange(facet.values);
    if (facet.distinct > 1 || (facet.distinct == 1 && !facet.values.front().text.empty()))
        m_out.facets.push_back(std::move(facet));
}

void FacetCounter::addTags() {
    const std::vector<std::string>& names = m_table.m_tagNames;
    if (names.empty())
        return;
    Facet facet{FacetKind::Tag, {}, std::vector<FacetValue>(names.size() + 1), 0, {}};
    for (size_t t = 0; t <= names.size(); ++t) {
        facet.values[t].text = t < names.size() ? names[t] : std::string();
        facet.values[t].chosen = among(m_filter.tags, facet.values[t].text);
    }
    for (size_t i = 0; i < m_failures.size(); ++i) {
        const bool counts = counted(i, m_tags);
        const uint32_t first = m_table.m_firstTag[i], last = m_table.m_firstTag[i + 1];
        const auto add = [&](size_t tag) {
            ++facet.values[tag].total;
            facet.values[tag].count += counts ? 1 : 0;
        };
        for (uint32_t k = first; k < last; ++k)
            add(m_table.m_tags[k]);
        if (first == last)
            add(names.size());
    }
    std::erase_if(facet.values, [](const FacetValue& value) { return value.total == 0 && !value.chosen; });
    facet.distinct = static_cast<int64_t>(facet.values.size());
    m_out.facets.push_back(std::move(facet));
}

FacetHistogram FacetCounter::histogramOf(const FacetTable::Column& column, const Failed& own) const {
    FacetHistogram histogram = binsOver(column.numbers);
    if (histogram.total.empty())
        return histogram;
    for (size_t i = 0; i < m_failures.size(); ++i)
        addTo(histogram, column.numbers[column.code[i]], counted(i, own));
    return histogram;
}

void FacetCounter::addColumn(size_t index) {
    const FacetTable::Column& column = m_table.m_columns[index];
    Facet facet{FacetKind::Column, column.name, {}, static_cast<int64_t>(column.texts.size()) - 1, {}};
    const NumberRange* range = rangeOf(m_filter, column.name);
    if (column.numeric && (range || column.texts.size() - 1 > FacetTable::kFewNumbers)) {
        facet.histogram = histogramOf(column, m_columns[index]);
        if (range)
            facet.histogram->chosen = *range;
    } else {
        const ColumnFilter* chosen = valuesOf(m_filter, column.name);
        facet.values.resize(column.texts.size() - 1);
        for (size_t code = 1; code < column.texts.size(); ++code) {
            facet.values[code - 1].text = column.texts[code];
            facet.values[code - 1].chosen = chosen && among(chosen->values, column.texts[code]);
        }
        tally(facet.values, m_columns[index], [&](size_t i) { return static_cast<int>(column.code[i]) - 1; });
        arrange(facet.values);
    }
    m_out.facets.push_back(std::move(facet));
}

void FacetCounter::addOutcome() {
    if (!m_table.m_run)
        return;
    const bool ours = m_filter.outcome && m_filter.outcome->run == m_table.m_run;
    const OutcomeFilter none;
    const OutcomeFilter& outcome = ours ? *m_filter.outcome : none;
    Facet verdicts{FacetKind::Verdict, {}, {{"right", 1}, {"wrong", 0}}, 2, {}};
    for (FacetValue& value : verdicts.values)
        value.chosen = outcome.verdict == (value.index == 1 ? Verdict::Right : Verdict::Wrong);
    const auto addTo = [](std::vector<FacetValue>& values) {
        return [&values](size_t place, bool counts) {
            ++values[place].total;
            values[place].count += counts ? 1 : 0;
        };
    };
    forResults(
        kVerdict,
        [&](uint32_t r) { return m_table.m_verdicts[r] < 0    ? -1
                                 : m_table.m_verdicts[r] == 1 ? 0
                                                              : 1; },
        addTo(verdicts.values));
    if (verdicts.values[0].total + verdicts.values[1].total > 0)
        m_out.facets.push_back(std::move(verdicts));
    addNamed(FacetKind::Prediction, m_table.m_predictionNames, outcome.predicted,
             [&](std::vector<FacetValue>& values, auto placeOf) {
                 forResults(
                     kPrediction, [&](uint32_t r) { return placeOf(m_table.m_predicted[r]); }, addTo(values));
             });
    addConfidence(outcome.confidence);
}

void FacetCounter::addConfidence(const NumberRange& chosen) {
    FacetHistogram histogram = binsOver(m_table.m_confidence);
    if (histogram.total.empty())
        return;
    forResults(
        kConfidence,
        [&](uint32_t r) {
            const double confidence = m_table.m_confidence[r];
            return std::isnan(confidence) ? -1 : static_cast<int>(binOf(histogram, confidence));
        },
        [&](size_t bin, bool counts) {
            ++histogram.total[bin];
            histogram.count[bin] += counts ? 1 : 0;
        });
    histogram.chosen = chosen;
    m_out.facets.push_back({FacetKind::Confidence, {}, {}, 0, std::move(histogram)});
}

FacetCounts FacetCounter::counts() {
    m_out.total = static_cast<int64_t>(m_failures.size());
    m_out.count = std::count(m_failures.begin(), m_failures.end(), uint8_t{0});
    addNamed(FacetKind::Class, m_table.m_classNames, m_filter.labels,
             [&](std::vector<FacetValue>& values, auto placeOf) {
                 tally(values, m_labels, [&](size_t i) { return placeOf(m_table.m_labels[i]); });
             });
    addSplits();
    addTags();
    addOutcome();
    for (size_t c = 0; c < m_columns.size(); ++c)
        addColumn(c);
    return std::move(m_out);
}

SampleFilter FacetTable::rest(const SampleFilter& filter) const {
    SampleFilter rest{.text = filter.text, .noted = filter.noted, .selection = filter.selection};
    if (filter.outcome && filter.outcome->run != m_run)
        rest.outcome = filter.outcome;
    return rest;
}

FacetCounts FacetTable::count(const SampleFilter& filter, const std::vector<SampleId>* within) const {
    return FacetCounter(*this, filter, within).counts();
}

} // namespace diptych
