// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/map_export.h"

#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/report/report_writers.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <numeric>
#include <unordered_map>

namespace diptych {
namespace {

constexpr std::array kAxes{"x", "y", "z"};

const char* kindName(MapPoint::Kind kind) {
    constexpr std::array kNames{"image", "class", "caption"};
    return kNames[static_cast<size_t>(kind)];
}

/// The double of fewest digits that is this float when rounded: 0.3, not 0.30000001192092896.
double shortest(float value) {
    char text[32];
    const auto written = std::to_chars(text, text + sizeof(text), value);
    double out = value;
    std::from_chars(text, written.ptr, out);
    return out;
}

std::vector<double> shortest(std::span<const float> values) {
    std::vector<double> out;
    for (const float value : values)
        out.push_back(shortest(value));
    return out;
}

/// The samples that points are about, and the dataset's class names.
class PointRows {
public:
    PointRows(const Workspace& workspace, const EmbeddingMap& map, const std::string& dataset) : m_map(map) {
        if (const auto found = workspace.findDataset(dataset))
            m_classNames = workspace.classNames(found->id);
        std::vector<SampleId> ids;
        for (const MapPoint& point : map.points)
            if (point.sample && (ids.empty() || ids.back() != point.sample))
                ids.push_back(point.sample);
        for (Sample& sample : workspace.samples(ids, SampleDetail::Basic))
            m_samples.emplace(sample.id, std::move(sample));
    }

    OrderedJson row(size_t i) const {
        const MapPoint& point = m_map.points[i];
        OrderedJson out;
        out["kind"] = kindName(point.kind);
        const auto sample = m_samples.find(point.sample);
        if (sample != m_samples.end()) {
            out["sample"] = point.sample.value;
            out["key"] = toValidUtf8(sample->second.key);
            out["image"] = displayPath(sample->second.path);
        }
        if (point.label >= 0 && static_cast<size_t>(point.label) < m_classNames.size())
            out["class"] = m_classNames[static_cast<size_t>(point.label)];
        if (sample != m_samples.end() && !sample->second.split.empty())
            out["split"] = sample->second.split;
        if (!point.text.empty())
            out["text"] = toValidUtf8(point.text);
        for (size_t c = 0; c < m_map.positions.cols(); ++c)
            out[kAxes[c]] = shortest(m_map.positions(i, c));
        out["preservation"] = shortest(m_map.preservation[i]);
        if (m_map.neighbours.k > 0)
            out["neighbors"] = {{"ids", m_map.neighbours.indices(i)},
                                {"distances", shortest(m_map.neighbours.distances(i))}};
        return out;
    }

private:
    const EmbeddingMap& m_map;
    std::vector<std::string> m_classNames;
    std::unordered_map<SampleId, Sample> m_samples;
};

std::string csvCell(const OrderedJson& row, const std::string& column) {
    const auto found = row.find(column);
    if (found == row.end())
        return "";
    return found->is_string()   ? csvField(found->get<std::string>())
           : found->is_object() ? csvField(found->dump())
                                : found->dump();
}

std::string csvText(const PointRows& rows, const EmbeddingMap& map) {
    std::vector<std::string> columns{"kind", "sample", "key", "image", "class", "split", "text"};
    columns.insert(columns.end(), kAxes.begin(), kAxes.begin() + static_cast<long>(map.positions.cols()));
    columns.push_back("preservation");
    if (map.neighbours.k > 0)
        columns.push_back("neighbors");
    std::string text = fmt::format("{}\n", fmt::join(columns, ","));
    for (size_t i = 0; i < map.points.size(); ++i) {
        const OrderedJson row = rows.row(i);
        for (size_t c = 0; c < columns.size(); ++c)
            text += (c == 0 ? "" : ",") + csvCell(row, columns[c]);
        text += "\n";
    }
    return text;
}

} // namespace

MapFormat mapFormat(const std::filesystem::path& file) {
    const std::string extension = lowerAscii(file.extension().string());
    if (extension == ".csv")
        return MapFormat::Csv;
    if (extension == ".json")
        return MapFormat::Json;
    if (extension == ".jsonl")
        return MapFormat::JsonLines;
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{}: a map is written as .csv, .json or .jsonl", displayPath(file)));
}

OrderedJson mapSummary(const EmbeddingMap& map, const MapSpec& spec) {
    const ProjectionOptions& options = spec.projection;
    OrderedJson out;
    out["dataset"] = spec.dataset;
    out["model"] = spec.model;
    if (!spec.split.empty())
        out["split"] = spec.split;
    out["method"] = spec.axes.empty() ? projectionMethodName(options.method) : "text-axes";
    out["dimensions"] = mapDimensions(spec);
    for (const TextAxis& axis : spec.axes)
        out["axes"].push_back(axis.less.empty() ? OrderedJson{{"text", axis.text}}
                                                : OrderedJson{{"text", axis.text}, {"less", axis.less}});
    const bool projected = spec.axes.empty();
    if (projected && options.method == ProjectionMethod::Tsne)
        out["perplexity"] = options.perplexity;
    if (projected && options.method == ProjectionMethod::Umap) {
        out["neighbours"] = options.neighbours;
        out["min_distance"] = options.minDistance;
    }
    if (projected && options.iterations != 0)
        out["iterations"] = options.iterations;
    out["seed"] = spec.seed;
    out["centered"] = spec.center;
    out["count"] = map.points.size();
    out["unreadable"] = map.failures.size();
    if (!map.explainedVarianceRatio.empty())
        out["explained_variance_ratio"] = map.explainedVarianceRatio;
    if (!map.preservation.empty())
        out["mean_preservation"] = std::accumulate(map.preservation.begin(), map.preservation.end(), 0.0) /
                                   static_cast<double>(map.preservation.size());
    if (map.neighbourRecall < 1)
        out["neighbour_recall"] = map.neighbourRecall;
    if (map.gap)
        out["modality_gap"] = {{"centroid_distance", map.gap->centroidDistance},
                               {"mean_pair_distance", map.gap->meanPairDistance},
                               {"pairs", map.gap->pairs}};
    for (const auto& [key, recall] :
         {std::pair("recall_at_1", map.recall), std::pair("recall_at_1_centered", map.centredRecall)})
        if (recall)
            out[key] = {{"image_to_text", recall->imageToText}, {"text_to_image", recall->textToImage}};
    for (const PlacedPoint& placed : map.placed) {
        OrderedJson one{{"name", toValidUtf8(placed.name)}};
        for (size_t c = 0; c < placed.position.size(); ++c)
            one[kAxes[c]] = shortest(placed.position[c]);
        one["nearest"] = placed.nearest;
        out["placed"].push_back(std::move(one));
    }
    if (!map.notes.empty())
        out["notes"] = map.notes;
    return out;
}

std::string mapText(const Workspace& workspace, const EmbeddingMap& map, const MapSpec& spec,
                    MapFormat format) {
    const PointRows rows(workspace, map, spec.dataset);
    if (format == MapFormat::Csv)
        return csvText(rows, map);
    std::string lines;
    OrderedJson whole = mapSummary(map, spec);
    whole["points"] = OrderedJson::array();
    for (size_t i = 0; i < map.points.size(); ++i) {
        if (format == MapFormat::JsonLines)
            lines += rows.row(i).dump() + "\n";
        else
            whole["points"].push_back(rows.row(i));
    }
    return format == MapFormat::JsonLines ? lines : whole.dump(1) + "\n";
}

} // namespace diptych
