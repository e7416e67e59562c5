// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/format.h"

namespace diptych {

/// Size and orientation (eXIf, a raw EXIF profile in a text chunk, or XMP) of a PNG. @throws Error Corrupt
ImageHeader readPngHeader(ImageBytes bytes);

} // namespace diptych
