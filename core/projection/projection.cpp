// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/projection.h"

#include "core/metrics/check.h"
#include "core/projection/pca.h"

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
constexpr std::array kNames{Names{ProjectionMethod::Pca, "pca", "PCA"}};

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
    require(std::ranges::find(kNames, options.method, &Names::method) != kNames.end(),
            "There is no such projection yet; projectionMethods() lists those there are");
    require(options.dimensions == 2 || options.dimensions == 3,
            fmt::format("A map has 2 or 3 dimensions, not {}", options.dimensions));
}

Projection project(const Matrix& features, const ProjectionOptions& options, const RunContext& context,
                   const FrameCallback&) {
    checkProjectionOptions(options);
    requireNotEmpty(features.rows(), "points");
    requireNotEmpty(features.cols(), "feature columns");
    requireFinite(features, "Features");
    return projectByPca(features, options, context);
}

} // namespace diptych
