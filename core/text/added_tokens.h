// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diptych {

/// A token that is found in the text before it is split into words ("<|endoftext|>"); fields as in
/// tokenizer.json.
struct AddedToken {
    std::string content;
    int64_t id = -1;                            ///< -1: the id the vocabulary has
    bool singleWord = false;                    ///< only where no word character is beside it
    bool stripLeft = false, stripRight = false; ///< takes the whitespace beside it along
    bool normalized = false; ///< looked for in the normalised text, else in the text as given
    bool special = true;     ///< left out by decode()
};

/// Cuts text at added tokens, leftmost first and the longest of those, as the `tokenizers` library does.
class AddedTokenSplitter {
public:
    struct Piece {
        std::string_view text; ///< of the input
        int64_t id = -1;       ///< of the added token; -1: plain text
    };

    /// Longest content that is accepted, in bytes; bounds the work for each byte of a text.
    static constexpr size_t kMaxContentBytes = 1024;

    /// @param token its content is not empty and at most kMaxContentBytes long
    void add(const AddedToken& token);
    bool empty() const { return m_tokens.empty(); }
    /// Linear in the text, but for the length of the longest added token. @param text well-formed UTF-8
    std::vector<Piece> split(std::string_view text) const;

private:
    struct Match {
        size_t length = 0; ///< 0: none
        size_t token = 0;
    };
    Match matchAt(std::string_view text, size_t at) const;

    std::vector<AddedToken> m_tokens;
    std::unordered_map<uint64_t, uint32_t> m_edges{}; ///< (node, byte) -> node; node 0 is the root
    std::vector<int64_t> m_tokenOfNode{-1};
    std::array<bool, 256> m_starts{}; ///< bytes that begin some token
};

} // namespace diptych
