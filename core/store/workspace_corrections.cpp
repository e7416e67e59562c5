// SPDX-License-Identifier: GPL-3.0-or-later
// Labels that a person has corrected, with their history. What was imported stays as it was.
#include "core/base/file.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <unordered_map>

namespace diptych {
namespace {

constexpr const char* kColumns =
    "SELECT h.id, h.sample_id, h.from_class, h.to_class, h.corrected_at, h.note, ";

/// Names of a dataset's classes, and their numbers.
class Classes {
public:
    Classes(sql::Database& database, DatasetId dataset) {
        sql::Statement rows(database, "SELECT name FROM classes WHERE dataset_id=? ORDER BY position");
        rows.bind(dataset.value);
        while (rows.step()) {
            m_numbers.emplace(rows.text(0), static_cast<int>(m_names.size()));
            m_names.push_back(rows.text(0));
        }
    }
    std::string name(int64_t label) const {
        const auto at = static_cast<size_t>(label);
        return label >= 0 && at < m_names.size() ? m_names[at] : std::string();
    }
    /// -1 for no label; nullopt for a class that there no longer is.
    std::optional<int> number(const std::string& name) const {
        if (name.empty())
            return -1;
        const auto found = m_numbers.find(name);
        return found == m_numbers.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::vector<std::string> m_names;
    std::unordered_map<std::string, int> m_numbers;
};

LabelCorrection readCorrection(const sql::Statement& row) {
    if (row.integer(6) == 0)
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("A corrected label of sample {} is damaged in the workspace's database. Restore the "
                        "workspace from a backup, or take the correction back",
                        row.integer(1)));
    LabelCorrection correction;
    correction.id = row.integer(0);
    correction.sample = {row.integer(1)};
    correction.from = row.text(2);
    correction.to = row.text(3);
    correction.correctedAt = row.text(4);
    correction.note = row.text(5);
    return correction;
}

std::string intact() {
    return sql::rowIsIntact("h", sql::kCorrectionRow);
}

/// The name of the class that counts for a sample now: of its last correction, else as imported.
std::string currentClass(sql::Database& database, SampleId sample, const Classes& classes, int64_t imported) {
    sql::Statement last(database,
                        kColumns + intact() +
                            " FROM label_corrections h WHERE h.sample_id=? ORDER BY h.id DESC LIMIT 1");
    last.bind(sample.value);
    if (last.step())
        if (const LabelCorrection found = readCorrection(last); classes.number(found.to))
            return found.to;
    return classes.name(imported);
}

} // namespace

std::vector<LabelCorrection> Workspace::correctLabels(std::span<const SampleId> ids, const std::string& to,
                                                      const std::string& note) {
    const std::string text = toValidUtf8(note), now = utcNow();
    Writer writer(m_impl->connections);
    std::unordered_map<int64_t, Classes> classes;
    sql::Statement find(*writer, "SELECT dataset_id, label FROM samples WHERE id=?");
    sql::Statement insert(*writer, sql::insertWithChecksum("label_corrections", sql::kCorrectionRow));
    std::vector<LabelCorrection> made;
    for (const SampleId id : ids) {
        if (!find.bind(id.value).step())
            throw Error(ErrorCode::NotFound,
                        fmt::format("There is no sample number {} in the workspace", id.value));
        const int64_t dataset = find.integer(0), imported = find.integer(1);
        find.reset();
        const Classes& names = classes.try_emplace(dataset, *writer, DatasetId{dataset}).first->second;
        if (!names.number(to))
            throw Error(
                ErrorCode::NotFound,
                fmt::format("The dataset has no class '{}'; labels are corrected to classes it has", to));
        std::string from = currentClass(*writer, id, names, imported);
        if (from == to)
            continue;
        insert.run(id.value, from, to, now, text);
        made.push_back({(*writer).lastInsertId(), id, std::move(from), to, now, text});
    }
    writer.commit();
    return made;
}

void Workspace::removeCorrections(std::span<const LabelCorrection> corrections) {
    Writer writer(m_impl->connections);
    sql::Statement remove(*writer, "DELETE FROM label_corrections WHERE id=?");
    for (const LabelCorrection& correction : corrections)
        remove.run(correction.id);
    writer.commit();
}

void Workspace::restoreCorrections(std::span<const LabelCorrection> corrections) {
    Writer writer(m_impl->connections);
    sql::Statement insert(*writer, sql::insertWithChecksum("label_corrections", sql::kCorrectionRow));
    for (const LabelCorrection& correction : corrections)
        insert.run(correction.sample.value, correction.from, correction.to, correction.correctedAt,
                   correction.note);
    writer.commit();
}

std::vector<LabelCorrection> Workspace::labelCorrections(DatasetId dataset) const {
    const Reader reader(m_impl->connections);
    sql::Statement rows(*reader, kColumns + intact() +
                                     " FROM label_corrections h JOIN samples s ON s.id=h.sample_id WHERE "
                                     "s.dataset_id=? ORDER BY h.id");
    rows.bind(dataset.value);
    std::vector<LabelCorrection> all;
    while (rows.step())
        all.push_back(readCorrection(rows));
    return all;
}

std::map<SampleId, int> Workspace::correctedLabels(DatasetId dataset) const {
    const Reader reader(m_impl->connections);
    const Classes classes(*reader, dataset);
    sql::Statement rows(*reader, kColumns + intact() +
                                     ", s.label FROM label_corrections h JOIN samples s ON s.id=h.sample_id "
                                     "WHERE s.dataset_id=? AND s.position>=0 AND h.id=(SELECT max(l.id) FROM "
                                     "label_corrections l WHERE l.sample_id=h.sample_id)");
    rows.bind(dataset.value);
    std::map<SampleId, int> labels;
    while (rows.step()) {
        const LabelCorrection correction = readCorrection(rows);
        const auto label = classes.number(correction.to);
        if (label && *label != static_cast<int>(rows.integer(7)))
            labels.emplace(correction.sample, *label);
    }
    return labels;
}

} // namespace diptych
