// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_axes.h"

#include "ui/models/formatting.h"

#include <limits>
#include <optional>
#include <unordered_map>

namespace diptych::ui {

namespace {

using Cosines = std::unordered_map<SampleId, float>;

SearchResult cosinesWith(Session& session, const MapSpec& spec, const std::string& text,
                         const RunContext& context) {
    SearchQuery query;
    query.dataset = spec.dataset;
    query.model = spec.model;
    query.split = spec.split;
    query.text = text;
    query.limit = std::numeric_limits<size_t>::max();
    query.encodeMissing = spec.encodeMissing;
    return session.search(query, context);
}

/// @return why there are none, else nothing
std::optional<Answer> addCosines(Session& session, const MapSpec& spec, const std::string& text, float sign,
                                 Cosines& sums, const RunContext& context) {
    if (text.empty())
        return std::nullopt;
    const SearchResult found = cosinesWith(session, spec, text, context);
    if (found.answer != Answer::Ready)
        return found.answer;
    for (const SearchHit& hit : found.hits)
        sums[hit.sample] += sign * hit.cosine;
    return std::nullopt;
}

} // namespace

QString TextAxis::title() const {
    const auto quoted = [](const std::string& words) { return QStringLiteral("“%1”").arg(toQString(words)); };
    return minus.empty() ? quoted(text) : quoted(text) + QStringLiteral(" − ") + quoted(minus);
}

EmbeddingMap textAxesMap(Session& session, const MapSpec& spec, const TextAxes& axes,
                         const RunContext& context) {
    EmbeddingMap map;
    Cosines x, y;
    for (const auto& [axis, sums] : {std::pair(&axes.x, &x), std::pair(&axes.y, &y)})
        for (const bool subtracted : {false, true})
            if (const auto why = addCosines(session, spec, subtracted ? axis->minus : axis->text,
                                            subtracted ? -1.0F : 1.0F, *sums, context)) {
                map.answer = *why;
                return map;
            }
    const auto info = session.workspace().findDataset(spec.dataset);
    const std::vector<SampleId> ids =
        info ? session.workspace().sampleIds(info->id) : std::vector<SampleId>();
    for (const Sample& sample : session.workspace().samples(ids, SampleDetail::Basic))
        if (x.contains(sample.id) && y.contains(sample.id))
            map.points.push_back({MapPoint::Kind::Image, sample.id, sample.label, {}});
    map.positions = Matrix(map.points.size(), 2);
    for (size_t i = 0; i < map.points.size(); ++i) {
        map.positions(i, 0) = x[map.points[i].sample];
        map.positions(i, 1) = y[map.points[i].sample];
    }
    return map;
}

} // namespace diptych::ui
