// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curation/unusual.h"

#include "core/metrics/check.h"
#include "core/projection/neighbour_table.h"

namespace diptych {

std::vector<double> neighbourSimilarity(const Matrix& rows, size_t k, const RunContext& context) {
    requireNotEmpty(k, "neighbours");
    const NeighbourTable table = nearestRows(rows, k, context);
    std::vector<double> means(rows.rows(), 1);
    for (size_t i = 0; i < table.rows(); ++i) {
        double sum = 0;
        for (const float distance : table.distances(i)) // of rows of length 1: d² = 2 - 2 cos
            sum += 1 - static_cast<double>(distance) * static_cast<double>(distance) / 2;
        means[i] = sum / static_cast<double>(table.k);
    }
    return means;
}

} // namespace diptych
