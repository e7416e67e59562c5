// SPDX-License-Identifier: GPL-3.0-or-later
// Prompts under a name.
#include "core/base/file.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

namespace diptych {
namespace {

std::string selectPrompts() {
    return "SELECT p.name, p.content, p.changed_at, " + sql::rowIsIntact("p", sql::kPromptRow) +
           " FROM prompt_variants p ";
}

PromptVariant readVariant(const sql::Statement& row) {
    PromptVariant variant{row.text(0), {}, row.text(2)};
    if (row.integer(3) == 0)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("The prompts '{}' are damaged in the workspace's database. Remove them "
                                "(diptych prompts remove) or restore the workspace from a backup",
                                variant.name));
    variant.content = parseJson(row.text(1), fmt::format("the prompts '{}'", variant.name));
    return variant;
}

bool hasVariant(sql::Database& database, const std::string& name) {
    sql::Statement statement(database, "SELECT 1 FROM prompt_variants WHERE name=?");
    return statement.bind(name).step();
}

Error taken(const std::string& name) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("The workspace has prompts named '{}' already. Choose another name, or replace "
                             "them",
                             name));
}

void requireVariant(sql::Database& database, const std::string& name) {
    if (!hasVariant(database, name))
        throw Error(ErrorCode::NotFound,
                    fmt::format("The workspace has no prompts named '{}'", toValidUtf8(name)));
}

void writeVariant(sql::Database& database, const std::string& name, const std::string& content) {
    sql::Statement(database, "DELETE FROM prompt_variants WHERE name=?").run(name);
    sql::Statement(database, sql::insertWithChecksum("prompt_variants", sql::kPromptRow))
        .run(name, content, utcNow());
}

} // namespace

void Workspace::savePrompts(const std::string& name, const Json& content, IfTaken ifTaken) {
    const std::string clean = cleanName(name, "the prompts");
    if (!content.is_object())
        throw Error(ErrorCode::InvalidArgument, "Prompts are stored as a JSON object");
    Writer writer(m_impl->connections);
    if (ifTaken == IfTaken::Refuse && hasVariant(*writer, clean))
        throw taken(clean);
    writeVariant(*writer, clean, canonicalJson(content));
    writer.commit();
}

std::vector<PromptVariant> Workspace::prompts() const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, selectPrompts() + "ORDER BY p.name");
    std::vector<PromptVariant> all;
    while (statement.step())
        all.push_back(readVariant(statement));
    return all;
}

std::optional<PromptVariant> Workspace::findPrompts(const std::string& name) const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader, selectPrompts() + "WHERE p.name=?");
    if (!statement.bind(name).step())
        return std::nullopt;
    return readVariant(statement);
}

void Workspace::renamePrompts(const std::string& name, const std::string& newName) {
    const std::string clean = cleanName(newName, "the prompts");
    Writer writer(m_impl->connections);
    requireVariant(*writer, name);
    if (clean == name)
        return;
    if (hasVariant(*writer, clean))
        throw taken(clean);
    sql::Statement statement(*writer, selectPrompts() + "WHERE p.name=?");
    statement.bind(name).step();
    const PromptVariant variant = readVariant(statement);
    sql::Statement(*writer, "DELETE FROM prompt_variants WHERE name=?").run(name);
    writeVariant(*writer, clean, canonicalJson(variant.content));
    writer.commit();
}

void Workspace::removePrompts(const std::string& name) {
    Writer writer(m_impl->connections);
    requireVariant(*writer, name);
    sql::Statement(*writer, "DELETE FROM prompt_variants WHERE name=?").run(name);
    writer.commit();
}

} // namespace diptych
