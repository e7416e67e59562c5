// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/migrations.h"

#include "core/store/database.h"

#include <fmt/format.h>

#include <array>

namespace diptych::sql {
namespace {

// Paths are blobs: file names are bytes, not text. Image paths below their dataset's root are kept relative
// to it. A sample with position -1 is gone from its source and kept for its tags and results.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE datasets(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL,
    source BLOB NOT NULL,
    root BLOB NOT NULL,
    created_at TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sample_count INTEGER NOT NULL,
    labelled_count INTEGER NOT NULL,
    class_count INTEGER NOT NULL,
    caption_count INTEGER NOT NULL,
    problem_count INTEGER NOT NULL);
CREATE TABLE classes(
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY(dataset_id, position)) WITHOUT ROWID;
CREATE TABLE problems(
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    location TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY(dataset_id, position)) WITHOUT ROWID;
CREATE TABLE samples(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    path BLOB NOT NULL,
    label INTEGER NOT NULL,
    split TEXT NOT NULL,
    attributes TEXT,
    UNIQUE(dataset_id, key));
CREATE INDEX samples_by_position ON samples(dataset_id, position);
CREATE INDEX samples_by_label ON samples(dataset_id, label, position);
CREATE TABLE captions(
    sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY(sample_id, position)) WITHOUT ROWID;
CREATE TABLE tags(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE);
CREATE TABLE sample_tags(
    tag_id INTEGER NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    PRIMARY KEY(tag_id, sample_id)) WITHOUT ROWID;
CREATE INDEX sample_tags_by_sample ON sample_tags(sample_id, tag_id);
CREATE TABLE file_hashes(
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE models(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    directory BLOB NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    info TEXT NOT NULL,
    added_at TEXT NOT NULL);
CREATE TABLE runs(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL,
    title TEXT NOT NULL,
    dataset_id INTEGER REFERENCES datasets(id) ON DELETE SET NULL,
    dataset_name TEXT NOT NULL,
    dataset_fingerprint TEXT NOT NULL,
    model_name TEXT NOT NULL,
    model_fingerprint TEXT NOT NULL,
    spec TEXT NOT NULL,
    status INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    wall_seconds REAL,
    program_version TEXT NOT NULL,
    device TEXT NOT NULL,
    precision TEXT NOT NULL,
    seed INTEGER NOT NULL,
    command TEXT NOT NULL,
    example_count INTEGER NOT NULL,
    failure_count INTEGER NOT NULL,
    class_names TEXT NOT NULL,
    details TEXT NOT NULL);
CREATE INDEX runs_by_dataset ON runs(dataset_id);
CREATE TABLE metrics(
    run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value REAL,
    has_interval INTEGER NOT NULL,
    low REAL,
    high REAL,
    n INTEGER NOT NULL,
    higher_is_better INTEGER NOT NULL,
    chance REAL,
    PRIMARY KEY(run_id, position)) WITHOUT ROWID;
CREATE TABLE examples(
    run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    status INTEGER NOT NULL,
    message TEXT NOT NULL,
    target INTEGER NOT NULL,
    predicted INTEGER NOT NULL,
    confidence REAL,
    correct INTEGER,
    predictions BLOB NOT NULL,
    extras TEXT,
    PRIMARY KEY(run_id, position)) WITHOUT ROWID;
CREATE INDEX examples_by_sample ON examples(sample_id);
CREATE TABLE embedding_spaces(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL,
    next_row INTEGER NOT NULL);
CREATE TABLE embedding_rows(
    space_id INTEGER NOT NULL REFERENCES embedding_spaces(id) ON DELETE CASCADE,
    row INTEGER NOT NULL,
    hash BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY(space_id, row)) WITHOUT ROWID;
)sql";

constexpr std::array<const char*, 1> kMigrations{kVersion1};

} // namespace

std::span<const char* const> migrations() {
    return kMigrations;
}

void migrate(Database& database, std::span<const char* const> steps) {
    const auto known = static_cast<int64_t>(steps.size());
    for (;;) {
        // The version is read inside the transaction that acts on it.
        Transaction transaction(database, database.integer("PRAGMA user_version") == known
                                              ? Transaction::Kind::Read
                                              : Transaction::Kind::Write);
        const int64_t version = database.integer("PRAGMA user_version");
        const int64_t application = database.integer("PRAGMA application_id");
        const bool fresh =
            version == 0 && application == 0 && database.integer("SELECT count(*) FROM sqlite_schema") == 0;
        if (!fresh && application != kApplicationId)
            throw Error(
                ErrorCode::Corrupt,
                "The database is not a Diptych workspace: another program made it. Choose another folder");
        if (version > known)
            throw Error(
                ErrorCode::NewerVersion,
                fmt::format("The workspace was written by a newer version of Diptych (format {}; this one "
                            "reads up to {}). Nothing was changed. Update Diptych to open it",
                            version, known));
        if (version == known)
            return;
        database.execute(steps[static_cast<size_t>(version)]);
        database.execute(
            fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, version + 1)
                .c_str());
        transaction.commit();
    }
}

} // namespace diptych::sql
