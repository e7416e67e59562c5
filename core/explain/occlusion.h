// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/models/model.h"

#include <cstddef>
#include <span>
#include <vector>

namespace diptych {

// What the similarity of a picture and a text comes from, found by covering parts of the picture: slow, but
// no assumption about the model is in it, so it checks every other answer. Covered patches get the value 0
// after normalisation, the mean colour of the training set where the preprocessing takes that off.

/// Rows and columns of the patches that a prepared picture is covered by.
struct CoverGrid {
    int height = 0, width = 0;
    int patchSize = 0; ///< side of one in pixels
    size_t patches() const { return static_cast<size_t>(height) * static_cast<size_t>(width); }
};
/// Of a picture as @p model prepares it. @throws Error Unsupported for a model without patches of one size
CoverGrid coverGrid(const ModelInfo& model, const Prepared& sample);

/// By how much the cosine with @p text falls when a square of @p window x @p window patches around each patch
/// is covered, [patches]; negative where it rises. @param text [d], of length 1 @param window odd
/// @throws Error InvalidArgument (window); as Embedder; Cancelled
std::vector<float> occlusion(Embedder& embedder, const Prepared& sample, const CoverGrid& grid,
                             std::span<const float> text, int window, const RunContext& context);

/// The cosine while more and more of a picture is covered, or shown.
struct CoverCurve {
    std::vector<float> cosines; ///< at 0, 1/steps, ... 1 of the patches
    double area() const;        ///< under the curve over [0, 1], by trapezoids
};
struct CoverCurves {
    CoverCurve deletion;  ///< the most relevant patches are covered first: falls early where they matter
    CoverCurve insertion; ///< the most relevant are shown first in a covered picture: rises early
};
/// Source: Petsiuk, Das and Saenko 2018, "RISE", section 4.1, on patches. Equal values keep their order.
/// @param values [patches], the most relevant highest @param steps at least 1
CoverCurves coverCurves(Embedder& embedder, const Prepared& sample, const CoverGrid& grid,
                        std::span<const float> values, std::span<const float> text, int steps,
                        const RunContext& context);

} // namespace diptych
