// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace diptych {

// Checks that metrics make of their input before they count; the messages name what is wrong and where.

/// @throws Error InvalidArgument unless n > 0
void requireNotEmpty(size_t n, std::string_view what);
/// @throws Error InvalidArgument unless the lengths agree; "12 scores, 10 labels: ..."
void requireSameLength(size_t a, std::string_view whatA, size_t b, std::string_view whatB);
/// @throws Error InvalidArgument naming the first position that is NaN or infinite
void requireFinite(std::span<const double> values, std::string_view what);
void requireFinite(std::span<const float> values, std::string_view what);
/// As above, naming row and column.
void requireFinite(const Matrix& matrix, std::string_view what);
/// @throws Error InvalidArgument naming the first label outside [0, classCount)
void requireLabels(std::span<const int> labels, size_t classCount);
/// @throws Error InvalidArgument naming the first label that is neither 0 nor 1
void requireBinary(std::span<const uint8_t> labels, std::string_view what);

} // namespace diptych
