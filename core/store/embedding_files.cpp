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

constexpr size_t kBytesPerRead = size_t{4} << 20; ///< while rows are checked

/// How many of @p numbers, at most @p most, follow each other from the first on.
size_t runLength(std::span<const int64_t> numbers, size_t most) {
    size_t count = 1;
    while (count < std::min(most, numbers.size()) &&
           numbers[count] == numbers[0] + static_cast<int64_t>(count))
        ++count;
    return count;
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

    /// Finds the space's entry and rows. Reading makes no entry: on a full disk too what is there can be
    /// used.
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
    bool good(const Row& row, std::span<const float> values) const;
    std::vector<int64_t> checkNewlyFound(std::span<const int64_t> numbers);
    void drop(std::span<const int64_t> numbers);
    std::vector<size_t> newOnes(std::span<const Hash128> hashes) const;
    void makeEntry();
    void commitRows(std::span<const Row> rows, int64_t first);

    sql::Connections& m_connections;
    const fs::path m_directory; ///< of all spaces
    const std::string m_key;
    const size_t m_dimension;
    const uint64_t m_shardBytes;

    mutable std::shared_mutex m_mutex;
    int64_t m_id = 0; ///< 0 = no entry
    bool m_removed = false;
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
    if (m_id != 0)
        m_shards =
            std::make_unique<EmbeddingShards>(m_directory / std::to_string(m_id), m_dimension, m_shardBytes);
}

void Space::forget() {
    const std::unique_lock lock(m_mutex);
    m_id = 0;
    m_removed = true;
    m_shards.reset();
    m_rowOf.clear();
    m_rows.clear();
}

bool Space::good(const Row& row, std::span<const float> values) const {
    return rowChecksum(row.hash, values) == row.checksum;
}

/// Of rows found for the first time, those whose bytes are not the ones once stored. @p numbers sorted.
std::vector<int64_t> Space::checkNewlyFound(std::span<const int64_t> numbers) {
    std::vector<int64_t> damaged;
    const size_t most = std::max<size_t>(1, kBytesPerRead / (m_dimension * sizeof(float)));
    std::vector<float> values;
    for (size_t at = 0; at < numbers.size();) {
        const size_t count = runLength(numbers.subspan(at), most);
        values.resize(count * m_dimension);
        m_shards->read(numbers[at], values);
        for (size_t i = 0; i < count; ++i) {
            Row& row = m_rows.at(numbers[at + i]);
            row.verified = good(row, std::span(values).subspan(i * m_dimension, m_dimension));
            if (!row.verified)
                damaged.push_back(numbers[at + i]);
        }
        at += count;
    }
    return damaged;
}

std::vector<int64_t> Space::find(std::span<const Hash128> hashes) {
    std::vector<int64_t> found(hashes.size(), -1);
    const std::unique_lock lock(m_mutex);
    if (m_rowOf.empty())
        return found;
    m_connections.checkInPlace();
    m_shards->refresh();
    std::vector<int64_t> fresh;
    for (size_t i = 0; i < hashes.size(); ++i) {
        const auto known = m_rowOf.find(hashes[i]);
        if (known == m_rowOf.end())
            continue;
        found[i] = known->second;
        const Row& row = m_rows.at(known->second);
        if (!row.verified || !m_shards->holds(known->second))
            fresh.push_back(known->second);
    }
    std::sort(fresh.begin(), fresh.end());
    fresh.erase(std::unique(fresh.begin(), fresh.end()), fresh.end());
    const auto damaged = checkNewlyFound(fresh);
    if (damaged.empty())
        return found;
    for (int64_t& number : found)
        if (std::binary_search(damaged.begin(), damaged.end(), number))
            number = -1;
    drop(damaged);
    return found;
}

Matrix Space::read(std::span<const int64_t> rows) {
    Matrix values(rows.size(), m_dimension);
    const std::unique_lock lock(m_mutex);
    const auto known = [&](int64_t number) { return m_rows.contains(number); };
    if (!std::all_of(rows.begin(), rows.end(), known))
        throw Error(ErrorCode::Corrupt,
                    fmt::format("Some of the embeddings '{}' were removed from the workspace meanwhile. Run "
                                "again to compute them anew",
                                m_key));
    for (size_t at = 0; at < rows.size();) {
        const size_t count = runLength(rows.subspan(at), rows.size());
        m_shards->read(rows[at], values.values().subspan(at * m_dimension, count * m_dimension));
        at += count;
    }
    std::vector<int64_t> damaged;
    for (size_t i = 0; i < rows.size(); ++i)
        if (!good(m_rows.at(rows[i]), values.row(i)))
            damaged.push_back(rows[i]);
    if (damaged.empty())
        return values;
    drop(damaged);
    throw Error(ErrorCode::Corrupt,
                fmt::format("{} of the embeddings '{}' are damaged in {} and were taken out. Run again to "
                            "compute them anew",
                            damaged.size(), m_key, displayPath(m_directory / std::to_string(m_id))));
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
    if (m_removed)
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
    m_connections.checkInPlace();
    if (m_id == 0)
        makeEntry();
    m_shards->write(m_nextRow, block); // on disk before the database speaks of it
    commitRows(rows, m_nextRow);
}

void Space::makeEntry() {
    sql::Connections::Writer writer(m_connections);
    sql::Statement(*writer, "INSERT INTO embedding_spaces(key, dimension, next_row) VALUES(?,?,0)")
        .run(m_key, static_cast<int64_t>(m_dimension));
    const int64_t id = (*writer).lastInsertId();
    writer.commit();
    m_id = id;
    m_shards =
        std::make_unique<EmbeddingShards>(m_directory / std::to_string(m_id), m_dimension, m_shardBytes);
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
    void describe(const std::string& key, const EmbeddingLabel& label) override;
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
    if (open != m_open.end())
        throw Error(ErrorCode::InvalidArgument, fmt::format("The embeddings '{}' have {} dimensions, not {}",
                                                            key, open->second->dimension(), dimension));
    auto fresh = std::make_shared<Space>(m_connections, m_directory, key, dimension, m_shardBytes);
    fresh->load(); // refuses another dimension
    m_open[key] = fresh;
    return fresh;
}

void Store::describe(const std::string& key, const EmbeddingLabel& label) {
    {
        const sql::Connections::Reader reader(m_connections);
        sql::Statement known(*reader, "SELECT model, precision, content FROM embedding_labels WHERE key=?");
        if (known.bind(key).step() && EmbeddingLabel{known.text(0), known.text(1), known.text(2)} == label)
            return;
    }
    if (m_connections.readOnly())
        return;
    try {
        sql::Connections::Writer writer(m_connections);
        sql::Statement(*writer, "INSERT OR REPLACE INTO embedding_labels(key, model, precision, content) "
                                "VALUES(?,?,?,?)")
            .run(key, label.model, label.precision, label.content);
        writer.commit();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::DiskFull)
            throw;
    }
}

std::vector<EmbeddingSpaceInfo> Store::spaces() {
    const sql::Connections::Reader reader(m_connections);
    sql::Statement entries(*reader, "SELECT s.id, s.key, s.dimension, (SELECT count(*) FROM embedding_rows r "
                                    "WHERE r.space_id=s.id), l.model, l.precision, l.content FROM "
                                    "embedding_spaces s LEFT JOIN embedding_labels l ON l.key=s.key ORDER BY "
                                    "s.key");
    std::vector<EmbeddingSpaceInfo> all;
    while (entries.step())
        all.push_back({entries.text(1),
                       {entries.text(4), entries.text(5), entries.text(6)},
                       static_cast<size_t>(entries.integer(2)),
                       entries.integer(3),
                       directoryBytes(m_directory / std::to_string(entries.integer(0)))});
    return all;
}

void Store::remove(const std::string& key) {
    const std::lock_guard lock(m_mutex);
    int64_t id = 0;
    m_connections.freeingSpace([&] {
        // An append holds its space while it waits for the writer: the writer must be given back first.
        sql::Connections::Writer writer(m_connections);
        sql::Statement entry(*writer, "SELECT id FROM embedding_spaces WHERE key=?");
        if (!entry.bind(key).step())
            return;
        id = entry.integer(0);
        entry.reset();
        sql::Statement(*writer, "DELETE FROM embedding_spaces WHERE id=?").run(id);
        writer.commit();
    });
    if (id == 0)
        return;
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
