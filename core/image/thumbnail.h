// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

namespace diptych {

/// The size of a picture of @p size reduced so that neither side exceeds @p side. @throws Error
/// InvalidArgument
ImageSize thumbnailSize(ImageSize size, int side);
/// The picture at that size, for people to look at: alpha composited over a light checkerboard.
Image resizeForDisplay(const Image& image, ImageSize size);

} // namespace diptych
