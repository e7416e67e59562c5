// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

// Private to core/datasets: how Python, pandas and spreadsheets spell values. The one reader of whole
// numbers, labels and ids for every format.

/// How a text says that there is no value (pandas.read_csv's na_values).
enum class Missing {
    No,
    Yes,  ///< empty, or nothing but a missing value: nan, NaN, <NA>, #N/A, ...
    Maybe ///< None, NULL, NA, N/A, ...: pandas takes them for missing too, and a person could name a class so
};
Missing missingness(std::string_view text);

/// "3", "+3", "-3", "003", "3.0", "3." or "3e2"; nullopt for anything else, and beyond 2^53 with a fraction
/// or an exponent.
std::optional<int64_t> wholeNumber(std::string_view text);
/// The same of a JSON number or text; true and false are none.
std::optional<int64_t> jsonWholeNumber(const Json& value);
/// "true" and "false" in any case, as Python, pandas and spreadsheets write them.
std::optional<bool> truthValue(std::string_view text);

/// A value that is one text: text without blanks around it, a whole number in digits (1.0 as "1"), true or
/// false; empty for null, NaN and a text that means missing beyond doubt. nullopt for other numbers, lists
/// and objects.
std::optional<std::string> jsonPlainText(const Json& value);
/// The same of a table's field.
std::string plainText(std::string_view field);

/// An id as text, so that 7, 7.0, "7" and "7.0" are one; others as they are. Empty for what is none.
std::string canonicalId(std::string_view text);
std::string jsonId(const Json& value);

/// The texts of a list that is written into a field: ["a", "b"] as JSON or as Python prints it. nullopt if
/// the field is no such list.
std::optional<std::vector<std::string>> listInField(std::string_view field);

} // namespace diptych
