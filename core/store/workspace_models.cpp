// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr const char* kColumns = "SELECT id, name, directory, fingerprint, info, added_at FROM models ";

ModelRecord readModel(const sql::Statement& row) {
    ModelRecord model;
    model.id = {row.integer(0)};
    model.name = row.text(1);
    model.directory = fs::path(row.blob(2));
    model.fingerprint = row.text(3);
    model.info = parseJson(row.text(4), "the stored description of model " + model.name);
    model.addedAt = row.text(5);
    return model;
}

ModelRecord requireModel(sql::Database& database, ModelId id) {
    sql::Statement statement(database, std::string(kColumns) + "WHERE id=?");
    if (!statement.bind(id.value).step())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There is no model number {} in the workspace", id.value));
    return readModel(statement);
}

/// @p wanted, or the first of "wanted (2)", "wanted (3)", ... that no model has.
std::string freeName(sql::Database& database, const std::string& wanted) {
    sql::Statement taken(database, "SELECT 1 FROM models WHERE name=?");
    std::string name = wanted;
    for (int number = 2; taken.bind(name).step(); ++number)
        name = fmt::format("{} ({})", wanted, number);
    return name;
}

} // namespace

ModelId Workspace::addModel(const fs::path& directory, const std::string& name, const Json& info,
                            const std::string& fingerprint) {
    const fs::path full = normalPath(directory);
    const std::string wanted = cleanName(name.empty() ? displayPath(full.filename()) : name, "the model");
    const std::string json = canonicalJson(info);
    Writer writer(m_impl->connections);
    sql::Statement known(*writer, "SELECT id FROM models WHERE directory=?");
    ModelId id;
    if (known.bind(full).step()) {
        id = {known.integer(0)};
        sql::Statement(*writer, "UPDATE models SET fingerprint=?, info=? WHERE id=?")
            .run(fingerprint, json, id.value);
    } else {
        sql::Statement(*writer,
                       "INSERT INTO models(name, directory, fingerprint, info, added_at) VALUES(?,?,?,?,?)")
            .run(freeName(*writer, wanted), full, fingerprint, json, utcNow());
        id = {(*writer).lastInsertId()};
    }
    known.reset();
    writer.commit();
    return id;
}

std::vector<ModelRecord> Workspace::models() const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "ORDER BY name");
    std::vector<ModelRecord> all;
    while (statement.step())
        all.push_back(readModel(statement));
    return all;
}

ModelRecord Workspace::model(ModelId id) const {
    const Reader reader(m_impl->connections);
    return requireModel(*reader, id);
}

std::optional<ModelRecord> Workspace::findModel(const std::string& name) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, std::string(kColumns) + "WHERE name=?");
    if (!statement.bind(name).step())
        return std::nullopt;
    return readModel(statement);
}

void Workspace::renameModel(ModelId id, const std::string& name) {
    const std::string clean = cleanName(name, "the model");
    Writer writer(m_impl->connections);
    requireModel(*writer, id);
    sql::Statement taken(*writer, "SELECT 1 FROM models WHERE name=? AND id<>?");
    if (taken.bind(clean, id.value).step())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The workspace has a model named '{}' already. Choose another name", clean));
    taken.reset();
    sql::Statement(*writer, "UPDATE models SET name=? WHERE id=?").run(clean, id.value);
    writer.commit();
}

void Workspace::relocateModel(ModelId id, const fs::path& directory, const Json& info,
                              const std::string& fingerprint) {
    const fs::path full = normalPath(directory);
    Writer writer(m_impl->connections);
    const ModelRecord record = requireModel(*writer, id);
    if (record.fingerprint != fingerprint)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The checkpoint in {} is not the one of model '{}': its weights or its "
                                "configuration differ. Add it as a model of its own",
                                displayPath(full), record.name));
    sql::Statement other(*writer, "SELECT name FROM models WHERE directory=? AND id<>?");
    if (other.bind(full, id.value).step())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} is the folder of model '{}' already", displayPath(full), other.text(0)));
    other.reset();
    sql::Statement(*writer, "UPDATE models SET directory=?, info=? WHERE id=?")
        .run(full, canonicalJson(info), id.value);
    writer.commit();
}

bool Workspace::modelReachable(ModelId id) const {
    std::error_code missing;
    return fs::is_regular_file(model(id).directory / "config.json", missing);
}

void Workspace::removeModel(ModelId id) {
    Writer writer(m_impl->connections);
    requireModel(*writer, id);
    sql::Statement(*writer, "DELETE FROM models WHERE id=?").run(id.value);
    writer.commit();
}

} // namespace diptych
