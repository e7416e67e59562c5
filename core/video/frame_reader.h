// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"

// Private to core/video: what clip.cpp asks of the library in opencv/, which is loaded with the first clip.
namespace diptych {

/// The frames of one file, from the first to the last. One thread at a time. Throws nothing.
class FrameReader {
public:
    virtual ~FrameReader() = default;
    /// Frames as the file says; 0 or less = it does not say. May be wrong.
    virtual int64_t statedCount() const = 0;
    /// Jumps so that next() leads to about this frame, counted from 0.
    virtual void jumpTo(int64_t number) = 0;
    /// Goes on to the next frame; false behind the last.
    virtual bool next() = 0;
    /// The frame reached, upright; an empty picture if it cannot be decoded.
    virtual Image frame() = 0;
};

/// Of openFrameReader(), by that name in the library. @return null if the file is no clip
using OpenFrameReader = FrameReader* (*)(const char* path);

} // namespace diptych
