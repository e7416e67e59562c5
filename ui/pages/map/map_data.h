// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/embedding_map.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diptych::ui {

/// A map with what the page needs to know of its points. Made on a worker, never changed after.
struct MapData {
    MapSpec spec;
    DatasetId dataset;
    EmbeddingMap map;
    std::vector<std::string> classNames;
    QStringList names; ///< by point: the sample's key, the class or the caption
    /// Image and caption points by sample, ascending: a sample may have several.
    std::vector<std::pair<SampleId, int>> ofSample;
    std::vector<uint8_t> texts; ///< by point: 1 = a text
    /// The partners of each point (an image its class or captions, a text its images) begin at
    /// firstPartner[point]; [points + 1], empty where the map has one kind of points alone.
    std::vector<uint32_t> firstPartner, partners;

    size_t size() const { return map.points.size(); }
    /// By point whether its sample is among @p samples (ascending).
    std::vector<uint8_t> pointsOf(const std::vector<SampleId>& samples) const;
    /// The point that stands for a sample, its image before its captions; -1 = none.
    int pointOf(SampleId sample) const;
    /// The samples that points stand for, each once, ascending; a class stands for all of its own where
    /// @p wholeClasses, else for none.
    std::vector<SampleId> samplesOf(const std::vector<int>& points, bool wholeClasses) const;
    /// Names to be written beside the points of classes; none where there are too many to read.
    std::vector<std::pair<int, QString>> classLabels() const;
    std::vector<float> coordinate(size_t axis) const;
};

using MapDataPtr = std::shared_ptr<const MapData>;

MapDataPtr makeMapData(const Workspace& workspace, EmbeddingMap map, const MapSpec& spec);

} // namespace diptych::ui
