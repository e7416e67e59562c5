// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/map/map_coloring.h"
#include "ui/pages/map/map_data.h"
#include "ui/plots/point_canvas.h"

namespace diptych::ui {

class SampleFacts;
class ThumbnailProvider;

/// Pictures and words for the points of a map, from what is known of their samples. GUI thread.
class MapSource : public PointSource {
public:
    /// Both outlive this.
    MapSource(ThumbnailProvider& thumbnails, SampleFacts& facts) : m_thumbnails(thumbnails), m_facts(facts) {}

    void setData(MapDataPtr data) { m_data = std::move(data); } ///< null = no points
    /// What the colours say is said of a point as well. @param title of it; empty = nothing more to say
    void setColoring(std::shared_ptr<const Coloring> coloring, const QString& title);

    QImage picture(int point, int side) override;
    PointCard card(int point) override;
    void setInSight(const std::vector<int>& points) override;

private:
    const MapPoint* find(int point) const;

    ThumbnailProvider& m_thumbnails;
    SampleFacts& m_facts;
    MapDataPtr m_data;
    std::shared_ptr<const Coloring> m_coloring;
    QString m_colorTitle;
};

} // namespace diptych::ui
