// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/frame_files.h"

#include "core/base/file.h"
#include "core/image/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// The digits that @p text begins with, without zeros before them.
std::string_view number(std::string_view text) {
    size_t end = 0;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9')
        ++end;
    const size_t first = std::min(text.find_first_not_of('0'), end);
    return text.substr(first, end - first);
}

/// Numbers by their value, all else by bytes; equal only if the names are.
bool comesBefore(std::string_view a, std::string_view b) {
    const std::string_view wholeA = a, wholeB = b;
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    while (!a.empty() && !b.empty()) {
        if (isDigit(a.front()) && isDigit(b.front())) {
            const std::string_view left = number(a), right = number(b);
            if (left.size() != right.size())
                return left.size() < right.size();
            if (left != right)
                return left < right;
            a.remove_prefix(static_cast<size_t>(left.data() + left.size() - a.data()));
            b.remove_prefix(static_cast<size_t>(right.data() + right.size() - b.data()));
        } else if (a.front() != b.front()) {
            return a.front() < b.front();
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() != b.empty() ? a.empty() : wholeA < wholeB;
}

Result<std::vector<fs::path>> picturesIn(const fs::path& folder) {
    std::vector<fs::path> pictures;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed))
        if (hasImageExtension(entry->path()) && !entry->path().filename().native().starts_with('.'))
            pictures.push_back(entry->path());
    if (failed)
        return tl::unexpected<Error>(errnoError(failed.value(), "Cannot read", displayPath(folder)));
    if (pictures.empty())
        return failure(ErrorCode::NotFound, fmt::format("{} has no pictures in it", displayPath(folder)));
    std::ranges::sort(pictures, [](const fs::path& a, const fs::path& b) {
        return comesBefore(a.filename().native(), b.filename().native());
    });
    return pictures;
}

} // namespace

Result<std::vector<fs::path>> findFrames(const std::vector<std::string>& names, ImageFinder& finder) {
    std::error_code failed;
    if (names.size() == 1) {
        const fs::path folder = (finder.root() / names.front()).lexically_normal();
        if (fs::is_directory(folder, failed))
            return picturesIn(folder);
    }
    std::vector<fs::path> frames;
    for (const std::string& name : names) {
        frames.push_back(finder.find(name));
        if (frames.back().empty())
            return failure(ErrorCode::NotFound,
                           fmt::format("{} does not exist (frame {} of {})",
                                       displayPath((finder.root() / name).lexically_normal()), frames.size(),
                                       names.size()));
    }
    return frames;
}

} // namespace diptych
