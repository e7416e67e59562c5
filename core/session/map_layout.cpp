// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/map_layout.h"

#include "core/projection/approximate_neighbours.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

// A layout is kept as a space of embeddings of its own: a row for each point with its position and
// preservation, one more for the axes' shares of the variance, and one for how well neighbours were found. So
// it has their checksums, and is listed and removed as they are.
constexpr size_t kRowsOfAll = 2;

std::vector<Hash128> layoutRows(size_t points) {
    std::vector<Hash128> hashes;
    for (size_t i = 0; i < points + kRowsOfAll; ++i)
        hashes.push_back(hashText(fmt::format("row {}", i)));
    return hashes;
}

/// Whether there are shares of the variance, and which notes, as bits.
float flagsOf(const Layout& layout) {
    unsigned flags = layout.explainedVarianceRatio.empty() ? 0 : 1;
    for (const ProjectionNote note : layout.notes)
        flags |= 2u << static_cast<unsigned>(note);
    return static_cast<float>(flags);
}

} // namespace

std::optional<Layout> readLayout(Workspace& workspace, const MapInput& input, size_t dimensions) {
    const size_t n = input.points.size();
    const auto space = workspace.embeddings().space(input.key, dimensions + 1);
    const auto rows = space->find(layoutRows(n));
    if (std::ranges::any_of(rows, [](int64_t row) { return row < 0; }))
        return std::nullopt;
    const Matrix kept = space->read(rows);
    Layout layout;
    layout.positions = Matrix(n, dimensions);
    for (size_t i = 0; i < n; ++i) {
        std::ranges::copy(kept.row(i).first(dimensions), layout.positions.row(i).begin());
        layout.preservation.push_back(kept(i, dimensions));
    }
    const auto flags = static_cast<unsigned>(kept(n, dimensions));
    if (flags & 1)
        layout.explainedVarianceRatio.assign(kept.row(n).begin(), kept.row(n).end() - 1);
    for (unsigned note = 0; flags >> (note + 1) != 0; ++note)
        if (flags & 2u << note)
            layout.notes.push_back(static_cast<ProjectionNote>(note));
    layout.neighbourRecall = static_cast<double>(kept(n + 1, 0));
    return layout;
}

void keepLayout(Workspace& workspace, const MapInput& input, const Layout& layout) {
    if (workspace.readOnly())
        return;
    const size_t dimensions = layout.positions.cols(), n = input.points.size();
    Matrix rows(n + kRowsOfAll, dimensions + 1);
    for (size_t i = 0; i < n; ++i) {
        std::ranges::copy(layout.positions.row(i), rows.row(i).begin());
        rows(i, dimensions) = layout.preservation[i];
    }
    for (size_t c = 0; c < layout.explainedVarianceRatio.size(); ++c)
        rows(n, c) = static_cast<float>(layout.explainedVarianceRatio[c]);
    rows(n, dimensions) = flagsOf(layout);
    rows(n + 1, 0) = static_cast<float>(layout.neighbourRecall);
    try {
        workspace.embeddings().describe(input.key, input.label);
        workspace.embeddings().space(input.key, dimensions + 1)->append(layoutRows(n), rows);
    } catch (const Error& error) { // a map that cannot be kept is still a map
        if (error.code() != ErrorCode::DiskFull)
            throw;
    }
}

Layout layOut(const MapSpec& spec, const MapInput& input, const RunContext& context,
              const FrameCallback& onFrame) {
    Projection projection;
    if (spec.axes.empty())
        projection = project(input.rows, spec.projection, context, onFrame);
    else // rows and axes have length 1: products are cosines
        projection.positions = multiplyTransposed(input.rows, input.axes, context.threadCount());
    Layout layout{std::move(projection.positions),
                  {},
                  projection.neighbourRecall,
                  std::move(projection.explainedVarianceRatio),
                  std::move(projection.notes)};
    if (projection.neighbours.k < std::min(kMapNeighbours, input.points.size() - 1)) {
        FoundNeighbours found = findNeighbours(input.rows, kMapNeighbours, context);
        projection.neighbours = std::move(found.table);
        layout.neighbourRecall = found.recall;
    }
    layout.preservation =
        neighbourhoodPreservation(projection.neighbours, layout.positions, kMapNeighbours, context);
    return layout;
}

} // namespace diptych
