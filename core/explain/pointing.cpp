// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/pointing.h"

#include "core/blocks/language.h"
#include "core/blocks/render.h"
#include "core/blocks/scene.h"
#include "core/explain/occlusion.h"
#include "core/metrics/bootstrap.h"

#include <algorithm>
#include <numeric>

namespace diptych {
namespace {

struct Question {
    Image picture;
    std::string text;
    Image named, any; ///< white where the object named is, or any object
};

Image maskOf(const std::vector<uint8_t>& seen, int side, std::optional<size_t> object) {
    Image mask{side, side, std::vector<uint8_t>(3 * seen.size()), {}};
    for (size_t i = 0; i < seen.size(); ++i)
        if (object ? seen[i] == *object + 1 : seen[i] > 0)
            std::fill_n(mask.rgb.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, uint8_t{255});
    return mask;
}

Question questionOf(uint64_t seed, size_t index, int side) {
    const uint64_t own = (seed << 32) + index;
    const blocks::Scene scene = blocks::makeScene(own, blocks::SceneKind::Several, blocks::Split::Test);
    const size_t object = index % scene.objects.size();
    blocks::Phrase phrase;
    phrase.colour = scene.objects[object].colour;
    phrase.shape = scene.objects[object].shape;
    blocks::Statement statement;
    statement.phrases = {phrase};
    const std::vector<uint8_t> seen = blocks::objectsSeen(scene, side);
    return {blocks::renderScene(scene, side), blocks::inWords(statement), maskOf(seen, side, object),
            maskOf(seen, side, std::nullopt)};
}

/// For every patch, whether its middle is white in the mask once that is preprocessed as a picture.
std::vector<bool> patchesOn(const Image& mask, const ImageProcessor& processor, const CoverGrid& grid) {
    const Image seen = processor.resized(mask);
    std::vector<bool> on;
    for (int row = 0; row < grid.height; ++row)
        for (int column = 0; column < grid.width; ++column) {
            const int x = column * grid.patchSize + grid.patchSize / 2;
            const int y = row * grid.patchSize + grid.patchSize / 2;
            on.push_back(seen.rgb.at(3 * static_cast<size_t>(y * seen.width + x)) > 127);
        }
    return on;
}

double shareOf(const std::vector<bool>& on) {
    return static_cast<double>(std::ranges::count(on, true)) / static_cast<double>(on.size());
}

Metric metricOf(const char* name, const std::vector<double>& hits, double chance, const RunContext& context) {
    Metric metric;
    metric.name = name;
    metric.n = hits.size();
    metric.value = std::accumulate(hits.begin(), hits.end(), 0.0) / static_cast<double>(hits.size());
    metric.interval = bootstrapMean(hits, {}, context);
    metric.chance = chance;
    return metric;
}

struct Hits {
    std::vector<double> named, any;
};

} // namespace

PointingGame playPointingGame(Model& model, const ImageProcessor& processor, const PointingOptions& options,
                              const RunContext& context) {
    std::vector<ExplainMethod> methods = options.methods;
    if (methods.empty())
        std::ranges::transform(explainMethods(), std::back_inserter(methods), &ExplainMethodInfo::method);
    const RunContext quiet{context.stop, nullptr, options.seed, context.threads};
    std::vector<Hits> hits(methods.size());
    PointingGame game;
    double namedShare = 0, anyShare = 0;
    context.begin("Pointing", static_cast<int64_t>(options.scenes));
    for (size_t i = 0; i < options.scenes; ++i) {
        context.throwIfCancelled();
        context.advance();
        const Question question = questionOf(options.seed, i, options.imageSize);
        const Prepared sample = model.prepare({&question.picture, 1});
        const CoverGrid grid = coverGrid(model.info(), sample);
        const std::vector<bool> named = patchesOn(question.named, processor, grid);
        const std::vector<bool> any = patchesOn(question.any, processor, grid);
        if (std::ranges::count(named, true) == 0) {
            ++game.unseen;
            continue;
        }
        ++game.scenes;
        namedShare += shareOf(named);
        anyShare += shareOf(any);
        for (size_t m = 0; m < methods.size(); ++m) {
            ExplainOptions chosen = options.explain;
            chosen.method = methods[m];
            const Relevance found = explain(model, sample, question.text, chosen, quiet);
            const auto highest =
                static_cast<size_t>(std::ranges::max_element(found.patches) - found.patches.begin());
            hits[m].named.push_back(named.at(highest) ? 1 : 0);
            hits[m].any.push_back(any.at(highest) ? 1 : 0);
        }
    }
    context.end();
    if (game.scenes == 0)
        throw Error(ErrorCode::InvalidArgument,
                    "No scene shows an object large enough to be pointed at; ask for more scenes");
    const auto count = static_cast<double>(game.scenes);
    for (size_t m = 0; m < methods.size(); ++m)
        game.scores.push_back({methods[m],
                               metricOf("pointing_named", hits[m].named, namedShare / count, quiet),
                               metricOf("pointing_any", hits[m].any, anyShare / count, quiet)});
    return game;
}

} // namespace diptych
