// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models, like nn/: shows LibTorch's types.

#include "core/models/dual_encoder.h"

#include <span>
#include <utility>

namespace diptych {

/// Where a model's weights go and what they are computed with.
Placement placementOf(const Compute& compute);
/// Samples of one shape, on the device, in the type computed with. Of patches, no more than the fullest
/// picture of the batch has: what lies behind is masked and would only cost time.
PixelInput stackedPixels(std::span<const Prepared> samples, const Placement& placement);
/// Ids and mask of @p count texts from @p first on: [count, length] int64 and bool.
std::pair<at::Tensor, at::Tensor> textsOnDevice(const TokenBatch& tokens, size_t first, size_t count,
                                                const at::Device& device);

} // namespace diptych
