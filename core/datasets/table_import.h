// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"
#include "core/datasets/labels.h"
#include "core/datasets/problem_list.h"

#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace diptych {

/// Private to core/datasets: which column of a table means what; empty = the table has none.
struct TableColumns {
    std::string image, frames, label, labelName, caption, split, id;
    bool labelNameCertain = true; ///< as LabelTable::namesCertain
};
/// By @p chosen (ImportOptions::columns), else by usual names in any case.
/// @throws Error InvalidArgument if a chosen column is not there, or there is none for images or frames; it
/// lists the columns
TableColumns mapColumns(const std::vector<std::string>& columns,
                        const std::map<std::string, std::string>& chosen, const std::string& source);

/// A row, already taken apart; text is valid UTF-8 save the image's name, which is bytes.
struct TableRow {
    std::string where; ///< file:line
    std::string image, split, id;
    /// Of a clip: its frames in order, or the folder that has nothing else in it. Empty = no clip.
    std::vector<std::string> frames;
    RawLabel label;
    std::vector<std::string> captions;
    Json attributes; ///< the columns without a meaning, and that of the labels' names; null = none
};

/// Turns rows into an index: rows of one image or clip become one sample with all their captions; missing
/// images, ids given twice and contradictions become problems.
class TableImport {
public:
    TableImport(std::filesystem::path source, const ImportOptions& options, TableColumns columns);
    void add(TableRow row);
    ProblemList& problems() { return m_problems; }
    /// @throws Error InvalidArgument if no row is left, or none of the images exists; Cancelled
    DatasetIndex finish(const RunContext& context);

private:
    void merge(TableRow& into, TableRow&& row);
    void requireSamples(size_t kept) const;
    void setLabels(DatasetIndex& index, std::vector<RawLabel> labels);

    std::filesystem::path m_source;
    ImportOptions m_options;
    TableColumns m_columns;
    ProblemList m_problems;
    std::vector<TableRow> m_rows;
    std::unordered_map<std::string, size_t> m_rowOfImage; ///< by identityOf()
    /// Of images named twice, by identityOf().
    std::unordered_map<std::string, std::unordered_set<std::string>> m_captionsOf;
    std::unordered_map<std::string, std::string> m_whereOfId;
};

} // namespace diptych
