// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

struct EmbeddingSpaceInfo;
namespace sql {
class Connections;
}

/// What models made of items besides rows of one width, as bytes: the logits of image-text pairs. One space
/// for what depends on the same model, preprocessing, precision and options; in it, one value an item. Owned
/// by the workspace; thread-safe. Values have checksums: one that changed is missing, and so computed anew.
class OutputStore {
public:
    explicit OutputStore(sql::Connections& connections) : m_connections(connections) {}

    /// By item: its value, if there is one.
    std::vector<std::optional<std::string>> find(const std::string& space,
                                                 std::span<const Hash128> items) const;
    /// Keeps them in one transaction; an item that is there already gets the new value.
    /// @throws Error DiskFull, InvalidArgument (workspace open for reading only). Nothing is kept then
    void append(const std::string& space, std::span<const Hash128> items,
                std::span<const std::string> values);
    /// By key, with dimension 0; rows are items.
    std::vector<EmbeddingSpaceInfo> spaces() const;
    /// No error if there is none.
    void remove(const std::string& space);

private:
    sql::Connections& m_connections;
};

} // namespace diptych
