// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/models, like nn/: shows LibTorch's types.

#include "core/models/dual_encoder.h"

#include <memory>

namespace diptych {

/// Explains a dual encoder of two transformers. Has the weights a second time, in float32 and as they are
/// stored, from the first question on: what is packed for speed gives no gradients.
class DualExplainer final : public Explainer {
public:
    /// @pre info.explains()
    DualExplainer(std::shared_ptr<const Checkpoint> checkpoint, DualEncoderParts parts, const ModelInfo& info,
                  std::shared_ptr<const Tokenizer> tokenizer, const Compute& compute);

    Relevance relevance(const Prepared& sample, const std::string& text, int lastLayers) override;
    Relevance attention(const Prepared& sample, int layer, int head) override;
    Relevance patchSimilarity(const Prepared& sample, const std::string& text) override;

private:
    void load();
    Relevance onGrid(const Prepared& sample, const at::Tensor& values) const;

    std::shared_ptr<const Checkpoint> m_checkpoint;
    DualEncoderParts m_parts;
    ModelInfo m_info;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    Compute m_compute;
    Placement m_placement;
    std::unique_ptr<DualNetwork> m_network; ///< null until load()
};

} // namespace diptych
