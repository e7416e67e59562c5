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

// A file's time of change in its inode, which no program can set back: a file rewritten with its old size and
// times has another. -1 matches no file, so every file is read once more. Weight files are not hashed anew by
// every process. Keys of embeddings are hashes; their labels say to people whose they are. And a checksum for
// every row that a number or its meaning comes from: row_checksum() is the program's own (row_checksum.h).
constexpr const char* kVersion2 = R"sql(
ALTER TABLE file_hashes ADD COLUMN ctime_ns INTEGER NOT NULL DEFAULT -1;
ALTER TABLE classes ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE samples ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE captions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE metrics ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE examples ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
CREATE TABLE weight_hashes(
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE embedding_labels(
    key TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    precision TEXT NOT NULL,
    content TEXT NOT NULL) WITHOUT ROWID;
UPDATE classes SET checksum=row_checksum(dataset_id, position, name);
UPDATE samples SET checksum=row_checksum(dataset_id, key, path, label, split, attributes);
UPDATE captions SET checksum=row_checksum(sample_id, position, text);
UPDATE runs SET checksum=row_checksum(task, title, dataset_name, dataset_fingerprint, model_name,
    model_fingerprint, spec, status, started_at, wall_seconds, program_version, device, precision, seed,
    command, example_count, failure_count, class_names, details);
UPDATE metrics SET checksum=row_checksum(run_id, position, name, value, has_interval, low, high, n,
    higher_is_better, chance);
UPDATE examples SET checksum=row_checksum(run_id, position, sample_id, status, message, target, predicted,
    confidence, correct, predictions, extras);
)sql";

// What metrics are measured in, by name; NULL in runs from before.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE metrics ADD COLUMN unit TEXT;
UPDATE metrics SET checksum=row_checksum(run_id, position, name, value, has_interval, low, high, n,
    higher_is_better, chance, unit);
)sql";

constexpr const char* kVersion4 = R"sql(
CREATE TABLE notes(
    sample_id INTEGER PRIMARY KEY REFERENCES samples(id) ON DELETE CASCADE,
    text TEXT NOT NULL);
)sql";

// What was chosen when a dataset was imported, a JSON object; and which of its problems are notes.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE datasets ADD COLUMN import_options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE datasets ADD COLUMN note_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE problems ADD COLUMN is_note INTEGER NOT NULL DEFAULT 0;
)sql";

// Examples have a score, which runs are compared on, and a cluster, which is drawn together. Earlier runs get
// both from what they kept, but for those that kept no such score: of several labels, and of several draws of
// few images. A row that was damaged stays so: its checksum fits neither before nor after.
constexpr const char* kVersion6 = R"sql(
ALTER TABLE examples RENAME COLUMN extras TO parts;
ALTER TABLE examples ADD COLUMN score REAL;
ALTER TABLE examples ADD COLUMN cluster INTEGER NOT NULL DEFAULT 0;
UPDATE examples SET checksum=(checksum=row_checksum(run_id, position, sample_id, status, message, target,
    predicted, confidence, correct, predictions, parts));
UPDATE examples SET score=CASE
        (SELECT CASE WHEN task='linear-probe' AND json_extract(spec,'$.params.shots')<>'' THEN 'few-shot'
                     ELSE task END
         FROM runs WHERE id=run_id)
    WHEN 'clipscore' THEN json_extract(parts,'$.clipscore')
    WHEN 'retrieval' THEN (SELECT avg(value<=5) FROM json_each(parts,'$.caption_ranks'))
    WHEN 'zero-shot-multilabel' THEN NULL
    WHEN 'few-shot' THEN NULL
    ELSE correct END,
    cluster=CASE json_type(parts,'$.pair.images[0]')
    WHEN 'integer' THEN json_extract(parts,'$.pair.images[0]') ELSE sample_id END
    WHERE checksum=1;
UPDATE examples SET checksum=row_checksum(run_id, position, sample_id, status, message, target, predicted,
    confidence, correct, predictions, parts, score, cluster) WHERE checksum=1;
)sql";

// Choices of a dataset's samples under a name: a filter as JSON, or (NULL) the samples themselves.
constexpr const char* kVersion7 = R"sql(
CREATE TABLE views(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    filter TEXT,
    created_at TEXT NOT NULL,
    UNIQUE(dataset_id, name));
CREATE TABLE view_samples(
    view_id INTEGER NOT NULL REFERENCES views(id) ON DELETE CASCADE,
    sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    PRIMARY KEY(view_id, sample_id)) WITHOUT ROWID;
CREATE INDEX view_samples_by_sample ON view_samples(sample_id);
)sql";

// What models made besides rows of one width: a value for each item of a space. Labels of spaces are those of
// embeddings.
constexpr const char* kVersion8 = R"sql(
CREATE TABLE output_spaces(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE);
CREATE TABLE outputs(
    space_id INTEGER NOT NULL REFERENCES output_spaces(id) ON DELETE CASCADE,
    item BLOB NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY(space_id, item)) WITHOUT ROWID;
)sql";

// Labels that a person has corrected, by class name, oldest first; samples.label stays as imported.
constexpr const char* kVersion9 = R"sql(
CREATE TABLE label_corrections(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    from_class TEXT NOT NULL,
    to_class TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    note TEXT NOT NULL,
    checksum INTEGER NOT NULL);
CREATE INDEX label_corrections_by_sample ON label_corrections(sample_id, id);
)sql";

// The frames of clips that are files of their own: stored paths in order, with zero bytes between them.
constexpr const char* kVersion10 = R"sql(
CREATE TABLE sample_frames(
    sample_id INTEGER PRIMARY KEY REFERENCES samples(id) ON DELETE CASCADE,
    paths BLOB NOT NULL,
    checksum INTEGER NOT NULL);
)sql";

// Captions that a person found to be right for another image than their own, by their words.
constexpr const char* kVersion11 = R"sql(
CREATE TABLE positive_pairs(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    caption_sample_id INTEGER NOT NULL REFERENCES samples(id) ON DELETE CASCADE,
    caption TEXT NOT NULL,
    marked_at TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE(image_id, caption_sample_id, caption));
CREATE INDEX positive_pairs_by_caption ON positive_pairs(caption_sample_id);
)sql";

// What a person added to a run, beside what it found: the run itself stays as it was stored.
constexpr const char* kVersion12 = R"sql(
CREATE TABLE run_marks(
    run_id INTEGER PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    starred INTEGER NOT NULL);
)sql";

// Prompts under a name, a JSON object (core/text/prompts.h).
constexpr const char* kVersion13 = R"sql(
CREATE TABLE prompt_variants(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    checksum INTEGER NOT NULL);
)sql";

constexpr std::array<const char*, 13> kMigrations{kVersion1,  kVersion2,  kVersion3, kVersion4, kVersion5,
                                                  kVersion6,  kVersion7,  kVersion8, kVersion9, kVersion10,
                                                  kVersion11, kVersion12, kVersion13};

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
