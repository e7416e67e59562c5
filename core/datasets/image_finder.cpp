// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/image_finder.h"

#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/datasets/names.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr size_t kNamesTried = 20;

enum class EntryKind { File, Folder, Other };

EntryKind kindOf(const fs::path& folder, const dirent& entry) {
    if (entry.d_type == DT_REG)
        return EntryKind::File;
    if (entry.d_type != DT_DIR && entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN)
        return EntryKind::Other;
    std::error_code failed;
    const fs::path path = folder / entry.d_name;
    if (entry.d_type == DT_DIR || fs::is_directory(path, failed))
        return EntryKind::Folder;
    return fs::is_regular_file(path, failed) ? EntryKind::File : EntryKind::Other;
}

template<class Take>
void forEachEntry(const fs::path& folder, const Take& take) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()),
                                                        [](DIR* d) { return ::closedir(d); });
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr)
        take(std::string(entry->d_name), kindOf(folder, *entry));
}

/// The ways a name may be meant, as it is spelled first.
std::vector<std::string> spellings(const std::string& name) {
    std::vector<std::string> all{name};
    if (!isValidUtf8(name))
        all.push_back(fromWindows1252(name));
    for (size_t i = all.size(); i-- > 0;) {
        if (all[i].find('\\') == std::string::npos)
            continue;
        all.push_back(all[i]);
        std::replace(all.back().begin(), all.back().end(), '\\', '/');
    }
    return all;
}

/// Folders where images may lie, relative to the source's, in the order of their likelihood.
std::vector<std::string> usualRoots(const std::vector<std::string>& extra) {
    std::vector<std::string> roots{""};
    roots.insert(roots.end(), extra.begin(), extra.end());
    for (const char* name :
         {"images", "image", "imgs", "img", "..", "../images", "../image", "../imgs", "../img"})
        roots.emplace_back(name);
    return roots;
}

/// Every so many names, and from the start.
std::vector<std::string> someOf(std::span<const std::string> names) {
    std::vector<std::string> some;
    const size_t step = std::max<size_t>(1, names.size() / kNamesTried);
    for (size_t i = 0; i < names.size(); i += step) {
        if (!names[i].empty() && names[i].find('\0') == std::string::npos)
            some.push_back(names[i]);
    }
    return some;
}

fs::path normalFolder(const fs::path& folder) {
    fs::path normal = folder.lexically_normal();
    if (!normal.has_filename() && normal.has_relative_path())
        normal = normal.parent_path(); // ".." leaves a trailing slash
    return normal;
}

/// The folder in whatever letter case it has; empty if there is none, or several.
fs::path existingFolder(const fs::path& base, const std::string& relative) {
    fs::path folder = base;
    for (const fs::path& part : fs::path(relative)) {
        std::error_code failed;
        if (part.empty() || part == ".." || fs::is_directory(folder / part, failed)) {
            folder /= part;
            continue;
        }
        std::vector<std::string> found;
        forEachEntry(folder, [&](const std::string& name, EntryKind kind) {
            if (kind == EntryKind::Folder && lowerCase(name) == lowerCase(part.native()))
                found.push_back(name);
        });
        if (found.size() != 1)
            return {};
        folder /= found.front();
    }
    return normalFolder(folder);
}

} // namespace

ImageFinder::Listing& ImageFinder::listing(const std::string& folder) {
    const auto [found, fresh] = m_listings.try_emplace(folder);
    if (fresh)
        forEachEntry(folder, [&files = found->second.files](const std::string& name, EntryKind kind) {
            if (kind == EntryKind::File)
                files.insert(name);
        });
    return found->second;
}

ImageFinder::Listing& ImageFinder::foldedListing(const std::string& folder) {
    Listing& all = listing(folder);
    if (all.folded)
        return all;
    all.folded = true;
    forEachEntry(folder, [&](const std::string& name, EntryKind kind) {
        if (kind == EntryKind::Other)
            return;
        auto& byLower = kind == EntryKind::File ? all.filesByLower : all.foldersByLower;
        const auto [found, fresh] = byLower.emplace(lowerCase(name), name);
        if (!fresh)
            found->second.clear();
    });
    return all;
}

bool ImageFinder::exists(const fs::path& path) {
    return listing(path.parent_path().native()).files.contains(path.filename().native());
}

const fs::path& ImageFinder::folderIgnoringCase(const fs::path& relative) {
    const auto [known, fresh] = m_foldersOf.try_emplace(relative.native());
    if (!fresh)
        return known->second;
    fs::path& folder = known->second;
    folder = m_root;
    for (const fs::path& part : relative) {
        std::error_code failed;
        if (part.empty() || part == "." || part == ".." || fs::is_directory(folder / part, failed)) {
            folder = normalFolder(folder / part);
            continue;
        }
        const auto& folders = foldedListing(folder.native()).foldersByLower;
        const auto found = folders.find(lowerCase(part.native()));
        if (found == folders.end() || found->second.empty()) {
            folder.clear();
            break;
        }
        folder /= found->second;
    }
    return folder;
}

fs::path ImageFinder::findIgnoringCase(const fs::path& relative) {
    if (relative.is_absolute())
        return {};
    const fs::path folder = folderIgnoringCase(relative.parent_path());
    if (folder.empty())
        return {};
    const auto& files = foldedListing(folder.native()).filesByLower;
    const auto found = files.find(lowerCase(relative.filename().native()));
    return found == files.end() || found->second.empty() ? fs::path() : folder / found->second;
}

fs::path ImageFinder::find(const std::string& name) {
    if (name.empty() || name.find('\0') != std::string::npos)
        return {};
    const auto ways = spellings(name);
    for (const auto& way : ways) {
        if (fs::path path = (m_root / way).lexically_normal(); exists(path))
            return path;
    }
    for (const auto& way : ways) {
        if (fs::path path = findIgnoringCase(way); !path.empty())
            return path;
    }
    return {};
}

fs::path chooseImageRoot(const fs::path& source, const fs::path& given, std::span<const std::string> names,
                         const std::vector<std::string>& extra) {
    if (!given.empty())
        return given;
    const fs::path folder = source.parent_path();
    const auto roots = usualRoots(extra);
    const auto some = someOf(names);
    for (const auto& root : roots) {
        const fs::path path = normalFolder(folder / root);
        for (const auto& name : some) {
            std::error_code failed;
            if (fs::is_regular_file(path / name, failed))
                return path;
        }
    }
    // None as it is spelled: folders are listed, which takes longer.
    for (const auto& root : roots) {
        const fs::path path = existingFolder(folder, root);
        ImageFinder finder(path);
        if (!path.empty() && std::any_of(some.begin(), some.end(),
                                         [&](const auto& name) { return !finder.find(name).empty(); }))
            return path;
    }
    return folder;
}

} // namespace diptych
