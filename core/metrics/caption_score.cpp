// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/caption_score.h"

#include "core/metrics/check.h"

#include <algorithm>
#include <cmath>

namespace diptych {

namespace {

template<class T>
double cosine(std::span<const T> a, std::span<const T> b) {
    requireSameLength(a.size(), "values in one vector", b.size(), "in the other");
    requireFinite(a, "Embedding value");
    requireFinite(b, "Embedding value");
    double dot = 0, squareA = 0, squareB = 0;
    for (size_t k = 0; k < a.size(); ++k) {
        const double x = a[k], y = b[k];
        dot += x * y;
        squareA += x * x;
        squareB += y * y;
    }
    return squareA > 0 && squareB > 0 ? dot / (std::sqrt(squareA) * std::sqrt(squareB)) : 0;
}

void requireNumber(double value, std::string_view what) {
    requireFinite(std::span<const double>(&value, 1), what);
}

} // namespace

double cosineSimilarity(std::span<const float> a, std::span<const float> b) {
    return cosine(a, b);
}
double cosineSimilarity(std::span<const double> a, std::span<const double> b) {
    return cosine(a, b);
}

double clipScore(double imageCaptionCosine, double weight) {
    requireNumber(imageCaptionCosine, "Similarity");
    return weight * std::max(imageCaptionCosine, 0.0);
}

double refClipScore(double clipScore, double bestReferenceCosine) {
    requireNumber(clipScore, "CLIPScore");
    requireNumber(bestReferenceCosine, "Similarity");
    const double reference = std::max(bestReferenceCosine, 0.0);
    const double sum = clipScore + reference;
    return sum > 0 ? 2 * clipScore * reference / sum : 0;
}

} // namespace diptych
