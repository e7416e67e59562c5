// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/outputs.h"
#include "core/search/vector_index.h"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/session. The embeddings of one dataset, kept between searches, and the graph over them
/// once there is one. Thread-safe.
class SearchedDataset {
public:
    SearchedDataset(std::string key, ImageEmbeddings images);

    const std::string& key() const { return m_key; } ///< of dataset and split
    const std::vector<SampleId>& ids() const { return m_images.ids; }
    const Matrix& rows() const { return m_images.rows; }
    const Matrix& sample() const { return m_sample; } ///< rows drawn from all: their scores stand for all
    std::shared_ptr<const VectorIndex> graph() const; ///< null until it is built
    /// Does nothing where it is there. @throws Error, Cancelled
    void buildGraph(const RunContext& context);
    /// Rows of those of @p samples that are here, ascending.
    std::vector<uint32_t> rowsOf(std::span<const SampleId> samples) const;

private:
    const std::string m_key;
    const ImageEmbeddings m_images;
    Matrix m_sample;            ///< empty where all are compared
    mutable std::mutex m_mutex; ///< guards m_graph
    std::shared_ptr<const VectorIndex> m_graph;
};

} // namespace diptych
