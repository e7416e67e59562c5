// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {

namespace {

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::InvalidArgument, message);
}

template<class T>
size_t firstNotFinite(std::span<const T> values) {
    size_t i = 0;
    while (i < values.size() && std::isfinite(values[i]))
        ++i;
    return i;
}

template<class T>
void requireFiniteSpan(std::span<const T> values, std::string_view what) {
    if (const size_t i = firstNotFinite(values); i < values.size())
        refuse(fmt::format("{} {} is {}; every value must be a finite number", what, i, values[i]));
}

} // namespace

void requireNotEmpty(size_t n, std::string_view what) {
    if (n == 0)
        refuse(fmt::format("There are no {}; at least one is needed", what));
}

void requireSameLength(size_t a, std::string_view whatA, size_t b, std::string_view whatB) {
    if (a != b)
        refuse(fmt::format("{} {} but {} {}; there must be as many", a, whatA, b, whatB));
}

void requireFinite(std::span<const double> values, std::string_view what) {
    requireFiniteSpan(values, what);
}
void requireFinite(std::span<const float> values, std::string_view what) {
    requireFiniteSpan(values, what);
}

void requireFinite(const Matrix& matrix, std::string_view what) {
    const auto values = matrix.values();
    if (const size_t i = firstNotFinite(values); i < values.size())
        refuse(fmt::format("{} row {}, column {} is {}; every value must be a finite number", what,
                           i / matrix.cols(), i % matrix.cols(), values[i]));
}

void requireLabels(std::span<const int> labels, size_t classCount) {
    for (size_t i = 0; i < labels.size(); ++i)
        if (labels[i] < 0 || static_cast<size_t>(labels[i]) >= classCount)
            refuse(fmt::format("Label {} is {}; with {} classes labels go from 0 to {}", i, labels[i],
                               classCount, classCount - 1));
}

void requireBinary(std::span<const uint8_t> labels, std::string_view what) {
    for (size_t i = 0; i < labels.size(); ++i)
        if (labels[i] > 1)
            refuse(fmt::format("{} {} is {}; it must be 0 or 1", what, i, labels[i]));
}

} // namespace diptych
