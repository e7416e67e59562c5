// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/folder_walk.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

/// Private to core/datasets: which folders are splits and which are classes.
///
/// Found out: a folder alone in another, or called "images" and the like, is a wrapper; folders called as
/// split_names.h says are splits where they stand among themselves, or where two kinds of them do; a folder
/// beside them is a further split if it has classes of theirs, and else is left out. Below the splits, or in
/// their absence, the next folders are classes; or classes come first and each holds the splits.
class FolderLayout {
public:
    explicit FolderLayout(const FolderTree& tree);
    /// As @p pattern says: what the folders of each level are, from the top, as "split/class"; "-" is a level
    /// that means nothing, deeper levels mean nothing either. @throws Error InvalidArgument
    FolderLayout(const FolderTree& tree, const std::string& pattern);

    bool hasSplits() const { return m_hasSplits; }
    bool hasClasses() const { return m_hasClasses; }

    struct Place {
        std::string split;       ///< empty = none
        std::string classFolder; ///< empty = none
        std::string problem;     ///< why the image is left out; empty = it is not
    };
    /// @param image name relative to the top, as in FolderContent
    Place place(const std::string& image) const;
    /// The folder below which the classes or splits lie, relative to the top: "" or "archive/"
    const std::string& base() const { return m_base; }

private:
    /// Where images begin to mean one thing.
    struct Root {
        std::string split, classFolder;
        bool classesBelow = false;
    };
    void findSplits(const FolderTree& node, const std::vector<std::string>& splits);
    bool findClassesWithSplits(const FolderTree& node);
    void build(const FolderTree& node, const std::string& path, size_t level, Root root);
    void add(const std::string& path, Root root);

    std::vector<std::string> m_pattern;
    std::string m_base;
    bool m_hasSplits = false, m_hasClasses = false;
    std::unordered_map<std::string, Root> m_roots;          ///< by path ("train/")
    std::unordered_map<std::string, std::string> m_leftOut; ///< why, by path
};

/// As ImportOptions::folders says, else found out. @throws Error as FolderLayout
FolderLayout layoutOf(const FolderContent& content, const ImportOptions& options);
/// Whether @p pattern has a level of classes. @throws Error as FolderLayout
bool patternHasClasses(const std::string& pattern);

} // namespace diptych
