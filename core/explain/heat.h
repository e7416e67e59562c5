// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"
#include "core/models/model.h"

#include <span>
#include <string>

namespace diptych {

/// Names of OpenCV's colour maps that are offered. The first, "viridis", is seen in the same order by people
/// whatever colours they tell apart.
std::span<const char* const> colourMapNames();

struct HeatStyle {
    std::string colours = "viridis"; ///< one of colourMapNames()
    double opacity = 0.6;            ///< of the colours, in [0, 1]
    int enlarge = 1;                 ///< pixels that each pixel of the picture becomes, in both directions
};

/// By how much a picture is to be enlarged so that its longer side has at least 448 pixels: the values
/// between the patches of a small one could not be seen otherwise.
int heatEnlargement(const Image& picture);

/// Values of patches in colour over the picture they are of, from the lowest to the highest, smoothed between
/// patches; all the same where values do not differ. What lies beyond the last whole patch stays as it is.
/// @param picture as the model sees it. @throws Error NotFound for other colours
Image withHeat(const Image& picture, const Relevance& relevance, const HeatStyle& style);

} // namespace diptych
