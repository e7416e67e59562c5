// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstddef>
#include <functional>

namespace diptych {

/// Gets intermediate positions [n, dimensions], for drawing; they are valid during the call alone. Called
/// from the thread that lays out, some dozens to hundreds of times.
using FrameCallback = std::function<void(const Matrix& positions, size_t iteration, size_t iterations)>;

} // namespace diptych
