// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/text_states.h"

#include <unordered_set>
#include <vector>

namespace diptych {

void TextStates::add(std::span<const std::string> fresh, std::span<const std::string> wanted) {
    const Rows rows = m_encode(fresh);
    const size_t bytes = rows.states.nbytes() + rows.mask.nbytes();
    if (m_bytes + bytes > m_maxBytes) {
        const std::unordered_set<std::string_view> needed(wanted.begin(), wanted.end());
        std::erase_if(m_kept, [&](const auto& entry) {
            const bool goes = !needed.contains(entry.first);
            m_bytes -= goes ? entry.second.states.nbytes() + entry.second.mask.nbytes() : 0;
            return goes;
        });
    }
    for (size_t i = 0; i < fresh.size(); ++i) {
        const auto row = static_cast<int64_t>(i);
        m_kept.emplace(fresh[i], Rows{rows.states[row].clone(), rows.mask[row].clone()});
    }
    m_bytes += bytes;
}

TextStates::Rows TextStates::of(std::span<const std::string> texts) {
    std::vector<std::string> fresh;
    std::unordered_set<std::string_view> seen;
    for (const std::string& text : texts)
        if (!m_kept.contains(text) && seen.insert(text).second)
            fresh.push_back(text);
    if (!fresh.empty())
        add(fresh, texts);
    std::vector<at::Tensor> states, masks;
    for (const std::string& text : texts) {
        const Rows& row = m_kept.at(text);
        states.push_back(row.states);
        masks.push_back(row.mask);
    }
    return {at::stack(states), at::stack(masks)};
}

} // namespace diptych
