// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/projection/frame_callback.h"
#include "core/projection/neighbour_table.h"
#include "core/tensor/matrix.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// How points of many dimensions are laid out in two or three.
enum class ProjectionMethod { Pca, Tsne, Umap };

/// "pca", "tsne", "umap"
std::string projectionMethodName(ProjectionMethod method);
/// For people: "PCA", "t-SNE", "UMAP"
std::string projectionMethodTitle(ProjectionMethod method);
/// In the order of the enumeration.
const std::vector<ProjectionMethod>& projectionMethods();
/// @throws Error NotFound that lists those there are
ProjectionMethod parseProjectionMethod(std::string_view name);

/// What a projection is made with. The seed and the threads are the RunContext's.
struct ProjectionOptions {
    ProjectionMethod method = ProjectionMethod::Pca;
    size_t dimensions = 2;    ///< 2 or 3; t-SNE knows 2 only
    double perplexity = 30;   ///< t-SNE: neighbours that count, in the sense of an entropy; 2 to 500
    size_t neighbours = 15;   ///< UMAP: 2 to 500
    double minDistance = 0.1; ///< UMAP: how close points may lie in the map; 0 to 0.99
    size_t iterations = 0;    ///< t-SNE (after 250 early ones), UMAP: 0 = the method's own; at most 10,000
};
/// @throws Error InvalidArgument that names the option and what it may be
void checkProjectionOptions(const ProjectionOptions& options);

/// What was done otherwise than asked. Numbers are kept with maps: new ones go to the end.
enum class ProjectionNote {
    PerplexityLowered, ///< t-SNE: it may be at most a third of the other points
    NeighboursLowered, ///< UMAP: there are fewer points
    StartedFromPca     ///< UMAP: the graph of neighbours falls into parts, or is too small
};
/// A sentence for people. @param points of the map
std::string projectionNoteText(ProjectionNote note, const ProjectionOptions& options, size_t points);

/// Positions of the points in the map, and what is known of them.
struct Projection {
    Matrix positions; ///< [n, dimensions]
    /// PCA: the share of the variance that each axis carries, in [0, 1]; else empty.
    std::vector<double> explainedVarianceRatio;
    /// The nearest points by Euclidean distance in the features, where the method looked for them; else
    /// empty.
    NeighbourTable neighbours;
    double neighbourRecall = 1; ///< the share of the true neighbours among them, below 1 where there are many
    std::vector<ProjectionNote> notes; ///< mostly empty
};

/// Lays out the rows of @p features [n, d]. The same input, options and seed give the same bits, whatever the
/// number of threads, on one kind of processor. Distances are Euclidean. PCA is projection onto the
/// directions of most variance; t-SNE follows van der Maaten and Hinton (2008) with the interpolated gradient
/// of Linderman et al. (2019); UMAP follows McInnes, Healy and Melville (2018).
/// @throws Error InvalidArgument (no rows, NaN or infinite features, options out of range), OutOfMemory;
/// Cancelled
Projection project(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                   const FrameCallback& onFrame = {});

/// Changes whenever project() may give other positions for the same input: kept maps of another version are
/// computed anew.
inline constexpr int kProjectionVersion = 2;

} // namespace diptych
