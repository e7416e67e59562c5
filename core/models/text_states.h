// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models, like nn/: shows LibTorch's types.

#include <ATen/ATen.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>

namespace diptych {

/// What a network makes of texts by themselves, kept so that a text that is matched with many pictures is
/// encoded once. One thread at a time.
class TextStates {
public:
    struct Rows {
        at::Tensor states; ///< [t, ...]
        at::Tensor mask;   ///< [t, length] bool, false for padding
    };
    /// Encodes texts, all padded to one length.
    using Encode = std::function<Rows(std::span<const std::string>)>;
    /// @param maxBytes beyond which the states of texts not asked for any more are let go
    TextStates(Encode encode, size_t maxBytes) : m_encode(std::move(encode)), m_maxBytes(maxBytes) {}

    /// Of @p texts, in their order; only those that are not kept are encoded, each once.
    Rows of(std::span<const std::string> texts);

private:
    void add(std::span<const std::string> fresh, std::span<const std::string> wanted);

    Encode m_encode;
    size_t m_maxBytes, m_bytes = 0;
    std::unordered_map<std::string, Rows> m_kept; ///< rows without their first dimension
};

} // namespace diptych
