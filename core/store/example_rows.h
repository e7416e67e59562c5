// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/database.h"
#include "core/store/run_record.h"

#include <span>
#include <string>

// Private to core/store: per-example results as rows of the table examples (alias e).
namespace diptych {

/// What readExample() reads of a row.
std::string exampleColumns();
/// @param column where exampleColumns() begin in the row. @throws Error Corrupt
ExampleResult readExample(const sql::Statement& row, int column);
/// Inside the caller's transaction. @throws Error NotFound for a sample that does not exist
void writeExamples(sql::Database& database, RunId run, std::span<const ExampleResult> examples);

/// " WHERE ..." with parameters 1 to 5, to be bound by bindExampleFilter(); 6 and 7 are for the caller.
std::string exampleCondition(const ExampleFilter& filter);
std::string exampleOrder(ExampleSort sort);

template<class... Rest>
void bindExampleFilter(sql::Statement& statement, RunId run, const ExampleFilter& filter,
                       const Rest&... rest) {
    const auto status = filter.status ? std::optional(static_cast<int>(*filter.status)) : std::nullopt;
    statement.bind(run.value, filter.target, filter.predicted, filter.correct, status, rest...);
}

} // namespace diptych
