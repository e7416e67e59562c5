// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/similarity.h"

#include "core/metrics/calibration.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {

std::vector<double> Similarity::probabilities(std::span<const float> cosines) const {
    if (kind == Kind::Softmax) // a bias that all share cancels
        return softmax(cosines, static_cast<double>(scale));
    std::vector<double> out;
    out.reserve(cosines.size());
    for (const float cosine : cosines)
        out.push_back(1 / (1 + std::exp(-logit(cosine))));
    return out;
}

std::string_view similarityName(Similarity::Kind kind) {
    return kind == Similarity::Kind::Softmax ? "softmax" : "sigmoid";
}

std::string similarityText(const Similarity& similarity) {
    std::string text =
        fmt::format("{} of {:.4g} × cosine", similarityName(similarity.kind), similarity.scale);
    if (similarity.bias != 0)
        text += fmt::format(" {} {:.4g}", similarity.bias < 0 ? "-" : "+", std::abs(similarity.bias));
    return text;
}

} // namespace diptych
