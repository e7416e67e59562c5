// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/captioned_images.h"

#include "core/base/file.h"
#include "core/datasets/image_finder.h"

#include <fmt/format.h>

namespace diptych {

DatasetIndex indexCaptionedImages(const std::filesystem::path& source, const ImportOptions& options,
                                  std::vector<CaptionedImage> images,
                                  const std::vector<std::string>& extraRoots, ProblemList& problems,
                                  const RunContext& context) {
    std::vector<std::string> names;
    for (const auto& image : images)
        names.push_back(image.name);
    DatasetIndex index;
    index.root = chooseImageRoot(source, options.imageRoot, names, extraRoots);
    ImageFinder finder(index.root);
    KeySet keys;
    for (size_t i = 0; i < images.size(); ++i) {
        if (i % 1000 == 0)
            context.throwIfCancelled();
        auto& image = images[i];
        DatasetSample sample;
        sample.image = finder.find(image.name);
        if (sample.image.empty()) {
            problems.add(
                "images that do not exist", image.where,
                fmt::format("{} does not exist", displayPath((index.root / image.name).lexically_normal())));
            continue;
        }
        if (image.captions.empty() && image.captionsExpected)
            problems.note("images without a caption", image.where,
                          fmt::format("{} has no caption", toValidUtf8(image.name)));
        sample.key = keys.unique(image.key.empty() ? image.name : image.key);
        sample.label = image.label;
        sample.split = std::move(image.split);
        sample.captions = std::move(image.captions);
        sample.attributes = std::move(image.attributes);
        index.samples.push_back(std::move(sample));
    }
    if (images.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} has no usable images{}", displayPath(source),
                                problems.empty() ? ""
                                                 : fmt::format(" ({}: {})", problems.first().where,
                                                               problems.first().reason)));
    if (index.samples.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format(
                "None of the {} images that {} names exists: {} was looked for in {} and folders near "
                "it. Say in which folder they are",
                images.size(), displayPath(source), toValidUtf8(images.front().name),
                displayPath(index.root)));
    index.problems = problems.take(displayPath(source));
    return index;
}

} // namespace diptych
