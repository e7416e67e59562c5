// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"
#include "core/datasets/problem_list.h"

#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Private to core/datasets: an image of a caption file, wherever it lies.
struct CaptionedImage {
    std::string name; ///< relative to the folder of the images
    std::string split;
    std::string where;
    std::vector<std::string> captions;
    Json attributes;
    std::string key = {}; ///< of the sample; empty = its name
    int label = -1;
    bool captionsExpected = true; ///< none is a problem
};

/// The images that exist as samples, the others as problems. @param extraRoots folders where they may lie,
/// relative to the file's. @throws Error NotFound if none exists; Cancelled
DatasetIndex indexCaptionedImages(const std::filesystem::path& source, const ImportOptions& options,
                                  std::vector<CaptionedImage> images,
                                  const std::vector<std::string>& extraRoots, ProblemList& problems,
                                  const RunContext& context);

} // namespace diptych
