// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// What samples can be told apart by. The last three are of a run.
enum class FacetKind { Class, Split, Tag, Column, Verdict, Prediction, Confidence };

/// One value of a facet.
struct FacetValue {
    std::string text;  ///< of a class or prediction its name; empty = without one
    int index = -1;    ///< of a class or prediction; of a verdict 1 = right, 0 = wrong
    int64_t total = 0; ///< samples of the dataset that have it
    int64_t count = 0; ///< of them, those that all other facets' conditions leave
    bool chosen = false;
};

/// The numbers of a facet in bins of equal width; the last one holds its upper edge too.
struct FacetHistogram {
    double low = 0, high = 0; ///< edges of the first and the last bin
    bool whole = false;       ///< whole numbers, and each bin is as many of them wide
    std::vector<int64_t> total, count;
    NumberRange chosen;
};

struct Facet {
    FacetKind kind = FacetKind::Class;
    std::string name; ///< of a column
    std::vector<FacetValue>
        values;           ///< classes and predictions by index, others by total; those chosen always
    int64_t distinct = 0; ///< values there are; more than are listed in a column of very many
    std::optional<FacetHistogram> histogram; ///< instead of values, for numbers that differ in many ways
};

/// What is counted.
struct FacetCounts {
    int64_t total = 0, count = 0; ///< samples of the dataset; of them, those that all conditions leave
    std::vector<Facet> facets;
};

/// A dataset's samples with all that can be counted, in memory: a filter is counted in one pass without the
/// database. 100,000 samples with five columns take some 5 MB. Immutable after it was read.
class FacetTable {
public:
    static constexpr size_t kValuesListed = 200; ///< of a column
    static constexpr size_t kMostBins = 24;
    static constexpr size_t kFewNumbers = 8; ///< a column with no more different numbers lists them

    DatasetId dataset() const { return m_dataset; }
    RunId run() const { return m_run; } ///< whose results are among the facets; none = no run's
    size_t size() const { return m_ids.size(); }

    /// What of @p filter the table cannot tell: text, notes, a saved selection, and the results of another
    /// run. Workspace::sampleIds() finds the samples that satisfy it.
    SampleFilter rest(const SampleFilter& filter) const;

    /// A facet's counts ignore its own condition, so that they say what choosing another value of it would
    /// add. A sample of several results counts once for each value that one of them has, and satisfies
    /// conditions on a run's results where one of its results satisfies all of them.
    /// @param within null, or the samples in ascending order that are counted at all: those that satisfy
    /// rest(), and of a list
    FacetCounts count(const SampleFilter& filter, const std::vector<SampleId>* within = nullptr) const;

private:
    friend class FacetReader; // private to core/store
    struct Column {
        std::string name;
        std::vector<uint32_t> code;     ///< by sample; 0 = no value
        std::vector<std::string> texts; ///< by code; [0] unused
        std::vector<double> numbers;    ///< by code; NaN = none
        bool numeric = false;           ///< all of them are
    };
    friend class FacetCounter;

    DatasetId m_dataset;
    RunId m_run;
    std::vector<SampleId> m_ids; ///< ascending; all that follows is in this order
    std::vector<int> m_labels;
    std::vector<std::string> m_classNames;
    std::vector<Column> m_columns; ///< by name
    Column m_splits;
    std::vector<uint32_t> m_firstTag, m_tags; ///< of sample i: m_tags[m_firstTag[i] .. m_firstTag[i + 1]]
    std::vector<std::string> m_tagNames;      ///< sorted
    // What a run found: sample i has the results from m_firstResult[i] to before m_firstResult[i + 1];
    // several where it takes part in several pairs or has several candidates.
    std::vector<uint32_t> m_firstResult;
    std::vector<int> m_predicted;
    std::vector<int8_t> m_verdicts;   ///< 1 right, 0 wrong, -1 neither
    std::vector<double> m_confidence; ///< of the first prediction; NaN = none
    std::vector<std::string> m_predictionNames;
};

} // namespace diptych
