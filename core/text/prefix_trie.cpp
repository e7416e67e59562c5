// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/prefix_trie.h"

#include <algorithm>

namespace diptych {

PrefixTrie::PrefixTrie(std::vector<std::pair<std::string_view, int32_t>> keys) {
    std::erase_if(keys, [](const auto& key) { return key.first.empty(); });
    std::stable_sort(keys.begin(), keys.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    struct Range {
        uint32_t node;
        size_t begin, end, depth; // the keys that go through the node, and its depth
    };
    m_nodes.emplace_back();
    std::vector<Range> open = {{0, 0, keys.size(), 0}};
    for (size_t next = 0; next < open.size(); ++next) {
        auto [node, begin, end, depth] = open[next];
        for (; begin < end && keys[begin].first.size() == depth; ++begin)
            m_nodes[node].value = keys[begin].second;
        m_nodes[node].firstChild = static_cast<uint32_t>(m_nodes.size());
        while (begin < end) {
            const char label = keys[begin].first[depth];
            size_t last = begin;
            while (last < end && keys[last].first[depth] == label)
                ++last;
            open.push_back({static_cast<uint32_t>(m_nodes.size()), begin, last, depth + 1});
            m_nodes.push_back({.label = static_cast<uint8_t>(label)});
            ++m_nodes[node].childCount;
            begin = last;
        }
    }
}

uint32_t PrefixTrie::child(uint32_t node, uint8_t label) const {
    const auto begin = m_nodes.begin() + m_nodes[node].firstChild, end = begin + m_nodes[node].childCount;
    const auto found = std::lower_bound(
        begin, end, label, [](const Node& candidate, uint8_t value) { return candidate.label < value; });
    return found != end && found->label == label ? static_cast<uint32_t>(found - m_nodes.begin()) : 0;
}

} // namespace diptych
