// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace diptych {

// CLIPScore (Hessel, Holtzman, Forbes, Le Bras, Choi: CLIPScore: A Reference-free Evaluation Metric for Image
// Captioning, EMNLP 2021, sections 3 and 3.1). The authors' program puts "A photo depicts " before captions
// and references; that is the caller's business.

/// The paper's w.
inline constexpr double kClipScoreWeight = 2.5;

/// a.b / (|a| |b|), computed in double precision; a vector of zeros is left as it is and gives 0 (as
/// scikit-learn's normalize, which the authors' program uses).
/// @throws Error InvalidArgument for lengths that differ, NaN, infinity
double cosineSimilarity(std::span<const float> a, std::span<const float> b);
double cosineSimilarity(std::span<const double> a, std::span<const double> b);

/// w max(cos(image, caption), 0).
double clipScore(double imageCaptionCosine, double weight = kClipScoreWeight);

/// Harmonic mean of CLIPScore (with its w) and max(max over references of cos(reference, caption), 0); 0 if
/// both are 0. The authors' program leaves negative reference similarities unclipped; this follows the paper.
double refClipScore(double clipScore, double bestReferenceCosine);

} // namespace diptych
