// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/dataset_writer.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kBatch = 1000; ///< samples between two looks at the stop token

fs::path absoluteOrEmpty(const fs::path& path) {
    return path.empty() ? fs::path() : normalPath(path);
}

std::span<const std::byte> asBlob(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::unordered_map<std::string, int64_t> idsByKey(sql::Database& database, DatasetId id) {
    std::unordered_map<std::string, int64_t> ids;
    sql::Statement statement(database, "SELECT key, id FROM samples WHERE dataset_id=?");
    statement.bind(id.value);
    while (statement.step())
        ids.emplace(statement.text(0), statement.integer(1));
    return ids;
}

void clearOldImport(sql::Database& database, DatasetId id) {
    sql::Statement(database, "DELETE FROM classes WHERE dataset_id=?").run(id.value);
    sql::Statement(database, "DELETE FROM problems WHERE dataset_id=?").run(id.value);
    sql::Statement(database,
                   "DELETE FROM captions WHERE sample_id IN (SELECT id FROM samples WHERE dataset_id=?)")
        .run(id.value);
    sql::Statement(database,
                   "DELETE FROM sample_frames WHERE sample_id IN (SELECT id FROM samples WHERE dataset_id=?)")
        .run(id.value);
    sql::Statement(database, "UPDATE samples SET position=-1 WHERE dataset_id=?").run(id.value);
}

void writeLists(sql::Database& database, DatasetId id, const DatasetIndex& index) {
    sql::Statement addClass(database, sql::insertWithChecksum("classes", sql::kClassRow));
    for (size_t i = 0; i < index.classNames.size(); ++i)
        addClass.run(id.value, static_cast<int64_t>(i), index.classNames[i]);
    sql::Statement addProblem(
        database, "INSERT INTO problems(dataset_id, position, location, reason, is_note) VALUES(?,?,?,?,?)");
    for (size_t i = 0; i < index.problems.size(); ++i)
        addProblem.run(id.value, static_cast<int64_t>(i), index.problems[i].where, index.problems[i].reason,
                       static_cast<int64_t>(index.problems[i].note));
}

/// With a zero byte between two: the one byte that no path has.
std::string storedPaths(std::span<const fs::path> paths, const fs::path& root) {
    std::string out;
    for (const fs::path& path : paths)
        out += (out.empty() ? std::string() : std::string(1, '\0')) + storedPath(path, root);
    return out;
}

} // namespace

std::string storedPath(const fs::path& path, const fs::path& root) {
    const std::string& full = path.native();
    std::string prefix = root.native();
    if (!prefix.empty() && prefix.back() != '/')
        prefix += '/';
    if (!prefix.empty() && full.size() > prefix.size() && full.starts_with(prefix) &&
        full[prefix.size()] != '/')
        return full.substr(prefix.size());
    return full;
}

PreparedDataset prepareDataset(const DatasetIndex& index, const RunContext& context) {
    PreparedDataset prepared{index, absoluteOrEmpty(index.source), absoluteOrEmpty(index.root), {}};
    std::error_code failed;
    if (prepared.root.empty() && !prepared.source.empty())
        prepared.root =
            fs::is_directory(prepared.source, failed) ? prepared.source : prepared.source.parent_path();
    std::unordered_set<std::string_view> keys;
    keys.reserve(index.samples.size());
    Hasher hasher;
    hasher.add("dataset:").add(std::to_string(index.classNames.size())).add(";");
    for (const auto& name : index.classNames)
        hasher.addField(name);
    const auto classCount = static_cast<int>(index.classNames.size());
    for (size_t i = 0; i < index.samples.size(); ++i) {
        if (i % kBatch == 0)
            context.throwIfCancelled();
        const auto& sample = index.samples[i];
        if (!keys.insert(sample.key).second)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Two samples of the dataset have the key '{}'", toValidUtf8(sample.key)));
        if (sample.label < -1 || sample.label >= classCount)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Sample '{}' has label {}; the dataset has {} classes",
                                    toValidUtf8(sample.key), sample.label, classCount));
        prepared.labelled += sample.label >= 0;
        prepared.captions += static_cast<int64_t>(sample.captions.size());
        hasher.addField(sample.key).addField(sample.split).addField(std::to_string(sample.label));
        hasher.add(std::to_string(sample.captions.size())).add(";");
        for (const auto& caption : sample.captions)
            hasher.addField(caption);
        // They hold the truth of several labels, pairs and candidates. Only where there are any, so that what
        // has none keeps the fingerprint that runs of earlier versions know.
        if (!sample.frames.empty())
            hasher.add("frames:").addField(std::to_string(sample.frames.size()));
        if (!sample.attributes.empty())
            hasher.add("attributes:")
                .addField(sample.attributes.dump(-1, ' ', true, Json::error_handler_t::replace));
    }
    prepared.fingerprint = hasher.finish().hex();
    return prepared;
}

void writeDataset(sql::Database& database, DatasetId id, const PreparedDataset& dataset,
                  const RunContext& context) {
    clearOldImport(database, id);
    writeLists(database, id, dataset.index);
    auto known = idsByKey(database, id);
    sql::Statement insert(database,
                          "INSERT INTO samples(dataset_id, key, path, label, split, attributes, position, "
                          "checksum) VALUES(?1,?2,?3,?4,?5,?6,?7, row_checksum(?1,?2,?3,?4,?5,?6))");
    sql::Statement update(database,
                          "UPDATE samples SET dataset_id=?1, key=?2, path=?3, label=?4, split=?5, "
                          "attributes=?6, position=?7, checksum=row_checksum(?1,?2,?3,?4,?5,?6) WHERE id=?8");
    sql::Statement addCaption(database, sql::insertWithChecksum("captions", sql::kCaptionRow));
    sql::Statement addFrames(database, sql::insertWithChecksum("sample_frames", sql::kFramesRow));
    const auto& samples = dataset.index.samples;
    context.begin("Storing samples", static_cast<int64_t>(samples.size()));
    for (size_t i = 0; i < samples.size(); ++i) {
        if (i % kBatch == 0)
            context.throwIfCancelled();
        const auto& sample = samples[i];
        const auto position = static_cast<int64_t>(i);
        const std::string path = storedPath(sample.image, dataset.root);
        const auto attributes =
            sample.attributes.is_null() ? std::optional<std::string>() : canonicalJson(sample.attributes);
        const auto old = known.find(sample.key);
        int64_t sampleId = 0;
        if (old != known.end()) {
            sampleId = old->second;
            update.run(id.value, sample.key, asBlob(path), sample.label, sample.split, attributes, position,
                       sampleId);
        } else {
            insert.run(id.value, sample.key, asBlob(path), sample.label, sample.split, attributes, position);
            sampleId = database.lastInsertId();
        }
        for (size_t j = 0; j < sample.captions.size(); ++j)
            addCaption.run(sampleId, static_cast<int64_t>(j), sample.captions[j]);
        if (!sample.frames.empty())
            addFrames.run(sampleId, asBlob(storedPaths(sample.frames, dataset.root)));
        context.advance();
    }
    context.end();
    sql::Statement(database, "DELETE FROM samples WHERE dataset_id=? AND position=-1 "
                             "AND NOT EXISTS(SELECT 1 FROM sample_tags t WHERE t.sample_id=samples.id) "
                             "AND NOT EXISTS(SELECT 1 FROM notes n WHERE n.sample_id=samples.id) "
                             "AND NOT EXISTS(SELECT 1 FROM label_corrections l WHERE l.sample_id=samples.id) "
                             "AND NOT EXISTS(SELECT 1 FROM positive_pairs p WHERE p.image_id=samples.id "
                             "OR p.caption_sample_id=samples.id) "
                             "AND NOT EXISTS(SELECT 1 FROM view_samples v WHERE v.sample_id=samples.id) "
                             "AND NOT EXISTS(SELECT 1 FROM examples e WHERE e.sample_id=samples.id)")
        .run(id.value);
}

} // namespace diptych
