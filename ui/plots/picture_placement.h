// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/point_painter.h"

#include <QRectF>

#include <vector>

namespace diptych::ui {

/// Where the picture of a point is drawn.
struct PlacedPicture {
    int point = -1;
    QRectF area; ///< in the canvas
};

/// Chooses which points are drawn as pictures so that none overlaps another. Those chosen before and still in
/// sight stay, so that nothing flickers while the view moves; then @p first (-1 = none) and the selected come
/// before the rest. Squares and hidden points have no picture.
/// @param side of a picture's square, @param view in the same pixels as @p transform
std::vector<PlacedPicture> placePictures(const PointIndex& index, std::span<const PointStyle> styles,
                                         const PlotTransform& transform, const QRectF& view, double side,
                                         const std::vector<PlacedPicture>& before, int first);

} // namespace diptych::ui
