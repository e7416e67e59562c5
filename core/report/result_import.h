// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <filesystem>
#include <span>
#include <vector>

namespace diptych {

/// Numbers others measured, from a JSON result file of CLIP_benchmark (an object with dataset, model,
/// pretrained, task, language and metrics, or a list of them, as `diptych runs export --format
/// clip-benchmark-json` writes it). They become runs without dataset, examples, intervals or a command:
/// metrics get the names they have here, those that are no numbers (null, tables) are left out. A run starts,
/// for want of better, when the file was last written.
/// @throws Error that names the file and the entry: NotFound, Unreadable, Corrupt (no JSON, a field that
/// lacks or has another type, no metric in it)
std::vector<RunRecord> readClipBenchmarkResults(const std::filesystem::path& file);
/// The results of all @p files, in order.
std::vector<RunRecord> readClipBenchmarkResults(std::span<const std::filesystem::path> files);

} // namespace diptych
