// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/store/workspace.h"

#include <filesystem>
#include <span>
#include <string>

namespace diptych {

enum class SampleTableFormat { Csv, JsonLines, Paths };
/// By a file's extension: .csv, .jsonl, .txt (any case). @throws Error InvalidArgument for others
SampleTableFormat sampleTableFormat(const std::filesystem::path& file);

/// Samples as a table that an import reads again: image, key, class, split, tags, note, captions and the
/// source's own columns; in CSV those with several values have them separated by ";", in JSON lines they are
/// lists, and columns a sample has no value for are left out. Paths: the image files alone, one a line, byte
/// for byte.
std::string sampleTable(const Workspace& workspace, std::span<const SampleId> samples,
                        SampleTableFormat format);

/// The JSON lines of the above as objects.
std::vector<OrderedJson> sampleObjects(const Workspace& workspace, std::span<const SampleId> samples);

} // namespace diptych
