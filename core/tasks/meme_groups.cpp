// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/meme_groups.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

namespace diptych {
namespace {

using Member = std::string MemeContent::*;

void addGroups(std::vector<ConfounderGroup>& groups, std::span<const MemeContent> memes,
               ConfounderGroup::Kind kind, Member shared, Member differing) {
    std::vector<ConfounderGroup> found;
    std::unordered_map<std::string, size_t> positions;
    for (size_t i = 0; i < memes.size(); ++i) {
        const std::string& key = memes[i].*shared;
        if (key.empty() || memes[i].label < 0)
            continue;
        const auto [position, fresh] = positions.emplace(key, found.size());
        if (fresh)
            found.push_back({kind, {}});
        found[position->second].members.push_back(i);
    }
    for (ConfounderGroup& group : found) {
        std::set<int> labels;
        std::set<std::string> contents;
        for (const size_t i : group.members) {
            labels.insert(memes[i].label);
            contents.insert(memes[i].*differing);
        }
        if (labels.size() > 1 && contents.size() > 1)
            groups.push_back(std::move(group));
    }
}

} // namespace

std::vector<ConfounderGroup> confounderGroups(std::span<const MemeContent> memes) {
    std::vector<ConfounderGroup> groups;
    addGroups(groups, memes, ConfounderGroup::Kind::SameText, &MemeContent::text, &MemeContent::image);
    addGroups(groups, memes, ConfounderGroup::Kind::SameImage, &MemeContent::image, &MemeContent::text);
    return groups;
}

std::vector<int64_t> groupClusters(size_t memes, std::span<const ConfounderGroup> groups) {
    std::vector<int64_t> parent(memes);
    std::iota(parent.begin(), parent.end(), 0);
    const auto rootOf = [&](int64_t i) {
        while (parent[static_cast<size_t>(i)] != i)
            i = parent[static_cast<size_t>(i)] = parent[static_cast<size_t>(parent[static_cast<size_t>(i)])];
        return i;
    };
    for (const ConfounderGroup& group : groups) {
        const int64_t first = rootOf(static_cast<int64_t>(group.members.front()));
        for (const size_t member : group.members)
            parent[static_cast<size_t>(rootOf(static_cast<int64_t>(member)))] = first;
    }
    for (size_t i = 0; i < memes; ++i)
        parent[i] = rootOf(static_cast<int64_t>(i));
    return parent;
}

} // namespace diptych
