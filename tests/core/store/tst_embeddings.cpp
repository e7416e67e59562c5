// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/embedding_files.h"
#include "store_support.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

Hash128 hashOf(int i) {
    return hashText("item " + std::to_string(i));
}

std::vector<Hash128> hashesOf(int from, int count) {
    std::vector<Hash128> hashes;
    for (int i = from; i < from + count; ++i)
        hashes.push_back(hashOf(i));
    return hashes;
}

/// Row i is [from + i, from + i + 0.25, ...].
Matrix valuesOf(int from, int count, size_t dimension) {
    Matrix values(static_cast<size_t>(count), dimension);
    for (size_t i = 0; i < values.rows(); ++i) {
        for (size_t j = 0; j < dimension; ++j)
            values(i, j) = static_cast<float>(from) + static_cast<float>(i) + 0.25f * static_cast<float>(j);
    }
    return values;
}

bool same(const Matrix& a, const Matrix& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() &&
           std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

void overwrite(const fs::path& path, std::streamoff at, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace

/// The embedding store alone on a database, with small shards where that matters.
class TestEmbeddings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void findsAndReadsWhatWasAppended();
    void survivesReopening();
    void repeatedHashesKeepTheirRow();
    void spansShards();
    void refusesWrongShapes();
    void keysKeepSpacesApart();
    void removesSpaces();
    void sweepsUpOrphans();
    void bytesWithoutAnEntryDoNotCount();
    void changedBytesAreDropped();
    void swappedRowsAreDropped();
    void shortShardIsDroppedWhileOpen();
    void missingShardsChangeNothing();
    void unopenableShardsChangeNothing();
    void droppedRowsCanBeAppendedAgain();
    void readerSeesCommittedRowsOnly();

private:
    void reopen(uint64_t shardBytes = 1 << 20, bool readOnly = false) {
        m_store.reset();
        m_connections.reset();
        m_connections = std::make_unique<sql::Connections>(m_folder->path() / "w.sqlite", readOnly, 1000);
        m_store = openEmbeddingStore(*m_connections, m_folder->path() / "embeddings", shardBytes);
    }
    fs::path shard(int space, int number) const {
        return m_folder->path() / "embeddings" / std::to_string(space) / (std::to_string(number) + ".f32");
    }

    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<sql::Connections> m_connections;
    std::unique_ptr<EmbeddingStore> m_store;
};

void TestEmbeddings::init() {
    m_folder = std::make_unique<TemporaryDirectory>();
    fs::create_directory(m_folder->path() / "embeddings");
    reopen();
}

void TestEmbeddings::cleanup() {
    m_store.reset();
    m_connections.reset();
    m_folder.reset();
}

void TestEmbeddings::findsAndReadsWhatWasAppended() {
    const auto space = m_store->space("clip/fp32", 8);
    QCOMPARE(space->dimension(), size_t(8));
    QCOMPARE(space->key(), std::string("clip/fp32"));
    space->append(hashesOf(0, 10), valuesOf(0, 10, 8));
    space->append(hashesOf(10, 5), valuesOf(10, 5, 8));
    space->append({}, Matrix());
    QCOMPARE(space->size(), int64_t(15));
    const auto rows = space->find(hashesOf(3, 14));
    QCOMPARE(rows.size(), size_t(14));
    QVERIFY(rows[11] >= 0 && rows[12] == -1 && rows[13] == -1);
    QVERIFY(same(space->read(std::span(rows).first(12)), valuesOf(3, 12, 8)));
    const std::vector<int64_t> mixed{rows[5], rows[0], rows[5]};
    const auto values = space->read(mixed);
    QCOMPARE(values(0, 0), 8.f);
    QCOMPARE(values(1, 1), 3.25f);
    QCOMPARE(values(2, 0), 8.f);
    QVERIFY(space->read({}).rows() == 0);
    for (const int64_t bad : {int64_t(-1), int64_t(15), INT64_MAX})
        QCOMPARE(errorOf([&] { space->read(std::span(&bad, 1)); }), ErrorCode::Corrupt);
}

void TestEmbeddings::survivesReopening() {
    m_store->space("k", 4)->append(hashesOf(0, 100), valuesOf(0, 100, 4));
    reopen();
    auto space = m_store->space("k", 4);
    QVERIFY(same(space->read(space->find(hashesOf(0, 100))), valuesOf(0, 100, 4)));
    space->append(hashesOf(100, 1), valuesOf(100, 1, 4));
    reopen(1 << 20, true);
    space = m_store->space("k", 4);
    QVERIFY(same(space->read(space->find(hashesOf(0, 101))), valuesOf(0, 101, 4)));
}

void TestEmbeddings::repeatedHashesKeepTheirRow() {
    const auto space = m_store->space("k", 2);
    space->append(std::vector{hashOf(1), hashOf(2), hashOf(1)}, valuesOf(5, 3, 2));
    QCOMPARE(space->size(), int64_t(2));
    space->append(std::vector{hashOf(2), hashOf(3)}, valuesOf(50, 2, 2));
    const auto values = space->read(space->find(hashesOf(1, 3)));
    QCOMPARE(values(0, 0), 5.f);
    QCOMPARE(values(1, 0), 6.f);
    QCOMPARE(values(2, 0), 51.f);
}

void TestEmbeddings::spansShards() {
    reopen(100); // of 3-float rows: 8 a shard
    auto space = m_store->space("k", 3);
    space->append(hashesOf(0, 5), valuesOf(0, 5, 3));
    space->append(hashesOf(5, 30), valuesOf(5, 30, 3));
    QVERIFY(fs::exists(shard(1, 4)) && !fs::exists(shard(1, 5)));
    QCOMPARE(fs::file_size(shard(1, 0)), uintmax_t(96));
    QVERIFY(same(space->read(space->find(hashesOf(0, 35))), valuesOf(0, 35, 3)));
    reopen(100);
    space = m_store->space("k", 3);
    QVERIFY(same(space->read(space->find(hashesOf(0, 35))), valuesOf(0, 35, 3)));
    QCOMPARE(m_store->totalBytes(), uint64_t(35 * 12));
    reopen(4); // a row is never cut in two
    space = m_store->space("wide", 3);
    space->append(hashesOf(0, 3), valuesOf(0, 3, 3));
    QVERIFY(same(space->read(space->find(hashesOf(0, 3))), valuesOf(0, 3, 3)));
}

void TestEmbeddings::refusesWrongShapes() {
    const auto space = m_store->space("k", 4);
    QCOMPARE(errorOf([&] { space->append(hashesOf(0, 2), Matrix(2, 5)); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { space->append(hashesOf(0, 2), Matrix(3, 4)); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { m_store->space("k", 5); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { m_store->space("", 5); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { m_store->space("x", 0); }), ErrorCode::InvalidArgument);
    QCOMPARE(space->size(), int64_t(0));
    QVERIFY(m_store->space("k", 4) == space);
}

void TestEmbeddings::keysKeepSpacesApart() {
    const auto a = m_store->space("a", 2), b = m_store->space("b", 3);
    a->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    QCOMPARE(b->find(hashesOf(0, 1)), std::vector<int64_t>{-1});
    b->append(hashesOf(0, 2), valuesOf(7, 2, 3));
    QVERIFY(same(a->read(a->find(hashesOf(0, 3))), valuesOf(0, 3, 2)));
    QVERIFY(same(b->read(b->find(hashesOf(0, 2))), valuesOf(7, 2, 3)));
    const auto all = m_store->spaces();
    QCOMPARE(all.size(), size_t(2));
    QCOMPARE(all[1].key, std::string("b"));
    QCOMPARE(all[1].dimension, size_t(3));
    QCOMPARE(all[1].rows, int64_t(2));
    QCOMPARE(all[1].bytes, uint64_t(24));
    QCOMPARE(m_store->totalBytes(), uint64_t(48));
}

void TestEmbeddings::removesSpaces() {
    const auto gone = m_store->space("k", 2);
    gone->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    const auto rows = gone->find(hashesOf(0, 3));
    m_store->remove("k");
    m_store->remove("never there");
    QVERIFY(m_store->spaces().empty());
    QVERIFY(!fs::exists(shard(1, 0)));
    QCOMPARE(gone->find(hashesOf(0, 1)), std::vector<int64_t>{-1});
    QCOMPARE(errorOf([&] { gone->read(rows); }), ErrorCode::Corrupt);
    QCOMPARE(errorOf([&] { gone->append(hashesOf(0, 1), Matrix(1, 2)); }), ErrorCode::NotFound);
    const auto fresh = m_store->space("k", 3);
    fresh->append(hashesOf(0, 1), valuesOf(0, 1, 3));
    QCOMPARE(fresh->size(), int64_t(1));
}

void TestEmbeddings::sweepsUpOrphans() {
    m_store->space("k", 2)->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    fs::create_directory(m_folder->path() / "embeddings" / "77");
    fs::create_directory(m_folder->path() / "embeddings" / "notes");
    reopen(1 << 20, true);
    QVERIFY(fs::exists(m_folder->path() / "embeddings" / "77"));
    reopen();
    QVERIFY(!fs::exists(m_folder->path() / "embeddings" / "77"));
    QVERIFY(fs::exists(m_folder->path() / "embeddings" / "notes"));
    QVERIFY(fs::exists(shard(1, 0)));
}

void TestEmbeddings::bytesWithoutAnEntryDoNotCount() {
    m_store->space("k", 2)->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    m_store.reset();
    std::ofstream(shard(1, 0), std::ios::binary | std::ios::app)
        << std::string(13, 'x'); // killed while writing
    reopen();
    const auto space = m_store->space("k", 2);
    QCOMPARE(space->size(), int64_t(3));
    space->append(hashesOf(3, 4), valuesOf(3, 4, 2));
    QVERIFY(same(space->read(space->find(hashesOf(0, 7))), valuesOf(0, 7, 2)));
}

void TestEmbeddings::changedBytesAreDropped() {
    m_store->space("k", 2)->append(hashesOf(0, 5), valuesOf(0, 5, 2));
    overwrite(shard(1, 0), 2 * 8 + 3, "\x01");
    for (const bool readOnly : {true, false}) {
        reopen(1 << 20, readOnly);
        const auto space = m_store->space("k", 2);
        const auto rows = space->find(std::vector{hashOf(1), hashOf(2), hashOf(2), hashOf(3)});
        QVERIFY(rows[0] >= 0 && rows[1] == -1 && rows[2] == -1 && rows[3] >= 0);
        QCOMPARE(space->size(), int64_t(4));
    }
    reopen();
    QCOMPARE(m_store->space("k", 2)->size(), int64_t(4)); // dropped for good
    overwrite(shard(1, 0), 3 * 8, "\x07");
    reopen();
    const auto space = m_store->space("k", 2);
    const int64_t row = 3;
    QCOMPARE(errorOf([&] { space->read(std::span(&row, 1)); }), ErrorCode::Corrupt);
    QCOMPARE(space->find(hashesOf(3, 1)), std::vector<int64_t>{-1});
}

void TestEmbeddings::swappedRowsAreDropped() {
    m_store->space("k", 1)->append(hashesOf(0, 2), valuesOf(0, 2, 1));
    const std::string both("\x00\x00\x80\x3f\x00\x00\x00\x00", 8); // 1, 0 instead of 0, 1
    overwrite(shard(1, 0), 0, both);
    reopen();
    QCOMPARE(m_store->space("k", 1)->find(hashesOf(0, 2)), (std::vector<int64_t>{-1, -1}));
}

void TestEmbeddings::shortShardIsDroppedWhileOpen() {
    const auto space = m_store->space("k", 512);
    space->append(hashesOf(0, 20), valuesOf(0, 20, 512));
    const auto rows = space->find(hashesOf(0, 20));
    space->read(rows);
    fs::resize_file(shard(1, 0), 5 * 2048 + 100);
    const auto left = space->find(hashesOf(0, 20));
    QCOMPARE(std::count(left.begin(), left.end(), -1), std::ptrdiff_t(15));
    QVERIFY(same(space->read(std::span(left).first(5)), valuesOf(0, 5, 512)));
    QCOMPARE(errorOf([&] { space->read(rows); }), ErrorCode::Corrupt);
    space->append(hashesOf(5, 15), valuesOf(5, 15, 512));
    QVERIFY(same(space->read(space->find(hashesOf(0, 20))), valuesOf(0, 20, 512)));
    reopen();
    const auto again = m_store->space("k", 512);
    QVERIFY(same(again->read(again->find(hashesOf(0, 20))), valuesOf(0, 20, 512)));
}

/// As if the disk with the embeddings were not mounted.
void TestEmbeddings::missingShardsChangeNothing() {
    m_store->space("k", 2)->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    const fs::path folder = m_folder->path() / "embeddings", away = m_folder->path() / "away";
    fs::rename(folder, away);
    fs::create_directory(folder);
    reopen();
    auto space = m_store->space("k", 2);
    std::string message;
    QCOMPARE(errorOf([&] { space->find(hashesOf(0, 3)); }, &message), ErrorCode::Unreadable);
    QVERIFY2(message.find("mount it") != std::string::npos, message.c_str());
    QCOMPARE(errorOf([&] { space->append(hashesOf(3, 1), valuesOf(3, 1, 2)); }), ErrorCode::Unreadable);
    QVERIFY(fs::is_empty(folder));
    fs::remove(folder);
    fs::rename(away, folder);
    reopen();
    space = m_store->space("k", 2);
    QVERIFY(same(space->read(space->find(hashesOf(0, 3))), valuesOf(0, 3, 2)));
    space->append(hashesOf(3, 1), valuesOf(3, 1, 2));
    QCOMPARE(space->size(), int64_t(4));
}

void TestEmbeddings::unopenableShardsChangeNothing() {
    m_store->space("k", 2)->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    const auto failsFor = [&](const std::function<void()>& spoil, const std::function<void()>& restore) {
        reopen();
        const auto space = m_store->space("k", 2);
        spoil();
        const auto code = errorOf([&] { space->find(hashesOf(0, 3)); });
        restore();
        return code == ErrorCode::Unreadable && space->size() == 3 &&
               same(space->read(space->find(hashesOf(0, 3))), valuesOf(0, 3, 2));
    };
    const fs::path file = shard(1, 0), aside = m_folder->path() / "aside";
    const auto putBack = [&] {
        fs::remove(file);
        fs::rename(aside, file);
    };
    QVERIFY(failsFor(
        [&] {
            fs::rename(file, aside);
            QCOMPARE(::mkfifo(file.c_str(), 0600), 0); // opened plainly it would wait for ever
        },
        putBack));
    QVERIFY(failsFor(
        [&] {
            fs::rename(file, aside);
            fs::create_directory(file);
        },
        putBack));
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    QVERIFY(failsFor(
        [&] {
            const rlimit none{0, limit.rlim_max};
            QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
        },
        [&] { QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0); }));
}

void TestEmbeddings::droppedRowsCanBeAppendedAgain() {
    m_store->space("k", 2)->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    overwrite(shard(1, 0), 0, "\x55");
    reopen();
    auto space = m_store->space("k", 2);
    QCOMPARE(space->find(hashesOf(0, 1)), std::vector<int64_t>{-1});
    space->append(hashesOf(0, 1), valuesOf(0, 1, 2));
    QCOMPARE(space->find(hashesOf(0, 1)), std::vector<int64_t>{3}); // row numbers are not used twice
    reopen();
    space = m_store->space("k", 2);
    QVERIFY(same(space->read(space->find(hashesOf(0, 3))), valuesOf(0, 3, 2)));
}

void TestEmbeddings::readerSeesCommittedRowsOnly() {
    const auto space = m_store->space("k", 2);
    space->append(hashesOf(0, 3), valuesOf(0, 3, 2));
    sql::Connections connections(m_folder->path() / "w.sqlite", true, 1000);
    const auto reader = openEmbeddingStore(connections, m_folder->path() / "embeddings");
    const auto seen = reader->space("k", 2);
    space->append(hashesOf(3, 3), valuesOf(3, 3, 2));
    QCOMPARE(seen->size(), int64_t(3));
    QVERIFY(same(seen->read(seen->find(hashesOf(0, 3))), valuesOf(0, 3, 2)));
    m_store->remove("k");
    QVERIFY(reader->spaces().empty());
}

QTEST_GUILESS_MAIN(TestEmbeddings)
#include "tst_embeddings.moc"
