// SPDX-License-Identifier: GPL-3.0-or-later
// Images and captions that match although the annotation lacks them.
#include "core/base/file.h"
#include "core/store/row_checksum.h"
#include "core/store/workspace.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

namespace diptych {
namespace {

constexpr const char* kThisPair = " WHERE image_id=? AND caption_sample_id=? AND caption=?";

void requireValid(sql::Database& database, const PositivePair& pair) {
    if (pair.image == pair.captionOf)
        throw Error(ErrorCode::InvalidArgument,
                    "A caption is right for its own image already; mark it for another image");
    sql::Statement dataset(database, "SELECT dataset_id FROM samples WHERE id=?");
    int64_t datasets[2] = {};
    for (const int which : {0, 1}) {
        const SampleId id = which == 0 ? pair.image : pair.captionOf;
        if (!dataset.bind(id.value).step())
            throw Error(ErrorCode::NotFound,
                        fmt::format("There is no sample number {} in the workspace", id.value));
        datasets[which] = dataset.integer(0);
        dataset.reset();
    }
    if (datasets[0] != datasets[1])
        throw Error(ErrorCode::InvalidArgument, "Image and caption are of different datasets");
    sql::Statement caption(database, "SELECT 1 FROM captions WHERE sample_id=? AND text=?");
    if (!caption.bind(pair.captionOf.value, pair.caption).step())
        throw Error(ErrorCode::NotFound, fmt::format("Sample number {} has no caption '{}'",
                                                     pair.captionOf.value, toValidUtf8(pair.caption)));
}

} // namespace

std::vector<PositivePair> Workspace::addPositives(std::span<const PositivePair> pairs) {
    const std::string now = utcNow();
    Writer writer(m_impl->connections);
    sql::Statement find(*writer, std::string("SELECT 1 FROM positive_pairs") + kThisPair);
    sql::Statement insert(*writer, sql::insertWithChecksum("positive_pairs", sql::kPositiveRow));
    std::vector<PositivePair> added;
    for (const PositivePair& pair : pairs) {
        requireValid(*writer, pair);
        const bool known = find.bind(pair.image.value, pair.captionOf.value, pair.caption).step();
        find.reset();
        if (known)
            continue;
        insert.run(pair.image.value, pair.captionOf.value, pair.caption, now);
        added.push_back({pair.image, pair.captionOf, pair.caption, now});
    }
    writer.commit();
    return added;
}

std::vector<PositivePair> Workspace::removePositives(std::span<const PositivePair> pairs) {
    Writer writer(m_impl->connections);
    sql::Statement remove(*writer, std::string("DELETE FROM positive_pairs") + kThisPair);
    std::vector<PositivePair> removed;
    for (const PositivePair& pair : pairs) {
        remove.run(pair.image.value, pair.captionOf.value, pair.caption);
        if ((*writer).changes() > 0)
            removed.push_back(pair);
    }
    writer.commit();
    return removed;
}

std::vector<PositivePair> Workspace::positives(DatasetId dataset) const {
    const Reader reader(m_impl->connections);
    sql::Statement rows(*reader, "SELECT p.image_id, p.caption_sample_id, p.caption, p.marked_at, " +
                                     sql::rowIsIntact("p", sql::kPositiveRow) +
                                     " FROM positive_pairs p JOIN samples s ON s.id=p.image_id WHERE "
                                     "s.dataset_id=? ORDER BY p.id");
    rows.bind(dataset.value);
    std::vector<PositivePair> all;
    while (rows.step()) {
        if (rows.integer(4) == 0)
            throw Error(ErrorCode::Corrupt,
                        fmt::format("A caption marked as right for sample {} is damaged in the workspace's "
                                    "database. Restore the workspace from a backup",
                                    rows.integer(0)));
        all.push_back({{rows.integer(0)}, {rows.integer(1)}, rows.text(2), rows.text(3)});
    }
    return all;
}

} // namespace diptych
