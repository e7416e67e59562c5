// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace diptych {

/// Sum of the products of @p d numbers, in the order of the widest vector unit there
/// is: the same numbers give the same bits on one kind of processor.
using DotProduct = float (*)(const float* a, const float* b, size_t d);
DotProduct dotProduct();

} // namespace diptych
