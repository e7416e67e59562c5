// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/added_tokens.h"
#include "core/text/token_model.h"

#include <functional>
#include <optional>
#include <unordered_map>

namespace diptych {

/// The added tokens of a tokenizer beside its model's vocabulary.
class AddedVocabulary {
public:
    /// The tokenizer's normalisation of a text.
    using Normalise = std::function<std::string(std::string_view)>;

    /// A token without content is left out. @param where names the files in messages
    /// @throws Error Corrupt for a token without an id or with one that another token has; LimitExceeded for
    /// one that is too long or has too large an id
    void add(AddedToken token, const TokenModel& model, const Normalise& normalise, const std::string& where);

    /// Null for an id that is not an added token's.
    const AddedToken* find(int64_t id) const;
    std::optional<int64_t> idOf(std::string_view content) const;
    /// Largest id + 1; 0 without tokens.
    size_t size() const { return m_size; }
    /// Finds tokens in the text as given.
    const AddedTokenSplitter& raw() const { return m_raw; }
    /// Finds tokens in the normalised text.
    const AddedTokenSplitter& normalised() const { return m_normalised; }

private:
    std::unordered_map<int64_t, AddedToken> m_tokens;
    AddedTokenSplitter m_raw, m_normalised;
    size_t m_size = 0;
};

} // namespace diptych
