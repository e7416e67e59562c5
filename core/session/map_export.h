// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/session/embedding_map.h"

#include <filesystem>
#include <string>

namespace diptych {

enum class MapFormat { Csv, Json, JsonLines };
/// By a file's extension: .csv, .json, .jsonl (any case). @throws Error InvalidArgument for others
MapFormat mapFormat(const std::filesystem::path& file);

/// A map as a table, a row for each point in the map's order: kind ("image", "class", "caption"), sample, key
/// and image (of a picture, or the sample of a caption), class, split, text, x, y, z (of three dimensions),
/// preservation and, where the map has them, neighbors: {"ids": [...], "distances": [...]} with rows of this
/// table from 0 on, as Embedding Atlas reads it. In CSV what a point does not have is empty, in JSON it is
/// left out. JSON is one object that has what the whole map has beside "points".
std::string mapText(const Workspace& workspace, const EmbeddingMap& map, const MapSpec& spec,
                    MapFormat format);

/// What the whole map has: method, options, dataset, model, the modality gap, the mean preservation, notes.
OrderedJson mapSummary(const EmbeddingMap& map, const MapSpec& spec);

} // namespace diptych
