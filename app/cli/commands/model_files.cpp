// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/model_files.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/parallel.h"
#include "core/video/clip.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace diptych::cli {
namespace {

/// Calls @p use with each decoded picture and its position, on several threads.
void withImages(std::span<const std::string> files, const RunContext& context,
                const std::function<void(const Image&, size_t)>& use) {
    parallelFor(
        files.size(), context.threadCount(),
        [&](size_t i) {
            if (const auto done = withDecodedImage(files[i], [&](const Image& image) { use(image, i); });
                !done)
                throw done.error();
        },
        context.stop);
    context.throwIfCancelled();
}

} // namespace

std::vector<std::string> readTexts(const std::string& path) {
    const std::string content = readTextFile(path);
    std::vector<std::string> texts;
    size_t number = 0;
    for (size_t start = 0; start < content.size();) {
        const size_t end = std::min(content.find('\n', start), content.size());
        const std::string_view text = std::string_view(content).substr(start, end - start);
        start = end + 1;
        ++number;
        if (text.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        const std::string where = fmt::format("{}:{}", displayPath(path), number);
        const Json value = parseJson(text, where);
        if (!value.is_string())
            throw Error(ErrorCode::Corrupt, where + ": should be a JSON string such as \"a photo of a cat\"");
        texts.push_back(value.get<std::string>());
    }
    if (texts.empty())
        throw Error(ErrorCode::InvalidArgument, displayPath(path) + ": holds no text");
    return texts;
}

Embedder& embedderOf(Model& model) {
    if (Embedder* embedder = model.embedder())
        return *embedder;
    throw Error(ErrorCode::Unsupported,
                fmt::format("{} has no embeddings of images and texts", model.info().name));
}

Matcher& matcherOf(Model& model) {
    if (Matcher* matcher = model.matcher())
        return *matcher;
    throw Error(ErrorCode::Unsupported,
                fmt::format("{} has no image-text matching; it gives {}", model.info().name,
                            fmt::join(model.info().faces.names(), ", ")));
}

std::vector<Prepared> preparedImages(const Model& model, std::span<const std::string> files,
                                     const RunContext& context) {
    std::vector<Prepared> samples(files.size());
    withImages(files, context, [&](const Image& image, size_t i) {
        samples[i] = model.prepare({&image, 1});
    });
    return samples;
}

Prepared preparedClip(const Model& model, std::span<const std::string> frames, const RunContext& context) {
    if (model.info().frames < 2)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} takes single pictures, not the frames of a clip", model.info().name));
    if (frames.size() == 1 && !hasImageExtension(frames.front()))
        return model.prepare(readClip(frames.front(), static_cast<size_t>(model.info().frames), context));
    std::vector<Image> images(frames.size());
    withImages(frames, context, [&](const Image& image, size_t i) { images[i] = image; });
    return model.prepare(images);
}

} // namespace diptych::cli
