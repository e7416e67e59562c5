// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/added_vocabulary.h"

#include "core/base/error.h"
#include "core/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {

void AddedVocabulary::add(AddedToken token, const TokenModel& model, const Normalise& normalise,
                          const std::string& where) {
    if (token.content.empty())
        return;
    if (token.content.size() > AddedTokenSplitter::kMaxContentBytes)
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{}: the added token {} has {} bytes; at most {} are read", where,
                                shownToken(token.content), token.content.size(),
                                AddedTokenSplitter::kMaxContentBytes));
    const std::optional<int64_t> known = model.idOf(token.content);
    if (token.id < 0 && !known)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: the added token {} has no id", where, shownToken(token.content)));
    if (known && token.id >= 0 && token.id != *known)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: the added token {} has id {}, the vocabulary gives it {}", where,
                                shownToken(token.content), token.id, *known));
    token.id = known.value_or(token.id);
    if (token.id >= Vocabulary::kMaxSize)
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{}: the added token {} has id {}; ids from 0 to {} are read", where,
                                shownToken(token.content), token.id, Vocabulary::kMaxSize - 1));
    const AddedToken* other = find(token.id);
    if (other && other->content == token.content)
        return;
    if (other || (!known && !model.token(token.id).empty()))
        throw Error(ErrorCode::Corrupt, fmt::format("{}: id {} is given to both the added token {} and {}",
                                                    where, token.id, shownToken(token.content),
                                                    shownToken(other ? std::string_view(other->content)
                                                                     : model.token(token.id))));
    m_size = std::max(m_size, static_cast<size_t>(token.id) + 1);
    m_tokens.emplace(token.id, token);
    if (token.normalized) {
        token.content = normalise(token.content);
        if (!token.content.empty() && token.content.size() <= AddedTokenSplitter::kMaxContentBytes)
            m_normalised.add(token);
    } else {
        m_raw.add(token);
    }
}

const AddedToken* AddedVocabulary::find(int64_t id) const {
    const auto found = m_tokens.find(id);
    return found == m_tokens.end() ? nullptr : &found->second;
}

std::optional<int64_t> AddedVocabulary::idOf(std::string_view content) const {
    const auto found = std::find_if(m_tokens.begin(), m_tokens.end(),
                                    [&](const auto& entry) { return entry.second.content == content; });
    return found == m_tokens.end() ? std::nullopt : std::optional(found->first);
}

} // namespace diptych
