// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/run_record.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Numbers others measured, from a JSON result file of CLIP_benchmark (an object with dataset, model,
/// pretrained, task, language and metrics, or a list of them, as `diptych runs export --format
/// clip-benchmark-json` writes it). They become runs without dataset, examples, intervals or a command:
/// metrics get the names they have here, those that are no numbers (null, NaN, tables) are left out. A run
/// starts, for want of better, when the file was last written.
/// @throws Error that names the file and the entry: NotFound, Unreadable, Corrupt (no JSON, a field that
/// lacks or has another type, no metric in it)
std::vector<RunRecord> readClipBenchmarkResults(const std::filesystem::path& file);

/// What several files gave.
struct ImportedResults {
    std::vector<RunRecord> runs; ///< in order of the files
    std::vector<Error> problems; ///< one for each file that gave none
    /// "2 of 3 files were not imported: FILE: ..."; empty if all were.
    std::string failures(size_t files) const;
};
/// A file that cannot be read is no reason to refuse the others. @throws Error the first problem, if none of
/// the @p files can be read
ImportedResults readClipBenchmarkResults(std::span<const std::filesystem::path> files);

} // namespace diptych
