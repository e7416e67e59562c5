// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/store/example_rows.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

namespace diptych {
namespace {

constexpr const char* kColumns =
    "SELECT r.id, r.task, r.title, r.dataset_id, r.dataset_name, r.dataset_fingerprint, r.model_name, "
    "r.model_fingerprint, r.spec, r.status, r.started_at, r.wall_seconds, r.program_version, r.device, "
    "r.precision, "
    "r.seed, r.command, r.example_count, r.failure_count, ";

constexpr size_t kMaxRunName = 200, kMaxRunNote = 10'000;

/// kColumns and whether the row is intact: columns 0 to 19.
std::string runColumns() {
    return kColumns + sql::rowIsIntact("r", sql::kRunRow);
}

RunStatus runStatus(int64_t number) {
    return number == 1 ? RunStatus::Cancelled : number == 2 ? RunStatus::Failed : RunStatus::Finished;
}

Error damagedRun(int64_t id, std::string_view what) {
    return Error(
        ErrorCode::Corrupt,
        fmt::format("Run {} is damaged in the workspace's database ({}). Its numbers are not to be "
                    "believed: remove it (diptych runs remove {}) and evaluate again, or restore the "
                    "workspace from a backup",
                    id, what, id));
}

/// A row that begins with kColumns.
RunRecord readRun(const sql::Statement& row) {
    RunRecord run;
    run.id = {row.integer(0)};
    if (row.integer(19) == 0)
        throw damagedRun(run.id.value, "its entry");
    run.task = row.text(1);
    run.title = row.text(2);
    run.datasetId = {row.integer(3)}; // NULL reads as 0: none
    run.datasetName = row.text(4);
    run.datasetFingerprint = row.text(5);
    run.modelName = row.text(6);
    run.modelFingerprint = row.text(7);
    run.spec = parseJson(row.text(8), fmt::format("the spec of run {}", run.id.value));
    run.status = runStatus(row.integer(9));
    run.startedAt = row.text(10);
    run.wallSeconds = row.real(11);
    run.programVersion = row.text(12);
    run.device = row.text(13);
    run.precision = row.text(14);
    run.seed = static_cast<uint64_t>(row.integer(15));
    run.command = row.text(16);
    run.exampleCount = row.integer(17);
    run.failureCount = row.integer(18);
    return run;
}

void readMetrics(sql::Database& database, RunRecord& run) {
    sql::Statement rows(
        database, "SELECT m.name, m.value, m.has_interval, m.low, m.high, m.n, m.higher_is_better, m.chance, "
                  "m.unit, " +
                      sql::rowIsIntact("m", sql::kMetricRow) +
                      " FROM metrics m WHERE m.run_id=? ORDER BY m.position");
    rows.bind(run.id.value);
    while (rows.step()) {
        if (rows.integer(9) == 0)
            throw damagedRun(run.id.value, "a metric");
        Metric metric;
        metric.name = rows.text(0);
        metric.value = rows.real(1);
        if (rows.integer(2))
            metric.interval = Interval{rows.real(3), rows.real(4)};
        metric.n = static_cast<decltype(metric.n)>(rows.integer(5));
        metric.higherIsBetter = rows.integer(6) != 0;
        if (!rows.isNull(7))
            metric.chance = rows.real(7);
        metric.unit = rows.isNull(8)                          ? guessUnit(metric.name, metric.value)
                      : rows.text(8) == unitName(Unit::Share) ? Unit::Share
                                                              : Unit::Number;
        run.metrics.push_back(std::move(metric));
    }
}

void writeMetrics(sql::Database& database, RunId id, const std::vector<Metric>& metrics) {
    sql::Statement insert(database, sql::insertWithChecksum("metrics", sql::kMetricRow));
    int64_t position = 0;
    for (const auto& metric : metrics) {
        std::optional<double> low, high;
        if (metric.interval) {
            low = metric.interval->low;
            high = metric.interval->high;
        }
        insert.run(id.value, position++, metric.name, metric.value, metric.interval.has_value(), low, high,
                   static_cast<int64_t>(metric.n), metric.higherIsBetter, metric.chance,
                   unitName(metric.unit));
    }
}

std::vector<std::string> readNames(const std::string& json) {
    return parseJson(json, "the class names of a run").get<std::vector<std::string>>();
}

void requireRun(sql::Database& database, RunId id) {
    sql::Statement statement(database, "SELECT 1 FROM runs WHERE id=?");
    if (!statement.bind(id.value).step())
        throw Error(ErrorCode::NotFound, fmt::format("There is no run number {} in the workspace", id.value));
}

bool hasRow(sql::Database& database, const char* query, int64_t id) {
    sql::Statement statement(database, query);
    return statement.bind(id).step();
}

/// Numbers of the runs, newest first. Where the table cannot be walked, all that it ever gave out.
std::vector<int64_t> runIds(sql::Database& database) {
    std::vector<int64_t> ids;
    try {
        sql::Statement statement(database, "SELECT id FROM runs ORDER BY id DESC");
        while (statement.step())
            ids.push_back(statement.integer(0));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Corrupt)
            throw;
        ids.clear();
        for (int64_t id = database.integer("SELECT seq FROM sqlite_sequence WHERE name='runs'"); id > 0; --id)
            ids.push_back(id);
    }
    return ids;
}

void readMarks(sql::Database& database, RunRecord& run) {
    sql::Statement row(database, "SELECT name, note, starred FROM run_marks WHERE run_id=?");
    if (row.bind(run.id.value).step())
        run.marks = {row.text(0), row.text(1), row.integer(2) != 0};
}

void writeMarks(sql::Database& database, RunId id, const RunMarks& marks) {
    if (marks == RunMarks())
        sql::Statement(database, "DELETE FROM run_marks WHERE run_id=?").run(id.value);
    else
        sql::Statement(database,
                       "INSERT OR REPLACE INTO run_marks(run_id, name, note, starred) VALUES(?,?,?,?)")
            .run(id.value, marks.name, marks.note, marks.starred);
}

/// Trimmed, valid UTF-8. @throws Error InvalidArgument
std::string cleanMark(const std::string& text, size_t most, std::string_view what) {
    std::string clean = toValidUtf8(text);
    constexpr std::string_view kBlanks = " \t\r\n";
    clean.erase(0, std::min(clean.find_first_not_of(kBlanks), clean.size()));
    clean.erase(clean.find_last_not_of(kBlanks) + 1);
    if (clean.size() > most)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("The {} of a run holds at most {} bytes; this one has {}", what, most, clean.size()));
    return clean;
}

/// A run as lists show it; nothing if there is none. One that is damaged is no reason not to show the others.
std::optional<RunRecord> listedRun(sql::Database& database, int64_t id) {
    RunRecord run;
    try {
        sql::Statement statement(database, runColumns() + " FROM runs r WHERE r.id=?");
        if (!statement.bind(id).step())
            return std::nullopt;
        run = readRun(statement);
        readMetrics(database, run);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Corrupt)
            throw;
        run = {};
        run.id = {id};
        run.status = RunStatus::Damaged;
        run.title = error.what();
    }
    readMarks(database, run);
    return run;
}

/// Of a damaged run nobody knows what it was: it passes wherever all tasks, datasets and models are shown.
bool passes(const RunRecord& run, const RunFilter& filter) {
    return (filter.task.empty() || run.task == filter.task) &&
           (!filter.dataset || run.datasetId == *filter.dataset) && (!filter.starred || run.marks.starred) &&
           (filter.modelFingerprint.empty() || run.modelFingerprint == filter.modelFingerprint);
}

} // namespace

std::string_view runStatusName(RunStatus status) {
    switch (status) {
    case RunStatus::Finished:
        return "finished";
    case RunStatus::Cancelled:
        return "cancelled";
    case RunStatus::Failed:
        return "failed";
    case RunStatus::Damaged:
        return "damaged";
    }
    return "finished";
}

RunId Workspace::addRun(const RunRecord& run, std::span<const ExampleResult> examples) {
    int64_t failures = 0;
    for (const auto& example : examples)
        failures += example.status == ExampleStatus::Unreadable;
    Writer writer(m_impl->connections);
    if (run.datasetId && !hasRow(*writer, "SELECT 1 FROM datasets WHERE id=?", run.datasetId.value))
        throw Error(ErrorCode::NotFound,
                    fmt::format("The dataset '{}' was removed from the workspace while the "
                                "run was under way; its result cannot be stored",
                                run.datasetName));
    if (run.id && hasRow(*writer, "SELECT 1 FROM runs WHERE id=?", run.id.value))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("There is a run number {} in the workspace already", run.id.value));
    sql::Statement(*writer, sql::insertWithChecksum("runs", sql::kRunRow))
        .run(run.task, run.title, run.datasetName, run.datasetFingerprint, run.modelName,
             run.modelFingerprint, canonicalJson(run.spec), static_cast<int>(run.status), run.startedAt,
             run.wallSeconds, run.programVersion, run.device, run.precision, static_cast<int64_t>(run.seed),
             run.command, static_cast<int64_t>(examples.size()), failures, canonicalJson(run.classNames),
             canonicalJson(run.details));
    const int64_t inserted = (*writer).lastInsertId();
    const RunId id{run.id ? run.id.value : inserted}; // a run that comes back keeps its number
    sql::Statement(*writer, "UPDATE runs SET id=?, dataset_id=nullif(?,0) WHERE id=?")
        .run(id.value, run.datasetId.value, inserted);
    writeMetrics(*writer, id, run.metrics);
    writeExamples(*writer, id, examples);
    writeMarks(*writer, id, run.marks);
    writer.commit();
    return id;
}

std::vector<RunRecord> Workspace::runs(const RunFilter& filter) const {
    const Reader reader(m_impl->connections);
    std::vector<RunRecord> all;
    for (const int64_t id : runIds(*reader)) {
        if (filter.limit >= 0 && static_cast<int64_t>(all.size()) >= filter.limit)
            break;
        auto run = listedRun(*reader, id);
        if (run && passes(*run, filter))
            all.push_back(std::move(*run));
    }
    return all;
}

RunRecord Workspace::run(RunId id) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, runColumns() + ", r.class_names, r.details FROM runs r WHERE r.id=?");
    if (!statement.bind(id.value).step())
        throw Error(ErrorCode::NotFound, fmt::format("There is no run number {} in the workspace", id.value));
    RunRecord run = readRun(statement);
    run.classNames = readNames(statement.text(20));
    run.details = parseJson(statement.text(21), fmt::format("the details of run {}", id.value));
    readMetrics(*reader, run);
    readMarks(*reader, run);
    return run;
}

RunMarks Workspace::editRunMarks(RunId id, const RunMarksEdit& edit) {
    Writer writer(m_impl->connections);
    requireRun(*writer, id);
    RunRecord run;
    run.id = id;
    readMarks(*writer, run);
    RunMarks marks = run.marks;
    if (edit.name)
        marks.name = cleanMark(*edit.name, kMaxRunName, "name");
    if (edit.note)
        marks.note = cleanMark(*edit.note, kMaxRunNote, "note");
    marks.starred = edit.starred.value_or(marks.starred);
    writeMarks(*writer, id, marks);
    writer.commit();
    return run.marks;
}

void Workspace::removeRun(RunId id) {
    m_impl->connections.freeingSpace([&] {
        Writer writer(m_impl->connections);
        requireRun(*writer, id);
        sql::Statement(*writer, "DELETE FROM runs WHERE id=?").run(id.value);
        writer.commit();
    });
}

int64_t Workspace::exampleCount(RunId id, const ExampleFilter& filter) const {
    const Reader reader(m_impl->connections);
    requireRun(*reader, id);
    sql::Statement statement(*reader, "SELECT count(*) FROM examples e" + exampleCondition(filter));
    bindExampleFilter(statement, id, filter);
    return statement.step() ? statement.integer(0) : 0;
}

std::vector<SampleId> Workspace::exampleIds(RunId id, const ExampleFilter& filter, ExampleSort sort) const {
    const Reader reader(m_impl->connections);
    requireRun(*reader, id);
    sql::Statement statement(*reader, "SELECT e.sample_id FROM examples e" + exampleCondition(filter) +
                                          exampleOrder(sort));
    bindExampleFilter(statement, id, filter);
    std::vector<SampleId> ids;
    while (statement.step())
        ids.push_back({statement.integer(0)});
    return ids;
}

std::vector<ExampleResult> Workspace::examples(RunId id, const ExampleFilter& filter, ExampleSort sort,
                                               int64_t offset, int64_t limit) const {
    const Reader reader(m_impl->connections);
    requireRun(*reader, id);
    sql::Statement statement(*reader, "SELECT " + exampleColumns() + " FROM examples e" +
                                          exampleCondition(filter) + exampleOrder(sort) +
                                          " LIMIT ?6 OFFSET ?7");
    bindExampleFilter(statement, id, filter, limit, offset);
    std::vector<ExampleResult> all;
    while (statement.step())
        all.push_back(readExample(statement, 0));
    return all;
}

std::optional<ExampleResult> Workspace::exampleFor(RunId id, SampleId sample) const {
    const Reader reader(m_impl->connections);
    requireRun(*reader, id);
    sql::Statement statement(*reader,
                             "SELECT " + exampleColumns() +
                                 " FROM examples e WHERE e.sample_id=? AND e.run_id=? ORDER BY e.position");
    if (!statement.bind(sample.value, id.value).step())
        return std::nullopt;
    return readExample(statement, 0);
}

std::vector<SampleRun> Workspace::runsContaining(SampleId sample) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, runColumns() + ", r.class_names, " + exampleColumns() +
                                          " FROM examples e JOIN runs r ON r.id=e.run_id WHERE e.sample_id=? "
                                          "ORDER BY r.id DESC, e.position");
    statement.bind(sample.value);
    std::vector<SampleRun> all;
    while (statement.step()) {
        try {
            SampleRun entry{readRun(statement), readNames(statement.text(20)), readExample(statement, 21)};
            readMetrics(*reader, entry.run);
            readMarks(*reader, entry.run);
            all.push_back(std::move(entry));
        } catch (const Error& error) { // a damaged run is shown as such in the list of runs
            if (error.code() != ErrorCode::Corrupt)
                throw;
        }
    }
    return all;
}

} // namespace diptych
