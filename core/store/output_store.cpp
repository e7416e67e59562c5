// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/output_store.h"

#include "core/store/connections.h"
#include "core/store/embedding_store.h"
#include "core/store/row_checksum.h"

namespace diptych {
namespace {

std::span<const std::byte> bytesOf(const Hash128& item) {
    return std::as_bytes(std::span(item.bytes));
}

/// 0 where there is none.
int64_t idOf(sql::Database& database, const std::string& space) {
    sql::Statement entry(database, "SELECT id FROM output_spaces WHERE key=?");
    return entry.bind(space).step() ? entry.integer(0) : 0;
}

} // namespace

std::vector<std::optional<std::string>> OutputStore::find(const std::string& space,
                                                          std::span<const Hash128> items) const {
    std::vector<std::optional<std::string>> values(items.size());
    const sql::Connections::Reader reader(m_connections);
    const int64_t id = idOf(*reader, space);
    if (id == 0)
        return values;
    sql::Statement value(*reader, "SELECT o.value FROM outputs o WHERE o.space_id=? AND o.item=? AND " +
                                      sql::rowIsIntact("o", sql::kOutputRow));
    for (size_t i = 0; i < items.size(); ++i)
        if (value.bind(id, bytesOf(items[i])).step())
            values[i] = value.blob(0);
    return values;
}

void OutputStore::append(const std::string& space, std::span<const Hash128> items,
                         std::span<const std::string> values) {
    DIPTYCH_ASSERT(items.size() == values.size());
    if (items.empty())
        return;
    sql::Connections::Writer writer(m_connections);
    int64_t id = idOf(*writer, space);
    if (id == 0) {
        sql::Statement(*writer, "INSERT INTO output_spaces(key) VALUES(?)").run(space);
        id = (*writer).lastInsertId();
    }
    sql::Statement old(*writer, "DELETE FROM outputs WHERE space_id=? AND item=?");
    sql::Statement insert(*writer, sql::insertWithChecksum("outputs", sql::kOutputRow));
    for (size_t i = 0; i < items.size(); ++i) {
        old.run(id, bytesOf(items[i]));
        insert.run(id, bytesOf(items[i]), std::as_bytes(std::span(values[i])));
    }
    writer.commit();
}

std::vector<EmbeddingSpaceInfo> OutputStore::spaces() const {
    const sql::Connections::Reader reader(m_connections);
    sql::Statement entries(*reader,
                           "SELECT s.key, l.model, l.precision, l.content, count(o.item), "
                           "total(length(o.item)+length(o.value)+8) FROM output_spaces s LEFT JOIN outputs o "
                           "ON o.space_id=s.id LEFT JOIN embedding_labels l ON l.key=s.key GROUP BY s.id "
                           "ORDER BY s.key");
    std::vector<EmbeddingSpaceInfo> all;
    while (entries.step())
        all.push_back({entries.text(0),
                       {entries.text(1), entries.text(2), entries.text(3)},
                       0,
                       entries.integer(4),
                       static_cast<uint64_t>(entries.real(5))});
    return all;
}

void OutputStore::remove(const std::string& space) {
    m_connections.freeingSpace([&] {
        sql::Connections::Writer writer(m_connections);
        sql::Statement(*writer, "DELETE FROM output_spaces WHERE key=?").run(space);
        writer.commit();
    });
}

} // namespace diptych
