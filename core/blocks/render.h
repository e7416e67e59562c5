// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/scene.h"
#include "core/image/image.h"

#include <cstdint>
#include <vector>

namespace diptych::blocks {

/// The scene as a square picture of @p size x @p size pixels, 16 to 1024: rays cast from a camera that looks
/// down at about 37 degrees, soft shadows, edges antialiased with 9 samples. Uses nothing but
/// + - * / and square roots of doubles, so the bytes are the same on every machine that follows IEEE 754.
/// Thread-safe. @throws Error InvalidArgument for another size
Image renderScene(const Scene& scene, int size);
/// What the middle of every pixel of renderScene() shows, [size * size] row by row: 0 the floor, else the
/// object's index plus 1. @throws Error as renderScene()
std::vector<uint8_t> objectsSeen(const Scene& scene, int size);

} // namespace diptych::blocks
