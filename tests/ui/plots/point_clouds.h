// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/point_canvas.h"

#include <cmath>
#include <numbers>
#include <random>

namespace diptych::test {

/// Clusters as a map of an embedding has them: of all sizes, some stretched, a few points far out.
struct PointCloud {
    std::vector<float> x, y;
    std::vector<uint16_t> cluster;

    PointCloud(size_t count, int clusters, uint64_t seed = 1) {
        std::mt19937_64 random(seed);
        std::normal_distribution<float> normal;
        std::uniform_real_distribution<float> even(0, 1);
        struct Shape {
            float x, y, wide, high, turn;
        };
        std::vector<Shape> shapes;
        for (int i = 0; i < clusters; ++i)
            shapes.push_back({20 * even(random), 14 * even(random), 0.2F + even(random), 0.2F + even(random),
                              even(random) * std::numbers::pi_v<float>});
        for (size_t i = 0; i < count; ++i) {
            const auto which =
                static_cast<size_t>(std::pow(even(random), 1.3F) * static_cast<float>(clusters));
            const Shape& shape = shapes[std::min(which, shapes.size() - 1)];
            const float u = normal(random) * shape.wide, v = normal(random) * shape.high;
            x.push_back(shape.x + u * std::cos(shape.turn) - v * std::sin(shape.turn));
            y.push_back(shape.y + u * std::sin(shape.turn) + v * std::cos(shape.turn));
            cluster.push_back(static_cast<uint16_t>(which));
        }
    }
};

} // namespace diptych::test
