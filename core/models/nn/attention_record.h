// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace diptych {

/// Keeps the attention of every layer that this thread computes while it lives, with its place in the graph
/// of gradients: for explaining an output, never for computing many (the fused kernels keep no attention).
/// One at a time on a thread.
class AttentionRecord {
public:
    enum class Kind {
        Tokens,     ///< tokens ask tokens; what they hear is added to what they are
        FirstToken, ///< the first of the tokens alone asks, likewise
        Pool        ///< a learnt query asks; what it hears is the output
    };
    struct Layer {
        Kind kind;
        at::Tensor probabilities; ///< [n, heads, asking, heard], requires gradients
    };

    /// What an image tower gives for a picture: what it reads as ever, or each of its tokens read in that
    /// place as if it were a picture by itself, [tokens, ...] instead of [1, ...].
    enum class Read { Output, EachToken };

    explicit AttentionRecord(Read read = Read::Output);
    ~AttentionRecord();
    AttentionRecord(const AttentionRecord&) = delete;
    AttentionRecord& operator=(const AttentionRecord&) = delete;
    /// Of this thread; null = attention is not kept.
    static AttentionRecord* current();

    const std::vector<Layer>& layers() const { return m_layers; }
    /// Whether this thread wants each token. @pre of one picture
    static bool readsEachToken() { return current() && current()->m_read == Read::EachToken; }

private:
    friend at::Tensor attend(Kind, const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                             bool);
    std::vector<Layer> m_layers;
    Read m_read;
};

/// Scaled dot-product attention. @param query [n, heads, asking, d] @param key, value [n, heads, heard, d]
/// @param mask [n or 1, 1, 1, heard] bool, true = may be heard; undefined = all @param causal a token hears
/// itself and those before it -> [n, heads, asking, d]
at::Tensor attend(AttentionRecord::Kind kind, const at::Tensor& query, const at::Tensor& key,
                  const at::Tensor& value, const at::Tensor& mask = {}, bool causal = false);

} // namespace diptych
