// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/tokenizer.h"

#include <optional>

namespace diptych {

/// How OpenCLIP cleans texts before it tokenizes them.
enum class TextCleaning : uint8_t {
    Whitespace,   ///< repaired, single spaces
    Lower,        ///< and in lower case
    Canonicalize, ///< repaired, without ASCII punctuation, in lower case, single spaces; "_" is a space
};

/// What @p cleaning makes of a text: repairedText(), character references twice more, and what its name says.
std::string cleanedText(std::string_view text, TextCleaning cleaning);

/// A tokenizer as OpenCLIP (3.3) uses it: SimpleTokenizer, or HFTokenizer around one of transformers'.
class OpenClipTokenizer final : public Tokenizer {
public:
    struct Source {
        std::shared_ptr<const Tokenizer> tokenizer;
        TextCleaning cleaning = TextCleaning::Whitespace;
        int64_t padId = 0;
        std::optional<int64_t> strippedId = {}; ///< becomes 0 ("strip_sep_token")
    };
    explicit OpenClipTokenizer(Source source) : m_source(std::move(source)) {}

    std::vector<int64_t> encode(std::string_view text, size_t maxLength) const override;
    std::string decode(std::span<const int64_t> ids) const override {
        return m_source.tokenizer->decode(ids);
    }
    size_t vocabularySize() const override { return m_source.tokenizer->vocabularySize(); }
    int64_t padId() const override { return m_source.padId; }
    int64_t eosId() const override { return m_source.tokenizer->eosId(); }
    bool padsLeft() const override { return m_source.tokenizer->padsLeft(); }
    std::string_view token(int64_t id) const override { return m_source.tokenizer->token(id); }

private:
    Source m_source;
};

} // namespace diptych
