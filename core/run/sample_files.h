// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/image/image.h"
#include "core/store/workspace.h"

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace diptych {

/// Where the content of a sample lies: in one file, or in a file for each frame of a clip.
struct SampleFiles {
    std::filesystem::path path;                     ///< as Sample::path
    std::vector<std::filesystem::path> frames = {}; ///< as Sample::frames

    /// Whether it is a clip: of single frames, or a video file.
    bool isClip() const;
    /// The frames, or the one file.
    std::span<const std::filesystem::path> all() const {
        return frames.empty() ? std::span(&path, 1) : std::span(frames);
    }
};

SampleFiles filesOf(const Sample& sample);

/// Identity of a content: the hash of the file's bytes; of frames the hash of their files' hashes, in order.
/// None where @p workspace does not know all of them, or a file has changed since.
std::vector<std::optional<Hash128>> knownContents(const Workspace& workspace,
                                                  std::span<const SampleFiles> samples);
/// The same from the files themselves. @param fresh gets what was found, to be remembered
Result<Hash128> readContent(const SampleFiles& sample, std::vector<FileHash>& fresh);

/// @p count frames of a clip, by sampledFrames(). @throws Error as readClip() and readFrames()
std::vector<Image> framesOfClip(const SampleFiles& clip, size_t count, const RunContext& context);

} // namespace diptych
