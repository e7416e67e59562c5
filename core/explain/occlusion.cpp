// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/occlusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kBatch = 32;

/// Sets a patch of the picture to 0, or to what it is in @p source.
void setPatch(Prepared& sample, const CoverGrid& grid, size_t patch, const Prepared* source) {
    const auto put = [&](size_t at, size_t count) {
        const auto begin = sample.values.begin() + static_cast<std::ptrdiff_t>(at);
        if (source)
            std::copy_n(source->values.begin() + static_cast<std::ptrdiff_t>(at), count, begin);
        else
            std::fill_n(begin, count, 0.0f);
    };
    if (sample.gridHeight > 0) { // a row of values for each patch
        const auto length = static_cast<size_t>(sample.shape[1]);
        put(patch * length, length);
        return;
    }
    const auto height = static_cast<size_t>(sample.shape[1]), width = static_cast<size_t>(sample.shape[2]);
    const auto side = static_cast<size_t>(grid.patchSize);
    const size_t row = patch / static_cast<size_t>(grid.width) * side;
    const size_t column = patch % static_cast<size_t>(grid.width) * side;
    for (size_t channel = 0; channel < 3; ++channel)
        for (size_t y = row; y < row + side; ++y)
            put((channel * height + y) * width + column, side);
}

/// Cosines of @p count pictures with the text, made one batch after the other.
std::vector<float> cosinesOf(Embedder& embedder, std::span<const float> text, size_t count,
                             const std::function<Prepared(size_t)>& make, const RunContext& context) {
    std::vector<float> cosines;
    for (size_t first = 0; first < count; first += kBatch) {
        context.throwIfCancelled();
        std::vector<Prepared> batch;
        for (size_t i = first; i < std::min(count, first + kBatch); ++i)
            batch.push_back(make(i));
        Matrix rows = embedder.embedImages(batch, ImageFeature::Projected);
        normalizeRows(rows);
        for (size_t i = 0; i < rows.rows(); ++i)
            cosines.push_back(std::inner_product(text.begin(), text.end(), rows.row(i).begin(), 0.0f));
        context.advance(static_cast<int64_t>(batch.size()));
    }
    return cosines;
}

} // namespace

CoverGrid coverGrid(const ModelInfo& model, const Prepared& sample) {
    if (sample.gridHeight > 0)
        return {sample.gridHeight, sample.gridWidth, model.patchSize};
    if (model.patchSize <= 0 || sample.shape.size() != 3)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} does not see pictures as patches, so none can be covered", model.name));
    return {static_cast<int>(sample.shape[1]) / model.patchSize,
            static_cast<int>(sample.shape[2]) / model.patchSize, model.patchSize};
}

std::vector<float> occlusion(Embedder& embedder, const Prepared& sample, const CoverGrid& grid,
                             std::span<const float> text, int window, const RunContext& context) {
    if (window < 1 || window % 2 == 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The window is {} patches wide; it should be odd: 1, 3, 5, ...", window));
    context.begin("Covering parts of the picture", static_cast<int64_t>(grid.patches()) + 1);
    const auto covered = [&](size_t i) {
        Prepared changed = sample;
        if (i == 0) // as it is
            return changed;
        const int row = static_cast<int>(i - 1) / grid.width, column = static_cast<int>(i - 1) % grid.width;
        for (int y = std::max(0, row - window / 2); y <= std::min(grid.height - 1, row + window / 2); ++y)
            for (int x = std::max(0, column - window / 2); x <= std::min(grid.width - 1, column + window / 2);
                 ++x)
                setPatch(changed, grid, static_cast<size_t>(y * grid.width + x), nullptr);
        return changed;
    };
    std::vector<float> cosines = cosinesOf(embedder, text, grid.patches() + 1, covered, context);
    context.end();
    std::vector<float> falls;
    for (size_t i = 1; i < cosines.size(); ++i)
        falls.push_back(cosines[0] - cosines[i]);
    return falls;
}

double CoverCurve::area() const {
    double sum = 0;
    for (size_t i = 1; i < cosines.size(); ++i)
        sum += (double{cosines[i - 1]} + double{cosines[i]}) / 2;
    return sum / static_cast<double>(cosines.size() - 1);
}

CoverCurves coverCurves(Embedder& embedder, const Prepared& sample, const CoverGrid& grid,
                        std::span<const float> values, std::span<const float> text, int steps,
                        const RunContext& context) {
    DIPTYCH_ASSERT(values.size() == grid.patches() && steps >= 1);
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return values[a] > values[b]; });
    Prepared blank = sample;
    for (size_t patch = 0; patch < order.size(); ++patch)
        setPatch(blank, grid, patch, nullptr);
    const size_t points = static_cast<size_t>(steps) + 1;
    context.begin("Covering more and more of the picture", static_cast<int64_t>(2 * points));
    const auto changed = [&](size_t i, bool insertion) {
        Prepared out = insertion ? blank : sample;
        const size_t count = (i * order.size() + static_cast<size_t>(steps) / 2) / static_cast<size_t>(steps);
        for (const size_t patch : std::span(order).first(count))
            setPatch(out, grid, patch, insertion ? &sample : nullptr);
        return out;
    };
    CoverCurves curves;
    for (const bool insertion : {false, true})
        (insertion ? curves.insertion : curves.deletion).cosines = cosinesOf(
            embedder, text, points, [&](size_t i) { return changed(i, insertion); }, context);
    context.end();
    return curves;
}

} // namespace diptych
