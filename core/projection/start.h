// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

namespace diptych {

/// Where an iterative layout starts: the first principal components [n, dimensions], scaled so that the first
/// has this standard deviation, with a hundredth of it as noise from the context's seed, so that equal points
/// part.
Matrix startFromPca(const Matrix& features, size_t dimensions, double deviation, const RunContext& context);

} // namespace diptych
