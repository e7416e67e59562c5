// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/image_finder.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr size_t kNamesTried = 20;

std::unordered_set<std::string> regularFilesIn(const fs::path& folder) {
    std::unordered_set<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()),
                                                        [](DIR* d) { return ::closedir(d); });
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        std::error_code failed;
        if (entry->d_type == DT_REG || ((entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) &&
                                        fs::is_regular_file(folder / entry->d_name, failed)))
            names.insert(entry->d_name);
    }
    return names;
}

} // namespace

bool ImageFinder::exists(const fs::path& path) {
    if (path.native().find('\0') != std::string::npos)
        return false;
    const std::string folder = path.parent_path().native();
    auto listing = m_listings.find(folder);
    if (listing == m_listings.end())
        listing = m_listings.emplace(folder, regularFilesIn(folder)).first;
    return listing->second.contains(path.filename().native());
}

fs::path ImageFinder::find(const std::string& name) {
    if (name.empty())
        return {};
    const fs::path path = (m_root / name).lexically_normal();
    if (exists(path))
        return path;
    if (name.find('\\') == std::string::npos)
        return {};
    std::string slashed = name;
    std::replace(slashed.begin(), slashed.end(), '\\', '/');
    const fs::path other = (m_root / slashed).lexically_normal();
    return exists(other) ? other : fs::path();
}

fs::path chooseImageRoot(const fs::path& source, const fs::path& given, std::span<const std::string> names,
                         const std::vector<std::string>& extra) {
    if (!given.empty())
        return given;
    const fs::path folder = source.parent_path();
    std::vector<std::string> candidates{""};
    candidates.insert(candidates.end(), extra.begin(), extra.end());
    for (const char* name :
         {"images", "image", "imgs", "img", "..", "../images", "../image", "../imgs", "../img"})
        candidates.emplace_back(name);
    for (const auto& candidate : candidates) {
        fs::path root = candidate.empty() ? folder : (folder / candidate).lexically_normal();
        if (!root.has_filename() && root.has_relative_path())
            root = root.parent_path(); // ".." leaves a trailing slash
        const size_t step = std::max<size_t>(1, names.size() / kNamesTried);
        for (size_t i = 0; i < names.size(); i += step) {
            std::error_code failed;
            if (!names[i].empty() && fs::is_regular_file(root / names[i], failed))
                return root;
        }
    }
    return folder;
}

} // namespace diptych
