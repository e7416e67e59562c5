// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/image/image.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace diptych {

/// Which of a clip's frames stand for it: those in the middle of @p count equal parts, floor((i + 1/2) total
/// / count). A clip with fewer frames gives some of them twice. Source: SampleFrames of mmaction2 (which
/// X-CLIP was evaluated with), test mode, single frames. @param total at least 1
std::vector<size_t> sampledFrames(size_t total, size_t count);

/// @p count frames of a video file that OpenCV's FFmpeg can read, by sampledFrames(); upright, opaque. The
/// whole file is gone through, as what it says of its length may be wrong.
/// @throws Error NotFound, Unreadable; Corrupt (no clip, or a frame that cannot be decoded); LimitExceeded
/// for frames of more than kDefaultMaxPixels; Unsupported where OpenCV's video library is not installed;
/// Cancelled
std::vector<Image> readClip(const std::filesystem::path& path, size_t count, const RunContext& context);

/// The same of a clip whose frames are picture files, in order. Those that are not among sampledFrames() are
/// not opened. @param files at least one. @throws Error as decodeImage(); Cancelled
std::vector<Image> readFrames(std::span<const std::filesystem::path> files, size_t count,
                              const RunContext& context);

/// One frame from about the middle, jumped to by what the file says of its length; the first where that
/// fails. @throws Error as readClip()
Image stillOfClip(const std::filesystem::path& path);

} // namespace diptych
