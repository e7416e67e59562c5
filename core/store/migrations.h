// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace diptych::sql {

class Database;

/// "Dipt" in the header of the database file.
inline constexpr int kApplicationId = 0x44697074;

/// The SQL that leads from version i to version i + 1. Entries are only ever added at the end: a workspace
/// somebody has was made by the entries that were here then.
std::span<const char* const> migrations();

/// Brings the database to the last version, each step one transaction together with its version number: a
/// step that fails or is killed leaves the version before it. @throws Error NewerVersion if the database is
/// newer than @p steps, Corrupt if it is some other program's
void migrate(Database& database, std::span<const char* const> steps);

} // namespace diptych::sql
