// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connections.h"
#include "core/store/embedding_files.h"
#include "core/store/output_store.h"
#include "core/store/workspace.h"
#include "core/store/workspace_lock.h"

#include <memory>
#include <optional>
#include <string>

namespace diptych {

/// Private to core/store: what an open workspace holds. The members' order is the order of opening.
class Workspace::Impl {
public:
    Impl(std::filesystem::path directory, const WorkspaceOptions& options);
    /// @throws Error if the workspace was moved or deleted since, or its lock was
    void checkInPlace() const;

    std::filesystem::path directory;
    std::unique_ptr<WorkspaceLock> lock; ///< null when reading only
    sql::Connections connections;
    std::unique_ptr<EmbeddingStore> embeddings;
    OutputStore outputs{connections};
};

using Reader = sql::Connections::Reader;
using Writer = sql::Connections::Writer;

/// Absolute, without ".", ".." and trailing slash; the file system is not asked.
std::filesystem::path normalPath(const std::filesystem::path& path);
/// Now, as "2024-05-31T12:00:00Z".
std::string utcNow();
/// JSON in the one form that is stored: keys sorted, no blanks, ill-formed UTF-8 replaced.
std::string canonicalJson(const Json& json);
/// Trimmed, valid UTF-8. @throws Error InvalidArgument if nothing is left. @param what for the message
std::string cleanName(const std::string& name, std::string_view what);

} // namespace diptych
