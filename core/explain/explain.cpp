// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"

#include "core/explain/occlusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

constexpr std::array<ExplainMethodInfo, 4> kMethods = {{
    {ExplainMethod::Relevance, "relevance", "Relevance",
     "Attention weighted by its gradient, through all layers: what spoke for the text."},
    {ExplainMethod::Occlusion, "occlusion", "Occlusion",
     "By how much the cosine falls when the place is covered; negative where it rises."},
    {ExplainMethod::PatchText, "patch-text", "Patch-text similarity",
     "Cosine of the patch's own last state with the text, which no training asked for."},
    {ExplainMethod::Attention, "attention", "Attention",
     "What a layer's attention gives to the patch; the same for every text."},
}};

Explainer& explainerOf(Model& model) {
    if (Explainer* explainer = model.explainer())
        return *explainer;
    throw Error(ErrorCode::Unsupported,
                fmt::format("{} has no attention to look at: that takes an image tower of patches and a text "
                            "tower. Occlusion works without attention",
                            model.info().name));
}

Relevance covered(Model& model, const Prepared& sample, const std::string& text, int window,
                  const RunContext& context) {
    const CoverGrid grid = coverGrid(model.info(), sample);
    Relevance out;
    out.gridHeight = grid.height;
    out.gridWidth = grid.width;
    out.patchSize = model.info().patchSize;
    out.patches = occlusion(*model.embedder(), sample, grid, unitText(model, text).row(0), window, context);
    return out;
}

} // namespace

std::span<const ExplainMethodInfo> explainMethods() {
    return kMethods;
}

const ExplainMethodInfo& explainMethod(ExplainMethod method) {
    return *std::ranges::find(kMethods, method, &ExplainMethodInfo::method);
}

std::optional<ExplainMethod> explainMethodNamed(std::string_view name) {
    const auto found = std::ranges::find(
        kMethods, name, [](const ExplainMethodInfo& info) { return std::string_view(info.name); });
    return found == kMethods.end() ? std::nullopt : std::optional(found->method);
}

Matrix unitText(Model& model, const std::string& text) {
    Embedder* embedder = model.embedder();
    if (!embedder || !model.info().faces.textEmbeddings)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} has no embeddings of texts to compare pictures with", model.info().name));
    Matrix row = embedder->embedTexts(std::span(&text, 1));
    normalizeRows(row);
    return row;
}

Relevance explain(Model& model, const Prepared& sample, const std::string& text,
                  const ExplainOptions& options, const RunContext& context) {
    context.throwIfCancelled();
    switch (options.method) {
    case ExplainMethod::Relevance:
        return explainerOf(model).relevance(sample, text, options.lastLayers);
    case ExplainMethod::PatchText:
        return explainerOf(model).patchSimilarity(sample, text);
    case ExplainMethod::Attention:
        return explainerOf(model).attention(sample, options.layer - 1, options.head - 1);
    case ExplainMethod::Occlusion:
        break;
    }
    return covered(model, sample, text, options.window, context);
}

} // namespace diptych
