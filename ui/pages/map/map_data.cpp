// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_data.h"

#include "ui/models/formatting.h"

#include <algorithm>
#include <map>

namespace diptych::ui {

namespace {

constexpr size_t kMostLabels = 250;

/// Images and the texts that belong to them, as index pairs.
std::vector<std::pair<uint32_t, uint32_t>> pairsOf(const std::vector<MapPoint>& points) {
    std::map<SampleId, uint32_t> imageOf;
    std::map<int, uint32_t> classOf;
    for (uint32_t i = 0; i < points.size(); ++i) {
        if (points[i].kind == MapPoint::Kind::Image)
            imageOf.emplace(points[i].sample, i);
        else if (points[i].kind == MapPoint::Kind::Class)
            classOf.emplace(points[i].label, i);
    }
    std::vector<std::pair<uint32_t, uint32_t>> pairs;
    for (uint32_t i = 0; i < points.size(); ++i) {
        if (points[i].kind == MapPoint::Kind::Caption) {
            if (const auto found = imageOf.find(points[i].sample); found != imageOf.end())
                pairs.emplace_back(found->second, i);
        } else if (points[i].kind == MapPoint::Kind::Image) {
            if (const auto found = classOf.find(points[i].label); found != classOf.end())
                pairs.emplace_back(i, found->second);
        }
    }
    return pairs;
}

void fillPartners(MapData& data) {
    const auto pairs = pairsOf(data.map.points);
    if (pairs.empty())
        return;
    data.firstPartner.assign(data.size() + 1, 0);
    for (const auto& [image, text] : pairs) {
        ++data.firstPartner[image + 1];
        ++data.firstPartner[text + 1];
    }
    for (size_t i = 1; i < data.firstPartner.size(); ++i)
        data.firstPartner[i] += data.firstPartner[i - 1];
    std::vector<uint32_t> next(data.firstPartner.begin(), data.firstPartner.end() - 1);
    data.partners.resize(2 * pairs.size());
    for (const auto& [image, text] : pairs) {
        data.partners[next[image]++] = text;
        data.partners[next[text]++] = image;
    }
}

} // namespace

MapDataPtr makeMapData(const Workspace& workspace, EmbeddingMap map, const MapSpec& spec) {
    auto data = std::make_shared<MapData>();
    data->spec = spec;
    if (const auto info = workspace.findDataset(spec.dataset)) {
        data->dataset = info->id;
        data->classNames = workspace.classNames(info->id);
    }
    std::vector<SampleId> ids;
    for (const MapPoint& point : map.points)
        if (point.kind == MapPoint::Kind::Image)
            ids.push_back(point.sample);
    std::map<SampleId, QString> keys;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        keys.emplace(sample.id, toQString(sample.key));
    data->names.reserve(static_cast<qsizetype>(map.points.size()));
    for (size_t i = 0; i < map.points.size(); ++i) {
        const MapPoint& point = map.points[i];
        const bool image = point.kind == MapPoint::Kind::Image;
        data->names.append(image ? keys[point.sample] : toQString(point.text));
        data->texts.push_back(image ? 0 : 1);
        if (point.sample)
            data->ofSample.emplace_back(point.sample, static_cast<int>(i));
    }
    std::sort(data->ofSample.begin(), data->ofSample.end());
    data->map = std::move(map);
    fillPartners(*data);
    return data;
}

std::vector<uint8_t> MapData::pointsOf(const std::vector<SampleId>& samples) const {
    std::vector<uint8_t> in(size(), 0);
    auto next = samples.begin();
    for (const auto& [sample, point] : ofSample) {
        while (next != samples.end() && *next < sample)
            ++next;
        if (next == samples.end())
            break;
        if (*next == sample)
            in[static_cast<size_t>(point)] = 1;
    }
    return in;
}

int MapData::pointOf(SampleId sample) const {
    const auto found = std::lower_bound(ofSample.begin(), ofSample.end(), std::pair(sample, 0));
    return sample && found != ofSample.end() && found->first == sample ? found->second : -1;
}

std::vector<SampleId> MapData::samplesOf(const std::vector<int>& points, bool wholeClasses) const {
    std::vector<SampleId> samples;
    for (const int point : points) {
        const MapPoint& one = map.points[static_cast<size_t>(point)];
        if (one.sample)
            samples.push_back(one.sample);
        else if (wholeClasses)
            for (const MapPoint& other : map.points)
                if (other.sample && other.label == one.label)
                    samples.push_back(other.sample);
    }
    std::sort(samples.begin(), samples.end());
    samples.erase(std::unique(samples.begin(), samples.end()), samples.end());
    return samples;
}

std::vector<std::pair<int, QString>> MapData::classLabels() const {
    std::vector<std::pair<int, QString>> labels;
    for (size_t i = 0; i < size(); ++i)
        if (map.points[i].kind == MapPoint::Kind::Class)
            labels.emplace_back(static_cast<int>(i), names[static_cast<qsizetype>(i)]);
    if (labels.size() > kMostLabels)
        labels.clear();
    return labels;
}

std::vector<float> MapData::coordinate(size_t axis) const {
    std::vector<float> values(size());
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = map.positions(i, axis);
    return values;
}

} // namespace diptych::ui
