// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace diptych {

/// Private to core/datasets: tells which images named by a table exist, by listing each folder once instead
/// of asking for every file.
class ImageFinder {
public:
    explicit ImageFinder(std::filesystem::path root) : m_root(std::move(root)) {}
    /// Absolute path of an image named relative to the root (or absolutely); empty if there is no such file.
    /// Backslashes are taken for slashes where that finds it.
    std::filesystem::path find(const std::string& name);
    const std::filesystem::path& root() const { return m_root; }

private:
    bool exists(const std::filesystem::path& path);

    std::filesystem::path m_root;
    std::unordered_map<std::string, std::unordered_set<std::string>> m_listings; ///< by folder
};

/// The folder that image names in @p source most likely start from: @p given if there is one, else the first
/// of the source's folder, folders like "images" in it, and those one level up, in which one of the
/// @p names exists; the source's folder if there is none. @param extra further folders to try, relative to
/// the source's folder
std::filesystem::path chooseImageRoot(const std::filesystem::path& source, const std::filesystem::path& given,
                                      std::span<const std::string> names,
                                      const std::vector<std::string>& extra = {});

} // namespace diptych
