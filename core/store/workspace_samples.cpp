// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr size_t kIdsPerQuery = 1000;

/// "1,2,3": numbers need no binding, and a list has no length limit of its own.
std::string idList(std::span<const SampleId> ids) {
    std::string list;
    for (const SampleId id : ids) {
        if (!list.empty())
            list += ',';
        list += std::to_string(id.value);
    }
    return list;
}

using SamplesById = std::unordered_map<int64_t, Sample>;

/// Of a row as readRows() asks for it. @throws Error Corrupt
void requireIntactSample(const sql::Statement& row) {
    const std::string dataset = row.text(8);
    if (row.integer(10) == 0)
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("The entry of sample {} ('{}') of dataset '{}' is damaged in the workspace's "
                        "database. Import the dataset again under its name (its tags and runs stay), or "
                        "restore the workspace from a backup",
                        row.integer(0), toValidUtf8(row.text(2)), dataset));
    if (row.integer(9) == 0)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("Sample '{}' of dataset '{}' has the label {}, which is none of its classes. "
                                "Import the dataset again under its name",
                                toValidUtf8(row.text(2)), dataset, row.integer(4)));
}

/// @param root of the sample's dataset
std::vector<fs::path> framePaths(std::string_view stored, const fs::path& root) {
    std::vector<fs::path> paths;
    for (size_t from = 0; from <= stored.size();) {
        const size_t end = std::min(stored.find('\0', from), stored.size());
        const fs::path path(stored.substr(from, end - from));
        paths.push_back(path.is_absolute() ? path : root / path);
        from = end + 1;
    }
    return paths;
}

void readFrames(sql::Database& database, const std::string& list, SamplesById& out) {
    sql::Statement rows(database, "SELECT f.sample_id, f.paths, d.root, " +
                                      sql::rowIsIntact("f", sql::kFramesRow) +
                                      " FROM sample_frames f JOIN samples s ON s.id=f.sample_id "
                                      "JOIN datasets d ON d.id=s.dataset_id WHERE f.sample_id IN (" +
                                      list + ")");
    while (rows.step()) {
        Sample& sample = out[rows.integer(0)];
        if (rows.integer(3) == 0)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("The list of frames of sample '{}' is damaged in the workspace's "
                                    "database. Import its dataset again under its name (its tags and runs "
                                    "stay)",
                                    sample.key));
        sample.frames = framePaths(rows.blob(1), fs::path(rows.blob(2)));
    }
}

void readRows(sql::Database& database, const std::string& list, SampleDetail detail, SamplesById& out) {
    sql::Statement rows(
        database, "SELECT s.id, s.dataset_id, s.key, s.path, s.label, s.split, d.root, s.attributes, "
                  "d.name, s.label BETWEEN -1 AND d.class_count-1 OR s.position<0, " +
                      sql::rowIsIntact("s", sql::kSampleRow) +
                      ", d.class_count FROM samples s JOIN datasets d ON d.id=s.dataset_id WHERE s.id IN (" +
                      list + ")");
    while (rows.step()) {
        requireIntactSample(rows);
        Sample sample;
        sample.id = {rows.integer(0)};
        sample.dataset = {rows.integer(1)};
        sample.key = rows.text(2);
        const fs::path path(rows.blob(3));
        sample.path = path.is_absolute() ? path : fs::path(rows.blob(6)) / path;
        // One that is gone from its source may have had a class that is gone too.
        const bool hasClass = rows.integer(4) < rows.integer(11);
        sample.label = hasClass ? static_cast<int>(rows.integer(4)) : -1;
        sample.split = rows.text(5);
        if (detail == SampleDetail::Full && !rows.isNull(7))
            sample.attributes = parseJson(rows.text(7), "the attributes of sample " + sample.key);
        out.emplace(sample.id.value, std::move(sample));
    }
}

void readCaptionsTagsNotes(sql::Database& database, const std::string& list, SamplesById& out) {
    sql::Statement captions(database, "SELECT c.sample_id, c.text, " +
                                          sql::rowIsIntact("c", sql::kCaptionRow) +
                                          " FROM captions c WHERE c.sample_id IN (" + list +
                                          ") ORDER BY c.sample_id, c.position");
    while (captions.step()) {
        if (captions.integer(2) == 0)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("A caption of sample '{}' is damaged in the workspace's database. Import "
                                    "its dataset again under its name (its tags and runs stay)",
                                    out[captions.integer(0)].key));
        out[captions.integer(0)].captions.push_back(captions.text(1));
    }
    sql::Statement tags(database,
                        "SELECT st.sample_id, t.name FROM sample_tags st JOIN tags t ON t.id=st.tag_id "
                        "WHERE st.sample_id IN (" +
                            list + ") ORDER BY t.name");
    while (tags.step())
        out[tags.integer(0)].tags.push_back(tags.text(1));
    sql::Statement notes(database, "SELECT sample_id, text FROM notes WHERE sample_id IN (" + list + ")");
    while (notes.step())
        out[notes.integer(0)].note = notes.text(1);
}

/// @param table file_hashes or weight_hashes
std::optional<Hash128> cachedHash(sql::Database& database, const fs::path& path,
                                  std::string_view table = "file_hashes") {
    const auto stamp = fileStamp(path);
    if (!stamp)
        return std::nullopt;
    sql::Statement statement(
        database,
        fmt::format("SELECT hash FROM {} WHERE path=? AND size=? AND mtime_ns=? AND inode=? AND ctime_ns=?",
                    table));
    if (!statement.bind(path, stamp->size, stamp->mtimeNs, stamp->inode, stamp->ctimeNs).step())
        return std::nullopt;
    const auto bytes = statement.blob(0);
    Hash128 hash;
    if (bytes.size() != hash.bytes.size())
        return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
    return hash;
}

void storeHashes(sql::Database& database, std::span<const FileHash> hashes, std::string_view table) {
    sql::Statement insert(
        database,
        fmt::format(
            "INSERT OR REPLACE INTO {}(path, size, mtime_ns, inode, ctime_ns, hash) VALUES(?,?,?,?,?,?)",
            table));
    for (const auto& entry : hashes)
        insert.run(entry.path, entry.stamp.size, entry.stamp.mtimeNs, entry.stamp.inode, entry.stamp.ctimeNs,
                   std::as_bytes(std::span(entry.hash.bytes)));
}

} // namespace

Sample Workspace::sample(SampleId id) const {
    auto found = samples(std::span(&id, 1));
    if (found.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no sample number {} in the workspace", id.value));
    return std::move(found.front());
}

std::vector<Sample> Workspace::samples(std::span<const SampleId> ids, SampleDetail detail) const {
    const Reader reader(m_impl->connections);
    std::vector<Sample> all;
    all.reserve(ids.size());
    for (size_t at = 0; at < ids.size(); at += kIdsPerQuery) {
        const auto part = ids.subspan(at, std::min(kIdsPerQuery, ids.size() - at));
        const std::string list = idList(part);
        SamplesById found;
        readRows(*reader, list, detail, found);
        readFrames(*reader, list, found);
        if (detail == SampleDetail::Full)
            readCaptionsTagsNotes(*reader, list, found);
        for (const SampleId id : part) {
            const auto sample = found.find(id.value);
            if (sample != found.end())
                all.push_back(sample->second); // copied: an id may be asked for twice
        }
    }
    return all;
}

std::vector<std::optional<Hash128>> Workspace::cachedContentHashes(std::span<const fs::path> paths) const {
    const Reader reader(m_impl->connections);
    std::vector<std::optional<Hash128>> hashes;
    hashes.reserve(paths.size());
    for (const auto& path : paths)
        hashes.push_back(cachedHash(*reader, path));
    return hashes;
}

std::optional<Hash128> Workspace::cachedContentHash(const fs::path& path) const {
    const Reader reader(m_impl->connections);
    return cachedHash(*reader, path);
}

void Workspace::storeContentHashes(std::span<const FileHash> hashes) {
    Writer writer(m_impl->connections);
    storeHashes(*writer, hashes, "file_hashes");
    writer.commit();
}

std::optional<Hash128> Workspace::cachedWeightHash(const fs::path& file) const {
    const Reader reader(m_impl->connections);
    return cachedHash(*reader, file, "weight_hashes");
}

void Workspace::storeWeightHash(const FileHash& hash) {
    if (readOnly())
        return;
    try {
        Writer writer(m_impl->connections);
        storeHashes(*writer, std::span(&hash, 1), "weight_hashes");
        writer.commit();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::DiskFull)
            throw;
    }
}

void Workspace::forgetContentHashes(DatasetId id) {
    const auto all = samples(sampleIds(id), SampleDetail::Basic);
    Writer writer(m_impl->connections);
    sql::Statement forget(*writer, "DELETE FROM file_hashes WHERE path=?");
    for (const Sample& sample : all) {
        forget.run(sample.path);
        for (const fs::path& frame : sample.frames)
            forget.run(frame);
    }
    writer.commit();
}

} // namespace diptych
