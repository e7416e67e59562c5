// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/projection.h"
#include "core/projection/sparse_graph.h"

namespace diptych {

/// Similarities of neighbours as t-SNE sees them: Gaussian around each point, as wide as makes the entropy of
/// its neighbours' shares log(perplexity); averaged both ways, the whole summing to 1.
SparseGraph tsneAffinities(const NeighbourTable& neighbours, double perplexity, const RunContext& context);

/// t-SNE in two dimensions, with openTSNE's defaults: PCA for a start, 250 steps with similarities
/// exaggerated 12 times, then 500; learning rate n / exaggeration, momentum 0.8, steps of at most 5.
/// @throws Error, Cancelled
Projection projectByTsne(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                         const FrameCallback& onFrame);

} // namespace diptych
