// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

struct sqlite3;

// Private to core/store: checksums of single rows, so that a flipped bit is an error instead of another
// number.
namespace diptych::sql {

/// Makes row_checksum(value, ...) known to a connection: a hash of the values with their types.
void addRowChecksum(sqlite3* handle);

/// The columns each table's checksum is taken over, in order.
inline constexpr std::string_view kClassRow = "dataset_id, position, name";
inline constexpr std::string_view kSampleRow = "dataset_id, key, path, label, split, attributes";
inline constexpr std::string_view kCaptionRow = "sample_id, position, text";
inline constexpr std::string_view kFramesRow = "sample_id, paths";
inline constexpr std::string_view kCorrectionRow = "sample_id, from_class, to_class, corrected_at, note";
inline constexpr std::string_view kPositiveRow = "image_id, caption_sample_id, caption, marked_at";
inline constexpr std::string_view kPromptRow = "name, content, changed_at";
inline constexpr std::string_view kRunRow =
    "task, title, dataset_name, dataset_fingerprint, model_name, model_fingerprint, spec, status, "
    "started_at, "
    "wall_seconds, program_version, device, precision, seed, command, example_count, failure_count, "
    "class_names, details";
inline constexpr std::string_view kMetricRow =
    "run_id, position, name, value, has_interval, low, high, n, higher_is_better, chance, unit";
inline constexpr std::string_view kExampleRow =
    "run_id, position, sample_id, status, message, target, "
    "predicted, confidence, correct, predictions, parts, score, cluster";
inline constexpr std::string_view kOutputRow = "space_id, item, value";

/// "INSERT INTO table(columns, checksum) VALUES(?1, ..., row_checksum(?1, ...))" for @p columns as above.
std::string insertWithChecksum(std::string_view table, std::string_view columns);
/// An expression that is 1 where the row of @p alias is as it was written, for @p columns as above.
std::string rowIsIntact(std::string_view alias, std::string_view columns);

} // namespace diptych::sql
