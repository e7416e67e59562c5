// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/folder_layout.h"
#include "core/datasets/formats.h"

#include <fmt/format.h>

#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxCaptionBytes = 64 << 10;

int detect(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return 0;
    const FolderTree glance = glanceAt(source);
    return glance.images > 0 ? 50 : glance.empty() ? 0 : 20;
}

/// One caption a line.
std::vector<std::string> readCaptions(const fs::path& path, ProblemList& problems) {
    std::vector<std::string> captions;
    try {
        const std::string text = readableText(readTextFile(path, kMaxCaptionBytes));
        for (size_t at = 0; at < text.size();) {
            const size_t end = std::min(text.find('\n', at), text.size());
            if (auto line = trimmed(text.substr(at, end - at)); !line.empty())
                captions.push_back(std::move(line));
            at = end + 1;
        }
    } catch (const Error& error) {
        problems.add("captions that cannot be read", displayPath(path), error.what());
    }
    return captions;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    ProblemList problems;
    const FolderContent content = walkFolder(source, problems, context);
    if (content.images.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("There are no images in {} (by the endings of their names)", displayPath(source)));
    reportOthers(content, displayPath(source), problems);
    const FolderLayout layout = layoutOf(content, options);
    DatasetIndex index;
    index.root = source;
    index.samples.reserve(content.images.size());
    KeySet keys;
    for (const auto& relative : content.images) {
        DatasetSample sample;
        if (layout.hasSplits()) {
            FolderLayout::Place place = layout.place(relative);
            if (!place.problem.empty()) {
                problems.add("images outside of the folders that count", displayPath(source / relative),
                             place.problem);
                continue;
            }
            sample.split = toValidUtf8(place.split);
        }
        sample.key = keys.unique(relative);
        sample.image = source / relative;
        if (!content.texts.empty()) {
            context.throwIfCancelled();
            const std::string beside = fs::path(relative).replace_extension(".txt").native();
            if (content.texts.contains(beside))
                sample.captions = readCaptions(source / beside, problems);
        }
        index.samples.push_back(std::move(sample));
    }
    index.problems = problems.take(displayPath(source));
    return index;
}

} // namespace

DatasetFormat flatFolderFormat() {
    return {
        "flat", "Folder of images",
        "All images in a folder and below, without classes; train, val and test folders become splits; x.txt "
        "beside x.jpg gives its captions, one a line",
        detect, read};
}

} // namespace diptych
