// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/projection/sparse_graph.h"
#include "core/tensor/matrix.h"

#include <optional>

namespace diptych {

/// The eigenvectors of the graph's normalised Laplacian with the smallest eigenvalues but for the first, [n,
/// count], by the Lanczos method (Belkin and Niyogi 2003). As close as a layout's start needs: a limited
/// number of steps. None for a graph that is not connected, or of too few points. @throws Error, Cancelled
std::optional<Matrix> spectralLayout(const SparseGraph& graph, size_t count, const RunContext& context);

} // namespace diptych
