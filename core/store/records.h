// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file_stamp.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/datasets/dataset.h"
#include "core/results/ids.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// A dataset as the workspace lists it.
struct DatasetInfo {
    DatasetId id;
    std::string name;             ///< unique in the workspace
    std::string format;           ///< id of the DatasetFormat that read it
    std::filesystem::path source; ///< what was imported
    std::filesystem::path root;   ///< relative image paths start here
    std::string createdAt;        ///< ISO 8601 UTC
    /// Hex hash of keys, labels, splits, captions and class names; where the images lie does not count.
    std::string fingerprint;
    int64_t sampleCount = 0, classCount = 0, captionCount = 0, labelledCount = 0;
    int64_t problemCount = 0; ///< what was left out
    int64_t noteCount = 0;    ///< how something was read, where nothing was left out
    /// What was chosen at its last import; imageRoot is the root where one was chosen.
    ImportOptions options;
};

/// Prompts that a person keeps under a name.
struct PromptVariant {
    std::string name;      ///< unique in the workspace
    Json content;          ///< an object: promptSetJson() (core/text/prompts.h)
    std::string changedAt; ///< ISO 8601 UTC
};

/// A sample as stored.
struct Sample {
    SampleId id;
    DatasetId dataset;
    std::string key;            ///< valid UTF-8, unique in the dataset
    std::filesystem::path path; ///< absolute; of a clip of single frames one of them, to look at
    int label = -1;             ///< index into Workspace::classNames(dataset); -1 = none
    std::string split;
    std::vector<std::string> captions;
    Json attributes;               ///< the source's own columns: an object, or null
    std::vector<std::string> tags; ///< sorted
    std::string note;              ///< of a person; empty = none
    /// As DatasetSample::frames.
    std::vector<std::filesystem::path> frames = {};
};

/// How much of a Sample is fetched; Basic leaves captions, attributes, tags and note empty and is several
/// times faster.
enum class SampleDetail { Basic, Full };

/// Samples whose attribute @p column has one of these values, compared as text ("true", "3", "0.5").
struct ColumnFilter {
    std::string column;
    std::vector<std::string> values;
    friend bool operator==(const ColumnFilter&, const ColumnFilter&) = default;
};

/// Numbers from @p least to @p most, both included; an end that is not given is open.
struct NumberRange {
    std::optional<double> least = {}, most = {};
    bool contains(double value) const { return !(least && value < *least) && !(most && value > *most); }
    friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

/// Samples whose attribute @p column is a number in the range: a JSON number, or text that is one.
struct ColumnRange {
    std::string column;
    NumberRange range;
    friend bool operator==(const ColumnRange&, const ColumnRange&) = default;
};

enum class Verdict { Any, Right, Wrong };

/// Samples that a run has an example of, with such a result.
struct OutcomeFilter {
    RunId run;
    Verdict verdict = Verdict::Any;
    std::vector<int> predicted =
        {};                      ///< first prediction any of these, as the run's class names go; empty = any
    NumberRange confidence = {}; ///< score of the first prediction
    friend bool operator==(const OutcomeFilter&, const OutcomeFilter&) = default;
};

/// An attribute's value as text: strings as they are, anything else as JSON.
std::string attributeText(const Json& value);

/// All conditions given must hold.
struct SampleFilter {
    std::vector<int> labels = {}; ///< any of these; -1 finds the samples without one; empty = all
    std::string text = {};        ///< substring of key, a caption or the note, ASCII letters in any case
    std::vector<std::string> tags = {};   ///< any of these; the empty string finds samples without a tag
    std::vector<std::string> splits = {}; ///< any of these; the empty string finds samples without one
    std::vector<ColumnFilter> columns = {};
    bool noted = false; ///< only those with a note
    std::vector<ColumnRange> ranges = {};
    ViewId selection = {}; ///< only those of this saved selection
    std::optional<OutcomeFilter> outcome = {};
    friend bool operator==(const SampleFilter&, const SampleFilter&) = default;
};

/// Column: by an attribute's value, as numbers where all values are; samples without one come last either
/// way.
enum class SampleOrder { Import, Key, Label, Column };
struct SampleSort {
    SampleOrder by = SampleOrder::Import;
    bool descending = false;
    std::string column = {}; ///< for SampleOrder::Column
    friend bool operator==(const SampleSort&, const SampleSort&) = default;
};

/// One of a dataset's own columns: the members of its samples' attributes.
struct ColumnInfo {
    struct Value {
        std::string text;
        int64_t count = 0;
    };
    std::string name;
    bool numeric = false;      ///< every value is a number
    int64_t distinctCount = 0; ///< values that differ; those listed may be fewer
    std::vector<Value> values; ///< most frequent first, then by text; at most 500
};

/// A choice of a dataset's samples under a name: a filter, which finds other samples as data change, or a
/// selection, which holds the very samples it was saved with. Workspace::viewFilter() makes either a filter.
struct SavedView {
    ViewId id;
    DatasetId dataset;
    std::string name;        ///< unique in the dataset
    Json filter;             ///< as sampleFilterJson(); null for a selection
    int64_t sampleCount = 0; ///< of a selection: those that are still in the dataset
    std::string createdAt;   ///< ISO 8601 UTC
    bool isSelection() const { return filter.is_null(); }
};

/// What a person wrote about a sample.
struct SampleNote {
    SampleId sample;
    std::string text; ///< valid UTF-8; empty = none
};

struct TagInfo {
    std::string name;
    int64_t count = 0;
};

/// One line of the content hash cache. Take the stamp before reading the bytes.
struct FileHash {
    std::filesystem::path path;
    FileStamp stamp;
    Hash128 hash;
};

/// A checkpoint folder the workspace knows.
struct ModelRecord {
    ModelId id;
    std::string name;                ///< unique in the workspace
    std::filesystem::path directory; ///< absolute
    std::string fingerprint;
    Json info; ///< what the models module says of it, shown without opening the checkpoint
    std::string addedAt;
};

} // namespace diptych
