// SPDX-License-Identifier: GPL-3.0-or-later
// Tags and notes.
#include "core/base/file.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

namespace diptych {
namespace {

/// Tags that no sample has any more are forgotten.
void dropUnusedTags(sql::Database& database) {
    sql::Statement(database, "DELETE FROM tags WHERE id NOT IN (SELECT tag_id FROM sample_tags)").run();
}

/// Runs @p change for each id. @return those that it changed a row for
std::vector<SampleId> changeEach(sql::Database& database, sql::Statement& change,
                                 std::span<const SampleId> ids, const std::string& name) {
    std::vector<SampleId> changed;
    for (const SampleId id : ids) {
        change.run(name, id.value);
        if (database.changes() > 0)
            changed.push_back(id);
    }
    return changed;
}

} // namespace

std::vector<SampleId> Workspace::addTag(std::span<const SampleId> ids, const std::string& tag) {
    const std::string name = cleanName(tag, "the tag");
    Writer writer(m_impl->connections);
    sql::Statement(*writer, "INSERT OR IGNORE INTO tags(name) VALUES(?)").run(name);
    sql::Statement add(*writer,
                       "INSERT OR IGNORE INTO sample_tags(tag_id, sample_id) SELECT t.id, s.id FROM tags t, "
                       "samples s WHERE t.name=? AND s.id=?");
    const std::vector<SampleId> changed = changeEach(*writer, add, ids, name);
    dropUnusedTags(*writer);
    writer.commit();
    return changed;
}

std::vector<SampleId> Workspace::removeTag(std::span<const SampleId> ids, const std::string& tag) {
    const std::string name = cleanName(tag, "the tag");
    Writer writer(m_impl->connections);
    sql::Statement remove(*writer, "DELETE FROM sample_tags WHERE tag_id=(SELECT id FROM tags WHERE name=?) "
                                   "AND sample_id=?");
    const std::vector<SampleId> changed = changeEach(*writer, remove, ids, name);
    dropUnusedTags(*writer);
    writer.commit();
    return changed;
}

std::vector<TagInfo> Workspace::tags() const {
    const Reader reader(m_impl->connections);
    sql::Statement statement(*reader,
                             "SELECT t.name, count(*) FROM tags t JOIN sample_tags st ON st.tag_id=t.id "
                             "GROUP BY t.id ORDER BY t.name");
    std::vector<TagInfo> all;
    while (statement.step())
        all.push_back({statement.text(0), statement.integer(1)});
    return all;
}

std::vector<SampleNote> Workspace::setNotes(std::span<const SampleNote> notes) {
    Writer writer(m_impl->connections);
    sql::Statement find(*writer, "SELECT text FROM notes WHERE sample_id=?");
    sql::Statement remove(*writer, "DELETE FROM notes WHERE sample_id=?");
    sql::Statement write(*writer, "INSERT OR REPLACE INTO notes(sample_id, text) SELECT id, ? FROM samples "
                                  "WHERE id=?");
    std::vector<SampleNote> before;
    for (const SampleNote& note : notes) {
        const std::string text = toValidUtf8(note.text);
        const std::string old = find.bind(note.sample.value).step() ? find.text(0) : std::string();
        find.reset();
        if (old == text)
            continue;
        if (text.empty())
            remove.run(note.sample.value);
        else
            write.run(text, note.sample.value);
        if ((*writer).changes() > 0) // else there is no such sample
            before.push_back({note.sample, old});
    }
    writer.commit();
    return before;
}

} // namespace diptych
