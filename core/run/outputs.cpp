// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/outputs.h"

namespace diptych {
namespace {

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorCode::Unsupported, std::string("The model has no ") + what);
}

} // namespace

double matchScore(std::span<const float> logits) {
    DIPTYCH_ASSERT(logits.size() == 1 || logits.size() == 2);
    return logits.size() == 1 ? static_cast<double>(logits[0])
                              : static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
}

ImageEmbeddings Outputs::images(std::span<const SampleId>, ImageFeature, const RunContext&) {
    refuse("image embeddings");
}

Matrix Outputs::texts(std::span<const std::string>, const RunContext&) {
    refuse("text embeddings");
}

Similarity Outputs::similarity() {
    refuse("similarity of images and texts");
}

PairMatches Outputs::match(std::span<const SampleId>, std::span<const std::vector<std::string>>,
                           const RunContext&) {
    refuse("image-text matching");
}

} // namespace diptych
