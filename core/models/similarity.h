// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// How a model turns the cosine of an image and a text into a logit and a probability.
struct Similarity {
    enum class Kind {
        Softmax, ///< over the texts an image is compared with (CLIP, ALIGN)
        Sigmoid  ///< of each pair by itself (SigLIP)
    };
    Kind kind = Kind::Softmax;
    float scale = 1; ///< already exponentiated, e.g. 100
    float bias = 0;

    double logit(float cosine) const {
        return static_cast<double>(scale) * static_cast<double>(cosine) + static_cast<double>(bias);
    }
    /// Of one image to several texts. Softmax adds up to 1, Sigmoid does not.
    std::vector<double> probabilities(std::span<const float> cosines) const;
};
std::string_view similarityName(Similarity::Kind kind); ///< "softmax", "sigmoid"
/// For people: "softmax of 100 × cosine", "sigmoid of 117.3 × cosine - 12.93"
std::string similarityText(const Similarity& similarity);

} // namespace diptych
