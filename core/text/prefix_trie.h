// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace diptych {

/// Finds the keys that a text begins with. Immutable.
class PrefixTrie {
public:
    static constexpr int32_t kNoValue = -1;

    /// @param keys with their values, not negative; of equal keys the last counts. An empty key is left out
    explicit PrefixTrie(std::vector<std::pair<std::string_view, int32_t>> keys);

    /// Calls visit(length, value) for each key that @p text begins with, shortest first.
    template<class Visit>
    void forEachPrefix(std::string_view text, Visit visit) const {
        uint32_t node = 0;
        for (size_t i = 0; i < text.size(); ++i) {
            node = child(node, static_cast<unsigned char>(text[i]));
            if (node == 0)
                return;
            if (m_nodes[node].value != kNoValue)
                visit(i + 1, m_nodes[node].value);
        }
    }

private:
    struct Node {
        uint32_t firstChild = 0; ///< its children lie side by side, by label
        int32_t value = kNoValue;
        uint16_t childCount = 0;
        uint8_t label = 0;
    };

    uint32_t child(uint32_t node, uint8_t label) const; ///< 0: none

    std::vector<Node> m_nodes;
};

} // namespace diptych
