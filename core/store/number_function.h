// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

struct sqlite3;

// Private to core/store: what the values of a dataset's own columns are, as text and as numbers.
namespace diptych::sql {

/// The number that all of @p text is, if it is finite.
std::optional<double> numberIn(std::string_view text);

/// Teaches a connection as_number(value): a number as it is, text by numberIn(), NULL for anything else.
void addNumberFunction(sqlite3* handle);

/// The text of a member of json_each(attributes) AS e, as attributeText() writes it.
inline constexpr const char* kMemberText =
    "CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(e.value AS TEXT) END";

} // namespace diptych::sql
