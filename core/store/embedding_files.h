// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connections.h"
#include "core/store/embedding_store.h"

#include <filesystem>
#include <memory>

namespace diptych {

/// Private to core/store: the embeddings below @p directory, their rows listed in the workspace's database.
/// @param shardBytes at most this many bytes of rows go into one file (at least one row)
std::unique_ptr<EmbeddingStore> openEmbeddingStore(sql::Connections& connections,
                                                   std::filesystem::path directory,
                                                   uint64_t shardBytes = uint64_t{64} << 20);

} // namespace diptych
