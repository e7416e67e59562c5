// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_export.h"

#include "ui/plots/plot_export.h"
#include "ui/theme/theme.h"

#include <QBuffer>
#include <QImage>
#include <QLinearGradient>
#include <QPainter>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr int kDensity = 2;
constexpr int kLegendWidth = 200;
constexpr int kLine = 20, kSwatch = 10;

void paintValues(QPainter& painter, const QRect& area, const Coloring& coloring,
                 const std::vector<QRgb>& palette) {
    const QRect bar(area.left() + 12, area.top() + 16, area.width() - 24, 12);
    QLinearGradient ramp(bar.topLeft(), bar.topRight());
    for (int i = 0; i < kRampColors; i += 15)
        ramp.setColorAt(i / (kRampColors - 1.0), QColor::fromRgb(palette[static_cast<size_t>(i)]));
    painter.fillRect(bar, ramp);
    painter.setPen(theme::colors().text);
    const QRect text(bar.left(), bar.bottom() + 4, bar.width(), kLine);
    painter.drawText(text, Qt::AlignLeft, QString::number(coloring.low, 'g', 3));
    painter.drawText(text, Qt::AlignRight, QString::number(coloring.high, 'g', 3));
}

void paintCategories(QPainter& painter, const QRect& area, const std::vector<LegendEntry>& entries,
                     const std::vector<uint8_t>& hidden) {
    const int room = (area.height() - 24) / kLine;
    int line = 0;
    int shown = 0;
    for (size_t i = 0; i < entries.size(); ++i)
        shown += i < hidden.size() && hidden[i] != 0 ? 0 : 1;
    for (size_t i = 0; i < entries.size() && line < room; ++i) {
        if (i < hidden.size() && hidden[i] != 0)
            continue;
        const QRect row(area.left() + 12, area.top() + 12 + line * kLine, area.width() - 24, kLine);
        ++line;
        painter.setPen(theme::colors().text);
        if (line == room && shown > room) {
            painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                             QStringLiteral("… +%1").arg(shown - room + 1));
            return;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor::fromRgb(entries[i].color));
        painter.drawEllipse(QRectF(row.left(), row.center().y() - kSwatch / 2.0, kSwatch, kSwatch));
        painter.setPen(theme::colors().text);
        painter.drawText(
            row.adjusted(kSwatch + 8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(entries[i].name, Qt::ElideRight, row.width() - kSwatch - 8));
    }
}

void paintMap(QPainter& painter, PointCanvas& canvas, const Coloring& coloring,
              const std::vector<uint8_t>& hidden, Ramp ramp, bool shapes) {
    painter.save();
    painter.setClipRect(canvas.rect());
    canvas.render(painter, shapes);
    painter.restore();
    const QRect side(canvas.width(), 0, kLegendWidth, canvas.height());
    painter.fillRect(side, theme::colors().surface);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme::font(theme::Text::Body));
    const PointColors colors = pointColors(coloring, ramp);
    if (coloring.values)
        paintValues(painter, side, coloring, colors.palette);
    else
        paintCategories(painter, side, legendOf(coloring, colors), hidden);
}

} // namespace

QByteArray mapPng(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp) {
    QImage image(QSize(canvas.width() + kLegendWidth, canvas.height()) * kDensity, QImage::Format_RGB32);
    image.setDevicePixelRatio(kDensity);
    QPainter painter(&image);
    paintMap(painter, canvas, coloring, hidden, ramp, false);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

QByteArray mapSvg(PointCanvas& canvas, const Coloring& coloring, const std::vector<uint8_t>& hidden,
                  Ramp ramp) {
    return svgBytes({canvas.width() + kLegendWidth, canvas.height()}, canvas.accessibleName(),
                    [&](QPainter& painter) { paintMap(painter, canvas, coloring, hidden, ramp, true); });
}

} // namespace diptych::ui
