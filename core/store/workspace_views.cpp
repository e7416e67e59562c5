// SPDX-License-Identifier: GPL-3.0-or-later
// Filters and selections under a name.
#include "core/store/sample_filter_json.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

namespace diptych {
namespace {

constexpr const char* kColumns =
    "SELECT v.id, v.dataset_id, v.name, v.filter, v.created_at, (SELECT count(*) FROM view_samples vs JOIN "
    "samples s ON s.id=vs.sample_id WHERE vs.view_id=v.id AND s.position>=0) FROM views v ";

SavedView readView(const sql::Statement& row) {
    SavedView view;
    view.id = {row.integer(0)};
    view.dataset = {row.integer(1)};
    view.name = row.text(2);
    if (!row.isNull(3))
        view.filter = parseJson(row.text(3), "the filter of the view '" + view.name + "'");
    view.createdAt = row.text(4);
    view.sampleCount = row.integer(5);
    return view;
}

SavedView requireView(sql::Database& database, ViewId id) {
    sql::Statement statement(database, std::string(kColumns) + "WHERE v.id=?");
    if (!statement.bind(id.value).step())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no saved view number {} in the workspace", id.value));
    return readView(statement);
}

/// 0 = none has it.
int64_t viewNamed(sql::Database& database, DatasetId dataset, const std::string& name) {
    sql::Statement statement(database, "SELECT id FROM views WHERE dataset_id=? AND name=?");
    return statement.bind(dataset.value, name).step() ? statement.integer(0) : 0;
}

Error taken(const std::string& name) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("The dataset has a view named '{}' already. Choose another name, or replace it", name));
}

/// The line of a view without its samples. A view that is replaced keeps its id, so that filters that ask for
/// it go on doing so.
int64_t writeView(sql::Database& database, DatasetId dataset, const std::string& name,
                  const std::optional<std::string>& filter, Workspace::IfTaken ifTaken) {
    const int64_t old = viewNamed(database, dataset, name);
    if (old != 0 && ifTaken == Workspace::IfTaken::Refuse)
        throw taken(name);
    if (old == 0) {
        sql::Statement(database, "INSERT INTO views(dataset_id, name, filter, created_at) VALUES(?,?,?,?)")
            .run(dataset.value, name, filter, utcNow());
        return database.lastInsertId();
    }
    sql::Statement(database, "DELETE FROM view_samples WHERE view_id=?").run(old);
    sql::Statement(database, "UPDATE views SET filter=?, created_at=? WHERE id=?").run(filter, utcNow(), old);
    return old;
}

} // namespace

ViewId Workspace::saveView(DatasetId dataset, const std::string& name, const SampleFilter& filter,
                           IfTaken ifTaken) {
    const std::string clean = cleanName(name, "the view");
    const std::string json = canonicalJson(sampleFilterJson(filter, classNames(dataset)));
    Writer writer(m_impl->connections);
    const ViewId id{writeView(*writer, dataset, clean, json, ifTaken)};
    if (filter.selection == id)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The filter asks for '{}' itself. Choose another name", clean));
    writer.commit();
    return id;
}

ViewId Workspace::saveSelection(DatasetId dataset, const std::string& name, std::span<const SampleId> samples,
                                IfTaken ifTaken) {
    const std::string clean = cleanName(name, "the selection");
    this->dataset(dataset); // throws where there is none
    Writer writer(m_impl->connections);
    const ViewId id{writeView(*writer, dataset, clean, std::nullopt, ifTaken)};
    sql::Statement add(*writer, "INSERT OR REPLACE INTO view_samples(view_id, sample_id) SELECT ?1, id FROM "
                                "samples WHERE id=?2 AND dataset_id=?3");
    for (const SampleId sample : samples) {
        add.run(id.value, sample.value, dataset.value);
        if ((*writer).changes() == 0)
            throw Error(
                ErrorCode::NotFound,
                fmt::format("Sample number {} is not of this dataset; nothing was saved", sample.value));
    }
    writer.commit();
    return id;
}

std::vector<SavedView> Workspace::views(DatasetId dataset) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "WHERE v.dataset_id=? ORDER BY v.name");
    statement.bind(dataset.value);
    std::vector<SavedView> all;
    while (statement.step())
        all.push_back(readView(statement));
    return all;
}

SavedView Workspace::view(ViewId id) const {
    const Reader reader(m_impl->connections);
    return requireView(*reader, id);
}

std::optional<SavedView> Workspace::findView(DatasetId dataset, const std::string& name) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "WHERE v.dataset_id=? AND v.name=?");
    if (!statement.bind(dataset.value, name).step())
        return std::nullopt;
    return readView(statement);
}

SampleFilter Workspace::viewFilter(const SavedView& view) const {
    if (view.isSelection())
        return {.selection = view.id};
    return sampleFilterFromJson(view.filter, classNames(view.dataset),
                                fmt::format("The view '{}'", view.name));
}

void Workspace::renameView(ViewId id, const std::string& name) {
    const std::string clean = cleanName(name, "the view");
    Writer writer(m_impl->connections);
    const SavedView view = requireView(*writer, id);
    const int64_t other = viewNamed(*writer, view.dataset, clean);
    if (other != 0 && other != id.value)
        throw taken(clean);
    sql::Statement(*writer, "UPDATE views SET name=? WHERE id=?").run(clean, id.value);
    writer.commit();
}

void Workspace::removeView(ViewId id) {
    Writer writer(m_impl->connections);
    requireView(*writer, id);
    sql::Statement(*writer, "DELETE FROM views WHERE id=?").run(id.value);
    writer.commit();
}

} // namespace diptych
