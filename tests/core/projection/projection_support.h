// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/tensor/matrix.h"
#include "core/tensor/npy.h"

#include <functional>
#include <optional>
#include <string>

namespace diptych::test {

inline const std::string kFixtures = DIPTYCH_FIXTURES;

/// Points around @p clusters centres that are far apart.
inline Matrix clusteredPoints(size_t rows, size_t columns, size_t clusters, uint64_t seed) {
    Random random(seed);
    Matrix centres(clusters, columns), points(rows, columns);
    for (float& value : centres.values())
        value = static_cast<float>(random.uniform(-4, 4));
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            points(i, j) = centres(i % clusters, j) + static_cast<float>(random.uniform(-1, 1));
    return points;
}

/// What a call throws; nothing if it does not.
inline std::optional<Error> errorOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

} // namespace diptych::test
