// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/embedding_files.h"

#include "core/base/file.h"
#include "core/store/embedding_shards.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// Of a row and the hash it belongs to, so that a row in another's place is noticed too.
uint64_t rowChecksum(const Hash128& hash, std::span<const float> row) {
    const Hash128 content = hashBytes(std::as_bytes(row));
    uint64_t a = 0, b = 0;
    std::memcpy(&a, content.bytes.data(), sizeof(a));
    std::memcpy(&b, hash.bytes.data(), sizeof(b));
    return a ^ b;
}

/// One space. Row numbers only grow: a number once committed never names other bytes, in this process or in
/// one that reads beside it.
class Space final : public EmbeddingSpace {
public:
    Space(sql::Connections& connections, fs::path directory, std::string key, size_t dimension,
          uint64_t shardBytes)
        : m_connections(connections),
          m_directory(std::move(directory)),
          m_key(std::move(key)),
          m_dimension(dimension),
          m_shardBytes(shardBytes) {}

    /// Finds the space's entry and rows, or makes the entry (not when reading only: then the space is empty).
    void load();

    const std::string& key() const override { return m_key; }
    size_t dimension() const override { return m_dimension; }
    int64_t size() const override {
        const std::shared_lock lock(m_mutex);
        return static_cast<int64_t>(m_rowOf.size());
    }
    std::vector<int64_t> find(std::span<const Hash128> hashes) override;
    void append(std::span<const Hash128> hashes, const Matrix& values) override;
    Matrix read(std::span<const int64_t> rows) override;

    /// After the store has taken it away.
    void forget();

private:
    struct Row {
        Hash128 hash;
        uint64_t checksum = 0;
        bool verified = false;
    };
    Error removed() const {
        return Error(ErrorCode::NotFound, "The embeddings '" + m_key + "' were removed from the workspace");
    }
    bool verify(int64_t number, Row& row);
    void drop(std::span<const int64_t> numbers);
    std::vector<size_t> newOnes(std::span<const Hash128> hashes) const;
    void commitRows(std::span<const Row> rows, int64_t first);

    sql::Connections& m_connections;
    const fs::path m_directory; ///< of all spaces
    const std::string m_key;
    const size_t m_dimension;
    const uint64_t m_shardBytes;

    mutable std::shared_mutex m_mutex;
    int64_t m_id = 0; ///< 0 = no entry
    int64_t m_nextRow = 0;
    std::unique_ptr<EmbeddingShards> m_shards; ///< null without an entry
    std::unordered_map<Hash128, int64_t> m_rowOf;
    std::unordered_map<int64_t, Row> m_rows;
};

void Space::load() {
    const std::unique_lock lock(m_mutex);
    int64_t dimension = 0;
    {
        const sql::Connections::Reader reader(m_connections);
        sql::Statement entry(*reader, "SELECT id, dimension, next_row FROM embedding_spaces WHERE key=?");
        if (entry.bind(m_key).step()) {
            m_id = entry.integer(0);
            dimension = entry.integer(1);
            m_nextRow = entry.integer(2);
        }
        sql::Statement rows(*reader, "SELECT row, hash, checksum FROM embedding_rows WHERE space_id=?");
        rows.bind(m_id);
        while (rows.step()) {
            Row row;
            const auto bytes = rows.blob(1);
            if (bytes.size() != row.hash.bytes.size())
                continue;
            std::copy(bytes.begin(), bytes.end(), row.hash.bytes.begin());
            row.checksum = static_cast<uint64_t>(rows.integer(2));
            m_rowOf[row.hash] = rows.integer(0);
            m_rows.emplace(rows.integer(0), row);
        }
    }
    if (m_id != 0 && dimension != static_cast<int64_t>(m_dimension))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The embeddings '{}' have {} dimensions in the workspace, not {}", m_key,
                                dimension, m_dimension));
    if (m_id == 0 && !m_connections.readOnly()) {
        sql::Connections::Writer writer(m_connections);
        sql::Statement(*writer, "INSERT INTO embedding_spaces(key, dimension, next_row) VALUES(?,?,0)")
            .run(m_key, static_cast<int64_t>(m_dimension));
        m_id = (*writer).lastInsertId();
        writer.commit();
    }
    if (m_id != 0)
        m_shards =
            std::make_unique<EmbeddingShards>(m_directory / std::to_string(m_id), m_dimension, m_shardBytes);
}

void Space::forget() {
    const std::unique_lock lock(m_mutex);
    m_id = 0;
    m_shards.reset();
    m_rowOf.clear();
    m_rows.clear();
}

bool Space::verify(int64_t number, Row& row) {
    if (row.verified)
        return m_shards->available(number);
    const auto values = m_shards->row(number);
    row.verified = !values.empty() && rowChecksum(row.hash, values) == row.checksum;
    return row.verified;
}

std::vector<int64_t> Space::find(std::span<const Hash128> hashes) {
    std::vector<int64_t> found(hashes.size(), -1);
    std::vector<int64_t> damaged;
    const std::unique_lock lock(m_mutex);
    if (m_shards)
        m_shards->refresh();
    for (size_t i = 0; i < hashes.size(); ++i) {
        const auto known = m_rowOf.find(hashes[i]);
        if (known == m_rowOf.end())
            continue;
        if (verify(known->second, m_rows.at(known->second)))
            found[i] = known->second;
        else
            damaged.push_back(known->second);
    }
    drop(damaged);
    return found;
}

Matrix Space::read(std::span<const int64_t> rows) {
    Matrix values(rows.size(), m_dimension);
    const std::unique_lock lock(m_mutex);
    if (m_shards)
        m_shards->refresh();
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto row = m_rows.find(rows[i]);
        const bool known = row != m_rows.end();
        if (!known || !verify(rows[i], row->second)) {
            if (known)
                drop(rows.subspan(i, 1));
            throw Error(
                ErrorCode::Corrupt,
                fmt::format("Row {} of the embeddings '{}' is damaged or was removed. It was taken out; run "
                            "again to encode it anew",
                            rows[i], m_key));
        }
        const auto source = m_shards->row(rows[i]);
        std::copy(source.begin(), source.end(), values.row(i).begin());
    }
    return values;
}

/// Takes damaged rows out, of the database too if it may be written.
void Space::drop(std::span<const int64_t> numbers) {
    if (numbers.empty())
        return;
    for (const int64_t number : numbers) {
        const auto row = m_rows.find(number);
        if (row == m_rows.end())
            continue; // the same hash was asked for twice
        m_rowOf.erase(row->second.hash);
        m_rows.erase(row);
    }
    if (m_connections.readOnly())
        return;
    try {
        sql::Connections::Writer writer(m_connections);
        sql::Statement remove(*writer, "DELETE FROM embedding_rows WHERE space_id=? AND row=?");
        for (const int64_t number : numbers)
            remove.run(m_id, number);
        writer.commit();
    } catch (const Error&) {
        // A full or busy database keeps the entries; their checksums fail again at the next opening.
    }
}

std::vector<size_t> Space::newOnes(std::span<const Hash128> hashes) const {
    std::vector<size_t> wanted;
    std::unordered_set<Hash128> seen;
    for (size_t i = 0; i < hashes.size(); ++i) {
        if (!m_rowOf.contains(hashes[i]) && seen.insert(hashes[i]).second)
            wanted.push_back(i);
    }
    return wanted;
}

void Space::append(std::span<const Hash128> hashes, const Matrix& values) {
    if (values.rows() != hashes.size() || (values.rows() > 0 && values.cols() != m_dimension))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Embeddings of shape {} x {} do not fit {} hashes of {} dimensions",
                                values.rows(), values.cols(), hashes.size(), m_dimension));
    if (m_connections.readOnly())
        throw Error(ErrorCode::InvalidArgument,
                    "The workspace is open for reading only: embeddings cannot be added to it");
    const std::unique_lock lock(m_mutex);
    if (m_id == 0)
        throw removed();
    const auto wanted = newOnes(hashes);
    if (wanted.empty())
        return;
    std::vector<Row> rows;
    Matrix block(wanted.size(), m_dimension);
    for (size_t i = 0; i < wanted.size(); ++i) {
        const auto source = values.row(wanted[i]);
        std::copy(source.begin(), source.end(), block.row(i).begin());
        rows.push_back({hashes[wanted[i]], rowChecksum(hashes[wanted[i]], source), false});
    }
    m_shards->write(m_nextRow, block); // on disk before the database speaks of it
    commitRows(rows, m_nextRow);
}

void Space::commitRows(std::span<const Row> rows, int64_t first) {
    const int64_t next = first + static_cast<int64_t>(rows.size());
    sql::Connections::Writer writer(m_connections);
    sql::Statement(*writer, "UPDATE embedding_spaces SET next_row=? WHERE id=?").run(next, m_id);
    if ((*writer).changes() == 0) // another thread has taken the space away and waits to tell this object
        throw removed();
    sql::Statement insert(*writer,
                          "INSERT INTO embedding_rows(space_id, row, hash, checksum) VALUES(?,?,?,?)");
    for (size_t i = 0; i < rows.size(); ++i)
        insert.run(m_id, first + static_cast<int64_t>(i), std::as_bytes(std::span(rows[i].hash.bytes)),
                   static_cast<int64_t>(rows[i].checksum));
    writer.commit();
    for (size_t i = 0; i < rows.size(); ++i) {
        const int64_t number = first + static_cast<int64_t>(i);
        m_rowOf[rows[i].hash] = number;
        m_rows[number] = rows[i];
    }
    m_nextRow = next;
}

/// All spaces of a workspace.
class Store final : public EmbeddingStore {
public:
    Store(sql::Connections& connections, fs::path directory, uint64_t shardBytes)
        : m_connections(connections), m_directory(std::move(directory)), m_shardBytes(shardBytes) {
        if (!connections.readOnly())
            removeOrphans();
    }

    std::shared_ptr<EmbeddingSpace> space(const std::string& key, size_t dimension) override;
    std::vector<EmbeddingSpaceInfo> spaces() override;
    void remove(const std::string& key) override;
    uint64_t totalBytes() override;

private:
    void removeOrphans();

    sql::Connections& m_connections;
    const fs::path m_directory;
    const uint64_t m_shardBytes;
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<Space>> m_open;
};

std::shared_ptr<EmbeddingSpace> Store::space(const std::string& key, size_t dimension) {
    if (key.empty() || dimension == 0)
        throw Error(ErrorCode::InvalidArgument, "Embeddings need a key and at least one dimension");
    const std::lock_guard lock(m_mutex);
    const auto open = m_open.find(key);
    if (open != m_open.end() && open->second->dimension() == dimension)
        return open->second;
    auto fresh = std::make_shared<Space>(m_connections, m_directory, key, dimension, m_shardBytes);
    fresh->load(); // refuses another dimension
    m_open[key] = fresh;
    return fresh;
}

std::vector<EmbeddingSpaceInfo> Store::spaces() {
    const sql::Connections::Reader reader(m_connections);
    sql::Statement entries(*reader, "SELECT id, key, dimension, (SELECT count(*) FROM embedding_rows r WHERE "
                                    "r.space_id=s.id) FROM embedding_spaces s ORDER BY key");
    std::vector<EmbeddingSpaceInfo> all;
    while (entries.step())
        all.push_back({entries.text(1), static_cast<size_t>(entries.integer(2)), entries.integer(3),
                       directoryBytes(m_directory / std::to_string(entries.integer(0)))});
    return all;
}

void Store::remove(const std::string& key) {
    const std::lock_guard lock(m_mutex);
    int64_t id = 0;
    { // an append holds its space while it waits for the writer: the writer must be given back first
        sql::Connections::Writer writer(m_connections);
        sql::Statement entry(*writer, "SELECT id FROM embedding_spaces WHERE key=?");
        if (!entry.bind(key).step())
            return;
        id = entry.integer(0);
        entry.reset();
        sql::Statement(*writer, "DELETE FROM embedding_spaces WHERE id=?").run(id);
        writer.commit();
    }
    if (const auto open = m_open.find(key); open != m_open.end()) {
        open->second->forget();
        m_open.erase(open);
    }
    std::error_code left; // what is left behind is swept up at the next opening
    fs::remove_all(m_directory / std::to_string(id), left);
}

uint64_t Store::totalBytes() {
    return directoryBytes(m_directory);
}

/// Folders whose space was removed while a kill kept their files from being.
void Store::removeOrphans() {
    std::unordered_set<std::string> known;
    {
        const sql::Connections::Reader reader(m_connections);
        sql::Statement ids(*reader, "SELECT id FROM embedding_spaces");
        while (ids.step())
            known.insert(std::to_string(ids.integer(0)));
    }
    std::error_code failed;
    std::vector<fs::path> orphans;
    for (fs::directory_iterator entry(m_directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().native();
        if (name.find_first_not_of("0123456789") == std::string::npos && !known.contains(name))
            orphans.push_back(entry->path());
    }
    for (const auto& orphan : orphans)
        fs::remove_all(orphan, failed);
}

} // namespace

std::unique_ptr<EmbeddingStore> openEmbeddingStore(sql::Connections& connections, fs::path directory,
                                                   uint64_t shardBytes) {
    return std::make_unique<Store>(connections, std::move(directory), shardBytes);
}

} // namespace diptych
