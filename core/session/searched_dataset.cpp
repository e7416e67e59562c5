// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searched_dataset.h"

#include "core/base/random.h"

#include <algorithm>
#include <unordered_set>

namespace diptych {
namespace {

/// Scores of so many rows say within a hundredth which share of all lies above a cut.
constexpr size_t kSampleRows = 20'000;

Matrix drawnRows(const Matrix& rows) {
    if (rows.rows() <= kSampleRows)
        return rows;
    Random random(1);
    Matrix drawn(kSampleRows, rows.cols());
    size_t left = rows.rows(), wanted = kSampleRows;
    for (size_t i = 0; wanted > 0; ++i, --left) // each row with the same chance, in their order
        if (random.below(left) < wanted)
            std::ranges::copy(rows.row(i), drawn.row(kSampleRows - wanted--).begin());
    return drawn;
}

} // namespace

SearchedDataset::SearchedDataset(std::string key, ImageEmbeddings images)
    : m_key(std::move(key)), m_images(std::move(images)) {}

std::shared_ptr<const VectorIndex> SearchedDataset::graph() const {
    const std::lock_guard lock(m_mutex);
    return m_graph;
}

void SearchedDataset::buildGraph(const RunContext& context) {
    if (graph())
        return;
    std::shared_ptr<const VectorIndex> built = buildHnswIndex(rows(), {}, context);
    Matrix sample = drawnRows(rows());
    const std::lock_guard lock(m_mutex);
    if (m_graph)
        return;
    m_sample = std::move(sample);
    m_graph = std::move(built);
}

std::vector<uint32_t> SearchedDataset::rowsOf(std::span<const SampleId> samples) const {
    const std::unordered_set<SampleId> wanted(samples.begin(), samples.end());
    std::vector<uint32_t> rows;
    for (size_t i = 0; i < ids().size(); ++i)
        if (wanted.contains(ids()[i]))
            rows.push_back(static_cast<uint32_t>(i));
    return rows;
}

} // namespace diptych
