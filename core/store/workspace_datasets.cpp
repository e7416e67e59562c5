// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/store/dataset_writer.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr const char* kColumns = "SELECT id, name, format, source, root, created_at, fingerprint, "
                                 "sample_count, class_count, caption_count, "
                                 "problem_count, labelled_count, note_count, import_options FROM datasets ";

/// {"format": "csv", "columns": {"label": "species"}, "folders": "class", "image_root": true}: what was left
/// to be found is not in it. Where the root is, the dataset's own column says.
std::string optionsText(const ImportOptions& options) {
    Json json = Json::object();
    if (!options.format.empty())
        json["format"] = options.format;
    if (!options.columns.empty())
        json["columns"] = options.columns;
    if (!options.folders.empty())
        json["folders"] = options.folders;
    if (!options.imageRoot.empty())
        json["image_root"] = true;
    return canonicalJson(json);
}

/// What cannot be read counts as not chosen: importing finds it out again.
ImportOptions readOptions(const std::string& text, const fs::path& root) {
    ImportOptions options;
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object())
        return options;
    const auto textOf = [](const Json& value) {
        return value.is_string() ? value.get<std::string>() : std::string();
    };
    options.format = textOf(json.value("format", Json()));
    options.folders = textOf(json.value("folders", Json()));
    if (const auto columns = json.find("columns"); columns != json.end() && columns->is_object())
        for (const auto& [role, column] : columns->items())
            options.columns[role] = textOf(column);
    if (json.value("image_root", Json()) == Json(true))
        options.imageRoot = root;
    return options;
}

DatasetInfo readInfo(const sql::Statement& row) {
    DatasetInfo info;
    info.id = {row.integer(0)};
    info.name = row.text(1);
    info.format = row.text(2);
    info.source = fs::path(row.blob(3));
    info.root = fs::path(row.blob(4));
    info.createdAt = row.text(5);
    info.fingerprint = row.text(6);
    info.sampleCount = row.integer(7);
    info.classCount = row.integer(8);
    info.captionCount = row.integer(9);
    info.problemCount = row.integer(10);
    info.labelledCount = row.integer(11);
    info.noteCount = row.integer(12);
    info.options = readOptions(row.text(13), info.root);
    return info;
}

DatasetInfo requireDataset(sql::Database& database, DatasetId id) {
    sql::Statement statement(database, std::string(kColumns) + "WHERE id=?");
    if (!statement.bind(id.value).step())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no dataset number {} in the workspace", id.value));
    return readInfo(statement);
}

void requireFreeName(sql::Database& database, const std::string& name, DatasetId except) {
    sql::Statement statement(database, "SELECT 1 FROM datasets WHERE name=? AND id<>?");
    if (statement.bind(name, except.value).step())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The workspace has a dataset named '{}' already. Choose another name", name));
}

void updateCounts(sql::Database& database, DatasetId id, const PreparedDataset& dataset) {
    const auto count = [](const auto& list) { return static_cast<int64_t>(list.size()); };
    const auto& problems = dataset.index.problems;
    const int64_t notes = std::count_if(problems.begin(), problems.end(),
                                        [](const ImportProblem& problem) { return problem.note; });
    sql::Statement(
        database,
        "UPDATE datasets SET format=?, source=?, root=?, fingerprint=?, sample_count=?, labelled_count=?, "
        "class_count=?, caption_count=?, problem_count=?, note_count=?, import_options=? WHERE id=?")
        .run(dataset.index.format, dataset.source, dataset.root, dataset.fingerprint,
             count(dataset.index.samples), dataset.labelled, count(dataset.index.classNames),
             dataset.captions, count(problems) - notes, notes, optionsText(dataset.index.options), id.value);
}

/// Up to @p wanted paths spread over the whole dataset.
std::vector<fs::path> someRelativePaths(sql::Database& database, DatasetId id, int64_t wanted) {
    sql::Statement all(database, "SELECT path FROM samples WHERE dataset_id=? AND position>=0 AND "
                                 "position % max(1, (SELECT sample_count FROM datasets WHERE id=?) / ?) = 0");
    all.bind(id.value, id.value, wanted);
    std::vector<fs::path> paths;
    while (all.step()) {
        fs::path path(all.blob(0));
        if (path.is_relative())
            paths.push_back(std::move(path));
    }
    return paths;
}

bool anyFileIn(const fs::path& root, const std::vector<fs::path>& relative) {
    return std::any_of(relative.begin(), relative.end(), [&](const fs::path& path) {
        std::error_code missing;
        return fs::is_regular_file(root / path, missing);
    });
}

} // namespace

DatasetId Workspace::addDataset(const std::string& name, const DatasetIndex& index,
                                const RunContext& context) {
    const std::string clean = cleanName(name, "the dataset");
    const PreparedDataset prepared = prepareDataset(index, context);
    Writer writer(m_impl->connections);
    requireFreeName(*writer, clean, {});
    sql::Statement(*writer,
                   "INSERT INTO datasets(name, format, source, root, created_at, fingerprint, sample_count, "
                   "labelled_count, class_count, caption_count, problem_count) "
                   "VALUES(?,'','','',?,'',0,0,0,0,0)")
        .run(clean, utcNow());
    const DatasetId id{(*writer).lastInsertId()};
    updateCounts(*writer, id, prepared);
    writeDataset(*writer, id, prepared, context);
    writer.commit();
    return id;
}

void Workspace::replaceDataset(DatasetId id, const DatasetIndex& index, const RunContext& context) {
    const PreparedDataset prepared = prepareDataset(index, context);
    Writer writer(m_impl->connections);
    requireDataset(*writer, id);
    updateCounts(*writer, id, prepared);
    writeDataset(*writer, id, prepared, context);
    writer.commit();
}

std::vector<DatasetInfo> Workspace::datasets() const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "ORDER BY name");
    std::vector<DatasetInfo> all;
    while (statement.step())
        all.push_back(readInfo(statement));
    return all;
}

DatasetInfo Workspace::dataset(DatasetId id) const {
    const Reader reader(m_impl->connections);
    return requireDataset(*reader, id);
}

std::optional<DatasetInfo> Workspace::findDataset(const std::string& name) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "WHERE name=?");
    if (!statement.bind(name).step())
        return std::nullopt;
    return readInfo(statement);
}

void Workspace::removeDataset(DatasetId id) {
    m_impl->connections.freeingSpace([&] {
        Writer writer(m_impl->connections);
        requireDataset(*writer, id);
        sql::Statement(*writer, "DELETE FROM datasets WHERE id=?").run(id.value);
        sql::Statement(*writer, "DELETE FROM tags WHERE id NOT IN (SELECT tag_id FROM sample_tags)").run();
        writer.commit();
    });
}

void Workspace::renameDataset(DatasetId id, const std::string& name) {
    const std::string clean = cleanName(name, "the dataset");
    Writer writer(m_impl->connections);
    requireDataset(*writer, id);
    requireFreeName(*writer, clean, id);
    sql::Statement(*writer, "UPDATE datasets SET name=? WHERE id=?").run(clean, id.value);
    writer.commit();
}

void Workspace::relocateDataset(DatasetId id, const fs::path& newRoot) {
    const fs::path root = normalPath(newRoot);
    Writer writer(m_impl->connections);
    const DatasetInfo info = requireDataset(*writer, id);
    const auto tried = someRelativePaths(*writer, id, 200);
    if (!anyFileIn(root, tried))
        throw Error(
            ErrorCode::NotFound,
            fmt::format(
                "None of the images of dataset '{}' is in {}{}. Choose the folder that {} was moved to",
                info.name, displayPath(root),
                tried.empty() ? "" : fmt::format(" (looked for {})", displayPath(tried.front())),
                displayPath(info.root)));
    const std::string source = storedPath(info.source, info.root);
    const fs::path newSource = info.source == info.root         ? root
                               : fs::path(source).is_relative() ? root / source
                                                                : info.source;
    sql::Statement(*writer, "UPDATE datasets SET root=?, source=? WHERE id=?").run(root, newSource, id.value);
    writer.commit();
}

bool Workspace::datasetReachable(DatasetId id) const {
    std::vector<fs::path> tried;
    fs::path root;
    {
        const Reader reader(m_impl->connections);
        root = requireDataset(*reader, id).root;
        tried = someRelativePaths(*reader, id, 20);
    }
    // Where every image has an absolute path the root says nothing.
    return tried.empty() || anyFileIn(root, tried);
}

std::vector<std::string> Workspace::classNames(DatasetId id) const {
    const Reader reader(m_impl->connections);
    const DatasetInfo info = requireDataset(*reader, id);
    sql::Statement statement(*reader, "SELECT c.name, c.position, " + sql::rowIsIntact("c", sql::kClassRow) +
                                          " FROM classes c WHERE c.dataset_id=? ORDER BY c.position");
    statement.bind(id.value);
    std::vector<std::string> names;
    while (statement.step()) {
        if (statement.integer(2) == 0 || statement.integer(1) != static_cast<int64_t>(names.size()))
            break;
        names.push_back(statement.text(0));
    }
    if (static_cast<int64_t>(names.size()) != info.classCount)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("The class names of dataset '{}' are damaged in the workspace's database. "
                                "Import the dataset again under its name (its tags and runs stay)",
                                info.name));
    return names;
}

std::vector<std::string> Workspace::splits(DatasetId id) const {
    const Reader reader(m_impl->connections);
    requireDataset(*reader, id);
    sql::Statement statement(
        *reader,
        "SELECT DISTINCT split FROM samples WHERE dataset_id=? AND position>=0 AND split<>'' ORDER BY split");
    statement.bind(id.value);
    std::vector<std::string> names;
    while (statement.step())
        names.push_back(statement.text(0));
    return names;
}

std::vector<ImportProblem> Workspace::problems(DatasetId id) const {
    const Reader reader(m_impl->connections);
    requireDataset(*reader, id);
    sql::Statement statement(
        *reader, "SELECT location, reason, is_note FROM problems WHERE dataset_id=? ORDER BY position");
    statement.bind(id.value);
    std::vector<ImportProblem> all;
    while (statement.step())
        all.push_back({statement.text(0), statement.text(1), statement.integer(2) != 0});
    return all;
}

} // namespace diptych
