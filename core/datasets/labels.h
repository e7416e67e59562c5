// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/problem_list.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: what a row says of its classes, as text (core/datasets/values.h).
struct RawLabel {
    std::vector<std::string> values; ///< none, one, or several
    bool said = false;               ///< whether the row says anything; true without values = it shows none
    std::string name;                ///< the class name that stands beside the label, or empty
    std::string where;
};

/// The labels of a table, to be turned into indices once all are known.
struct LabelTable {
    std::vector<RawLabel> rows;
    /// Whether RawLabel::name is from a column that can only be the label's name ("class_name"); else it is
    /// believed only where names and labels stand in one-to-one relation ("category").
    bool namesCertain = true;
};

struct ResolvedLabels {
    std::vector<std::string> classNames;
    /// Per row: indices into classNames, ascending; nullopt where it does not say.
    std::vector<std::optional<std::vector<int>>> classes;
    bool several = false;   ///< whether images may show several classes, or none
    bool namesUsed = false; ///< whether RawLabel::name became the classes' names
};

/// Only what a row says or the class list of @p folder names is a class. With a list: by its lines, by their
/// first words ("n01440764 tench"), else by number, counted from 0, or from 1 where only that fits. Without:
/// whole numbers (1.0 is 1) and true and false in their order, named by the column beside them; anything else
/// byte-wise. A text with bars ("cat|dog") names several classes unless the list has it as one.
/// What has no place in the list, texts taken for missing values, contradictions and readings that a person
/// may not expect become problems.
ResolvedLabels resolveLabels(LabelTable table, const std::filesystem::path& folder, ProblemList& problems);

} // namespace diptych
