// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/objective.h"

#include <limits>

namespace diptych {

namespace {

at::Tensor normalized(const at::Tensor& rows) {
    return rows / rows.norm(2, -1, true).clamp_min(1e-12);
}

class Contrastive final : public Objective {
public:
    at::Tensor loss(const ClipNetwork& network, const TrainingTensors& batch) const override {
        const at::Tensor images = network.encodeImages(batch.pixels).to(at::kFloat);
        const at::Tensor texts = network.embedTexts(batch.ids, {}).to(at::kFloat);
        return contrastiveLoss(images, texts, network.logitScale(), batch.trueOf);
    }
};

} // namespace

at::Tensor contrastiveLoss(const at::Tensor& images, const at::Tensor& texts, const at::Tensor& logitScale,
                           const at::Tensor& trueOf) {
    at::Tensor logits = logitScale.exp() * at::matmul(normalized(images), normalized(texts).t());
    if (trueOf.defined()) {
        const at::Tensor others = trueOf.logical_and(at::eye(trueOf.size(0), trueOf.options()).logical_not());
        logits = logits.masked_fill(others, -std::numeric_limits<float>::infinity());
    }
    const at::Tensor byImage = -at::log_softmax(logits, 1).diagonal().mean();
    const at::Tensor byText = -at::log_softmax(logits, 0).diagonal().mean();
    return (byImage + byText) * 0.5;
}

std::unique_ptr<Objective> makeContrastive() {
    return std::make_unique<Contrastive>();
}

} // namespace diptych
