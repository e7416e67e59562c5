// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_source.h"

#include "ui/models/formatting.h"
#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"

#include <QCoreApplication>

namespace diptych::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::MapSource", text);
}

} // namespace

void MapSource::setColoring(std::shared_ptr<const Coloring> coloring, const QString& title) {
    m_coloring = std::move(coloring);
    m_colorTitle = title;
}

const MapPoint* MapSource::find(int point) const {
    return m_data && point >= 0 && static_cast<size_t>(point) < m_data->size()
               ? &m_data->map.points[static_cast<size_t>(point)]
               : nullptr;
}

QImage MapSource::picture(int point, int side) {
    const MapPoint* found = find(point);
    if (!found || found->kind == MapPoint::Kind::Class)
        return {};
    return m_thumbnails.thumbnail(found->sample, side, this).image;
}

PointCard MapSource::card(int point) {
    const MapPoint* found = find(point);
    if (!found)
        return {};
    PointCard card;
    card.title = m_data->names[point].section(QLatin1Char('/'), -1);
    if (found->kind != MapPoint::Kind::Image)
        card.title = m_data->names[point];
    if (found->kind == MapPoint::Kind::Class)
        card.lines << tr("Class prompt");
    else if (const SampleFact* fact = m_facts.find(found->sample)) {
        if (!fact->className.isEmpty())
            card.lines << tr("Class: %1").arg(fact->className);
        if (!fact->tags.isEmpty())
            card.lines << tr("Tags: %1").arg(fact->tags.join(QStringLiteral(", ")));
    }
    if (m_coloring && !m_colorTitle.isEmpty())
        if (const QString text = m_coloring->textOf(point); !text.isEmpty())
            card.lines << QStringLiteral("%1: %2").arg(m_colorTitle, text);
    const auto& kept = m_data->map.preservation;
    if (static_cast<size_t>(point) < kept.size())
        card.lines << tr("%1 of its neighbours kept")
                          .arg(shareText(static_cast<double>(kept[static_cast<size_t>(point)])));
    return card;
}

void MapSource::setInSight(const std::vector<int>& points) {
    std::vector<SampleId> samples;
    for (const int point : points)
        if (const MapPoint* found = find(point))
            samples.push_back(found->sample);
    m_thumbnails.setVisible(this, samples);
}

} // namespace diptych::ui
