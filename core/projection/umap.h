// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/projection.h"
#include "core/projection/sparse_graph.h"

namespace diptych {

/// How sure UMAP is that two points are neighbours: falling exponentially behind each point's nearest one, as
/// wide as makes a point's memberships log2(k + 1), of either way or both (a + b - ab).
SparseGraph umapMemberships(const NeighbourTable& neighbours, const RunContext& context);

/// The curve 1 / (1 + a d^(2b)) that comes closest to 1 up to @p minDistance and exp(minDistance - d) beyond.
struct UmapCurve {
    double a = 1, b = 1;
};
UmapCurve fitUmapCurve(double minDistance);

/// UMAP with umap-learn's defaults: the Laplacian's eigenvectors for a start, 500 epochs (200 for more than
/// 10,000 points), five negative samples, a learning rate that falls from 1 to 0.
/// @throws Error, Cancelled
Projection projectByUmap(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                         const FrameCallback& onFrame);

} // namespace diptych
