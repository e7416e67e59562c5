// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/models/model.h"

#include <span>
#include <string>
#include <vector>

namespace diptych::cli {

inline constexpr const char* kFramesHelp = "The frames of one clip: image files in order, or a video file";

/// One JSON string a line; blank lines do not count. @throws Error naming file and line
std::vector<std::string> readTexts(const std::string& path);
/// The model's embedder. @throws Error Unsupported
Embedder& embedderOf(Model& model);
/// The model's matcher. @throws Error Unsupported
Matcher& matcherOf(Model& model);
/// Decoded and preprocessed on the threads of @p context; one sample a file. @throws Error naming the file
std::vector<Prepared> preparedImages(const Model& model, std::span<const std::string> files,
                                     const RunContext& context);
/// One sample of all the files, in their order, or of a single video file's frames (readClip()).
/// @throws Error naming the file, or how many frames it takes
Prepared preparedClip(const Model& model, std::span<const std::string> frames, const RunContext& context);

} // namespace diptych::cli
