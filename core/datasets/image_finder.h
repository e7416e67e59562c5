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
    /// What does not exist as it is spelled is looked for with backslashes as slashes, with bytes that are
    /// not UTF-8 as Windows-1252, and, where one file alone fits, in another letter case.
    std::filesystem::path find(const std::string& name);
    const std::filesystem::path& root() const { return m_root; }

private:
    struct Listing {
        std::unordered_set<std::string> files;
        bool folded = false; ///< whether the two below are filled
        /// Names by their lower case; empty where several have one.
        std::unordered_map<std::string, std::string> filesByLower, foldersByLower;
    };
    Listing& listing(const std::string& folder);
    Listing& foldedListing(const std::string& folder);
    bool exists(const std::filesystem::path& path);
    std::filesystem::path findIgnoringCase(const std::filesystem::path& relative);
    const std::filesystem::path& folderIgnoringCase(const std::filesystem::path& relative);

    std::filesystem::path m_root;
    std::unordered_map<std::string, Listing> m_listings;                ///< by folder
    std::unordered_map<std::string, std::filesystem::path> m_foldersOf; ///< as spelled, and what it is
};

/// The folder that image names in @p source most likely start from: @p given if there is one, else the first
/// of the source's folder, folders like "images" in it, and those one level up, in which one of the
/// @p names exists, as ImageFinder finds them; the source's folder if there is none. Names of folders may be
/// in another letter case. @param extra further folders to try, relative to the source's folder
std::filesystem::path chooseImageRoot(const std::filesystem::path& source, const std::filesystem::path& given,
                                      std::span<const std::string> names,
                                      const std::vector<std::string>& extra = {});

} // namespace diptych
