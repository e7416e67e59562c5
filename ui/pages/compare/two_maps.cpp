// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/two_maps.h"

#include "core/session/session.h"

namespace diptych::ui {

std::shared_ptr<const TwoMaps> makeTwoMaps(Session& session, const RunComparison& comparison,
                                           ProjectionMethod method, bool encodeMissing,
                                           const RunContext& context) {
    auto maps = std::make_shared<TwoMaps>();
    SpaceSpec spec = spaceSpecOf(session.workspace(), comparison.first, comparison.second);
    spec.encodeMissing = encodeMissing;
    maps->space = session.compareSpaces(spec, context);
    if (maps->space.answer != Answer::Ready)
        return maps;
    EmbeddingMap sides[2];
    for (const size_t i : {0, 1}) {
        const SpaceSide& side = i == 0 ? spec.first : spec.second;
        MapSpec map;
        map.dataset = spec.dataset;
        map.split = spec.split;
        map.model = side.model;
        map.device = side.device;
        map.precision = side.precision;
        map.alpha = side.alpha;
        map.projection.method = method;
        map.encodeMissing = encodeMissing;
        sides[i] = session.embeddingMap(map, context);
        maps->space.answer = sides[i].answer;
        maps->space.model = side.model;
        if (sides[i].answer != Answer::Ready)
            return maps;
    }
    std::unordered_map<SampleId, size_t> inSecond, inSpace;
    for (size_t i = 0; i < sides[1].points.size(); ++i)
        inSecond.emplace(sides[1].points[i].sample, i);
    for (size_t i = 0; i < maps->space.samples.size(); ++i)
        inSpace.emplace(maps->space.samples[i], i);
    for (size_t i = 0; i < sides[0].points.size(); ++i) {
        const SampleId sample = sides[0].points[i].sample;
        const auto second = inSecond.find(sample), space = inSpace.find(sample);
        if (second == inSecond.end() || space == inSpace.end())
            continue;
        maps->pointOf.emplace(sample, static_cast<int>(maps->samples.size()));
        maps->samples.push_back(sample);
        maps->firstX.push_back(sides[0].positions(i, 0));
        maps->firstY.push_back(sides[0].positions(i, 1));
        maps->secondX.push_back(sides[1].positions(second->second, 0));
        maps->secondY.push_back(sides[1].positions(second->second, 1));
        maps->kept.push_back(maps->space.overlap.commonOf[space->second]);
    }
    maps->disparity = alignPlane(maps->secondX, maps->secondY, maps->firstX, maps->firstY);
    return maps;
}

} // namespace diptych::ui
