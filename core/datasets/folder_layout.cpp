// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/folder_layout.h"

#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/datasets/split_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace diptych {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kClass = "class";
constexpr const char* kSplit = "split";

/// "images" alone in a folder is where its pictures are, not a class.
bool isContainerName(const std::string& name) {
    static const std::set<std::string> kNames{"images", "image",   "imgs",       "img", "pictures", "photos",
                                              "data",   "dataset", "jpegimages", "jpg", "jpeg",     "png"};
    return kNames.contains(lowerAscii(name));
}

Names foldersOf(const FolderTree& node) {
    Names names;
    for (const auto& [name, below] : node.folders)
        names.push_back(name);
    return names;
}

bool isAlone(const FolderTree& node) {
    return node.images == 0 && node.folders.size() == 1;
}

/// Whether folders stand side by side at the end of those that stand alone.
bool leadsToSeveral(const FolderTree& node) {
    const FolderTree* at = &node;
    while (isAlone(*at))
        at = &at->folders.begin()->second;
    return at->images == 0 && at->folders.size() > 1;
}

bool allSplits(const FolderTree& node) {
    return node.images == 0 && !node.folders.empty() &&
           splitsAmong(foldersOf(node)).size() == node.folders.size();
}

/// Whether the only folder in another adds nothing to it.
bool isWrapper(const std::string& name, const FolderTree& below) {
    if (isSplitName(name))
        return allSplits(below);
    return isContainerName(name) || leadsToSeveral(below);
}

std::set<SplitPart> partsOf(const Names& splits) {
    std::set<SplitPart> parts;
    for (const auto& split : splits)
        parts.insert(splitPart(split));
    return parts;
}

bool shares(const FolderTree& node, const std::set<std::string>& names) {
    return std::any_of(node.folders.begin(), node.folders.end(),
                       [&](const auto& folder) { return names.contains(folder.first); });
}

/// The folders in these folders.
std::set<std::string> insideOf(const FolderTree& node, const Names& folders) {
    std::set<std::string> inside;
    for (const auto& folder : folders)
        for (const auto& [name, below] : node.folders.at(folder).folders)
            inside.insert(name);
    return inside;
}

/// The folders of a level that are splits; none unless what stands beside them allows it: a class may be
/// called "train".
Names chosenSplits(const FolderTree& node) {
    Names splits = splitsAmong(foldersOf(node));
    if (partsOf(splits).size() > 1 || (node.images == 0 && splits.size() == node.folders.size()))
        return splits;
    const auto inside = insideOf(node, splits);
    const bool alike = std::any_of(node.folders.begin(), node.folders.end(), [&](const auto& folder) {
        return std::find(splits.begin(), splits.end(), folder.first) == splits.end() &&
               shares(folder.second, inside);
    });
    return alike ? splits : Names();
}

/// A split's folder, or the one in it that repeats its name or is called "images".
std::pair<std::string, const FolderTree*> insideSplit(const std::string& split, const std::string& path,
                                                      const FolderTree& node) {
    std::pair<std::string, const FolderTree*> at{path, &node};
    while (isAlone(*at.second)) {
        const auto& [name, below] = *at.second->folders.begin();
        if (!isContainerName(name) && splitPart(name) != splitPart(split) &&
            lowerAscii(name) != lowerAscii(split))
            break;
        at = {at.first + name + "/", &below};
    }
    return at;
}

Names levelsOf(const std::string& pattern) {
    Names levels;
    for (size_t from = 0; from <= pattern.size();) {
        const size_t slash = std::min(pattern.find('/', from), pattern.size());
        levels.push_back(trimmed(pattern.substr(from, slash - from)));
        from = slash + 1;
    }
    const bool known = std::all_of(levels.begin(), levels.end(), [](const auto& level) {
        return level == kClass || level == kSplit || level == "-";
    });
    if (!known || std::count(levels.begin(), levels.end(), kClass) > 1 ||
        std::count(levels.begin(), levels.end(), kSplit) > 1)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("'{}' does not say what folders are: write the levels from the top with / between "
                        "them, each 'class', 'split' or '-' (nothing), for example split/class",
                        toValidUtf8(pattern)));
    return levels;
}

} // namespace

FolderLayout layoutOf(const FolderContent& content, const ImportOptions& options) {
    const FolderTree tree = treeOf(content.images);
    return options.folders.empty() ? FolderLayout(tree) : FolderLayout(tree, options.folders);
}

bool patternHasClasses(const std::string& pattern) {
    const Names levels = levelsOf(pattern);
    return std::find(levels.begin(), levels.end(), kClass) != levels.end();
}

FolderLayout::FolderLayout(const FolderTree& tree) {
    const FolderTree* node = &tree;
    while (isAlone(*node) && isWrapper(node->folders.begin()->first, node->folders.begin()->second)) {
        m_base += node->folders.begin()->first + "/";
        node = &node->folders.begin()->second;
    }
    if (const Names splits = chosenSplits(*node); !splits.empty()) {
        findSplits(*node, splits);
    } else if (!findClassesWithSplits(*node)) {
        const bool several = node->folders.size() > 1;
        const bool one = isAlone(*node) && !isContainerName(node->folders.begin()->first);
        add(m_base, {"", "", several || one});
    }
}

FolderLayout::FolderLayout(const FolderTree& tree, const std::string& pattern)
    : m_pattern(levelsOf(pattern)) {
    build(tree, "", 0, {});
}

void FolderLayout::add(const std::string& path, Root root) {
    m_hasSplits = m_hasSplits || !root.split.empty();
    m_hasClasses = m_hasClasses || root.classesBelow || !root.classFolder.empty();
    m_roots.emplace(path, std::move(root));
}

void FolderLayout::findSplits(const FolderTree& node, const Names& splits) {
    struct Found {
        std::string split, path;
        const FolderTree* node;
    };
    std::vector<Found> found;
    std::set<std::string> classes;
    bool strays = false;
    for (const auto& split : splits) {
        const auto [path, inside] = insideSplit(split, m_base + split + "/", node.folders.at(split));
        found.push_back({split, path, inside});
        strays = strays || (inside->images > 0 && !inside->folders.empty());
        for (const auto& name : foldersOf(*inside))
            classes.insert(name);
    }
    for (const auto& [name, below] : node.folders) {
        if (std::find(splits.begin(), splits.end(), name) != splits.end())
            continue;
        if (shares(below, classes))
            found.push_back({name, m_base + name + "/", &below});
        else
            m_leftOut.emplace(
                m_base + name + "/",
                fmt::format("the folder '{}' lies beside the splits {} and has none of their classes; "
                            "left out",
                            toValidUtf8(name), toValidUtf8(fmt::format("{}", fmt::join(splits, ", ")))));
    }
    const bool hasClasses =
        classes.size() > 1 || (classes.size() == 1 && !strays && !isContainerName(*classes.begin()));
    for (const auto& [split, path, inside] : found)
        add(path, {split, "", hasClasses && !inside->folders.empty()});
}

bool FolderLayout::findClassesWithSplits(const FolderTree& node) {
    Names all;
    for (const auto& [name, below] : node.folders) {
        if (!allSplits(below))
            return false;
        const Names splits = foldersOf(below);
        all.insert(all.end(), splits.begin(), splits.end());
    }
    if (node.images > 0 || partsOf(all).size() < 2)
        return false;
    for (const auto& [name, below] : node.folders)
        for (const auto& [split, images] : below.folders)
            add(fmt::format("{}{}/{}/", m_base, name, split), {split, name, false});
    return true;
}

void FolderLayout::build(const FolderTree& node, const std::string& path, size_t level, Root root) {
    const bool ends = level == m_pattern.size();
    const bool isClass = !ends && m_pattern[level] == kClass;
    const bool splitsFollow = std::find(m_pattern.begin() + static_cast<std::ptrdiff_t>(level),
                                        m_pattern.end(), kSplit) != m_pattern.end();
    if (ends || (isClass && !splitsFollow)) {
        root.classesBelow = isClass && (!node.folders.empty() || root.split.empty());
        add(path, std::move(root));
        return;
    }
    for (const auto& [name, below] : node.folders) {
        Root next = root;
        if (m_pattern[level] == kSplit)
            next.split = name;
        else if (isClass)
            next.classFolder = name;
        build(below, path + name + "/", level + 1, std::move(next));
    }
}

FolderLayout::Place FolderLayout::place(const std::string& image) const {
    for (size_t end = image.rfind('/');; end = end == 0 ? std::string::npos : image.rfind('/', end - 1)) {
        const std::string folder = end == std::string::npos ? std::string() : image.substr(0, end + 1);
        if (const auto found = m_roots.find(folder); found != m_roots.end()) {
            const Root& root = found->second;
            Place place{root.split, root.classFolder, {}};
            if (!root.classesBelow)
                return place;
            const auto slash = image.find('/', folder.size());
            if (slash == std::string::npos)
                place.problem = "lies outside of any class folder; left out";
            else
                place.classFolder = image.substr(folder.size(), slash - folder.size());
            return place;
        }
        if (const auto found = m_leftOut.find(folder); found != m_leftOut.end())
            return {{}, {}, found->second};
        if (folder.empty())
            break;
    }
    return {{},
            {},
            m_hasSplits ? "lies outside of any split's folder; left out"
                        : "lies outside of any class folder; left out"};
}

} // namespace diptych
