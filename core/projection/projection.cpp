// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/projection.h"

#include "core/metrics/check.h"
#include "core/projection/pca.h"
#include "core/projection/tsne.h"
#include "core/projection/umap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

struct Names {
    ProjectionMethod method;
    const char *name, *title;
};
constexpr std::array kNames{Names{ProjectionMethod::Pca, "pca", "PCA"},
                            Names{ProjectionMethod::Tsne, "tsne", "t-SNE"},
                            Names{ProjectionMethod::Umap, "umap", "UMAP"}};

const Names& namesOf(ProjectionMethod method) {
    return *std::ranges::find(kNames, method, &Names::method);
}

Projection projectByPca(const Matrix& features, const ProjectionOptions& options, const RunContext& context) {
    const Pca pca = fitPca(features, options.dimensions, context);
    const Matrix coordinates = pca.transform(features, context.threadCount());
    Projection out;
    out.positions = Matrix(features.rows(), options.dimensions);
    for (size_t i = 0; i < features.rows(); ++i)
        std::ranges::copy(coordinates.row(i), out.positions.row(i).begin());
    out.explainedVarianceRatio = pca.varianceRatio;
    out.explainedVarianceRatio.resize(
        options.dimensions); // fewer components than axes: the rest carry nothing
    return out;
}

} // namespace

std::string projectionMethodName(ProjectionMethod method) {
    return namesOf(method).name;
}

std::string projectionMethodTitle(ProjectionMethod method) {
    return namesOf(method).title;
}

const std::vector<ProjectionMethod>& projectionMethods() {
    static const std::vector<ProjectionMethod> all = [] {
        std::vector<ProjectionMethod> methods;
        for (const Names& names : kNames)
            methods.push_back(names.method);
        return methods;
    }();
    return all;
}

ProjectionMethod parseProjectionMethod(std::string_view name) {
    const auto found = std::ranges::find(kNames, name, &Names::name);
    if (found != kNames.end())
        return found->method;
    std::vector<std::string> known;
    for (const Names& names : kNames)
        known.push_back(names.name);
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no projection '{}'; there are: {}", name, fmt::join(known, ", ")));
}

void checkProjectionOptions(const ProjectionOptions& options) {
    const auto require = [](bool good, const std::string& message) {
        if (!good)
            throw Error(ErrorCode::InvalidArgument, message);
    };
    require(options.dimensions == 2 || options.dimensions == 3,
            fmt::format("A map has 2 or 3 dimensions, not {}", options.dimensions));
    require(options.method != ProjectionMethod::Tsne || options.dimensions == 2,
            "t-SNE draws maps of 2 dimensions only; PCA and UMAP know 3");
    require(options.perplexity >= 2 && options.perplexity <= 500,
            fmt::format("The perplexity is {}; it may be 2 to 500", options.perplexity));
    require(options.neighbours >= 2 && options.neighbours <= 500,
            fmt::format("{} neighbours were asked for; it may be 2 to 500", options.neighbours));
    require(options.minDistance >= 0 && options.minDistance <= 0.99,
            fmt::format("The least distance is {}; it may be 0 to 0.99", options.minDistance));
    require(options.iterations <= 10'000,
            fmt::format("{} iterations were asked for; at most 10,000 are made", options.iterations));
}

std::string projectionNoteText(ProjectionNote note, const ProjectionOptions& options, size_t points) {
    switch (note) {
    case ProjectionNote::PerplexityLowered:
        return fmt::format(
            "The perplexity of {} was lowered to {:.3g}: {} points have no more neighbours to weigh",
            options.perplexity, std::max(1.0, static_cast<double>(points - 1) / 3), points);
    case ProjectionNote::NeighboursLowered:
        return fmt::format("Only {} of {} neighbours were used: the map has no more points", points,
                           options.neighbours);
    case ProjectionNote::StartedFromPca:
        return "UMAP started from the principal components: the graph of neighbours falls into parts that "
               "are not "
               "connected, or is very small, so how far apart those parts lie in the map means even less";
    }
    return "";
}

Projection project(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                   const FrameCallback& onFrame) {
    checkProjectionOptions(options);
    requireNotEmpty(features.rows(), "points");
    requireNotEmpty(features.cols(), "feature columns");
    requireFinite(features, "Features");
    switch (options.method) {
    case ProjectionMethod::Tsne:
        return projectByTsne(features, options, context, onFrame);
    case ProjectionMethod::Umap:
        return projectByUmap(features, options, context, onFrame);
    case ProjectionMethod::Pca:
        break;
    }
    return projectByPca(features, options, context);
}

} // namespace diptych
