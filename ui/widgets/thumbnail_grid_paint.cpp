// SPDX-License-Identifier: GPL-3.0-or-later
// How a ThumbnailGrid looks.
#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tag_badges.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace diptych::ui {

const QPixmap* ThumbnailGrid::scaledPixmap(SampleId sample) {
    if (const QPixmap* found = m_scaled.object(sample.value))
        return found;
    const double ratio = devicePixelRatioF();
    const int side = static_cast<int>(std::lround(m_shownSide * ratio));
    const ThumbnailProvider::Thumbnail thumbnail = m_thumbnails.thumbnail(sample, side, this);
    if (thumbnail.status == ThumbnailProvider::Status::Pending)
        return nullptr;
    auto* pixmap = new QPixmap;
    if (thumbnail.status == ThumbnailProvider::Status::Ready) {
        // Small pictures are shown larger, at most twice, so that rows of icons do not look lost.
        const QSize limit = (thumbnail.image.size() * ratio * 2).boundedTo(QSize(side, side));
        const QSize size = thumbnail.image.size().scaled(limit, Qt::KeepAspectRatio).expandedTo(QSize(1, 1));
        *pixmap = QPixmap(size);
        pixmap->fill(Qt::transparent);
        QPainter painter(pixmap);
        painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        QPainterPath corners;
        corners.addRoundedRect(QRectF(QPointF(0, 0), QSizeF(size)), 4 * ratio, 4 * ratio);
        painter.setClipPath(corners);
        painter.drawImage(QRect(QPoint(0, 0), size),
                          thumbnail.image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
        painter.end();
        pixmap->setDevicePixelRatio(ratio);
    }
    m_scaled.insert(sample.value, pixmap);
    return pixmap;
}

void ThumbnailGrid::paintPicture(QPainter& painter, const QRect& square, SampleId sample) {
    const theme::Colors& c = theme::colors();
    const QPixmap* pixmap = scaledPixmap(sample);
    if (pixmap && !pixmap->isNull()) {
        const QSizeF size = pixmap->deviceIndependentSize();
        const QPointF corner(square.left() + (square.width() - size.width()) / 2,
                             square.top() + (square.height() - size.height()) / 2);
        if (size.width() < square.width() - 1 || size.height() < square.height() - 1) {
            painter.setBrush(c.window);
            painter.drawRoundedRect(square, 4, 4);
        }
        painter.drawPixmap(corner, *pixmap);
        return;
    }
    painter.setBrush(c.window);
    painter.drawRoundedRect(square, 4, 4);
    if (pixmap) { // made, and failed
        QRect icon(0, 0, 32, 32);
        icon.moveCenter(square.center());
        theme::icon(QStringLiteral("image-broken")).paint(&painter, icon);
    }
}

void ThumbnailGrid::paintText(QPainter& painter, const QRect& area, const QModelIndex& index) {
    const theme::Colors& c = theme::colors();
    const QFontMetrics metrics = painter.fontMetrics();
    QString name = index.data(Qt::DisplayRole).toString();
    name = name.mid(name.lastIndexOf(QLatin1Char('/')) + 1);
    const QRect first(area.left(), area.top(), area.width(), metrics.height());
    const auto flags = Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine;
    painter.setPen(c.text);
    painter.drawText(first, flags, metrics.elidedText(name, Qt::ElideMiddle, area.width()));
    if (m_subtitleShown) {
        const QString subtitle = index.data(kSubtitleRole).toString();
        painter.setPen(c.mutedText);
        painter.drawText(first.translated(0, metrics.height()), flags,
                         metrics.elidedText(subtitle, Qt::ElideRight, area.width()));
    }
    painter.setPen(Qt::NoPen);
}

void ThumbnailGrid::paintCell(QPainter& painter, int row) {
    const theme::Colors& c = theme::colors();
    const QModelIndex index = model()->index(row, 0, rootIndex());
    const QRect cell = cellRect(row);
    const bool selected = selectionModel()->isSelected(index);
    const bool current = index == currentIndex();
    if (selected || (current && hasFocus())) {
        painter.setPen(current && hasFocus() ? QPen(c.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(selected ? QBrush(c.accentSoft) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(QRectF(cell).adjusted(0.75, 0.75, -0.75, -0.75), theme::kRadius,
                                theme::kRadius);
        painter.setPen(Qt::NoPen);
    }
    const QRect square(cell.left() + kPadding, cell.top() + kPadding, m_shownSide, m_shownSide);
    paintPicture(painter, square, sampleOf(index));
    if (m_facts)
        if (const SampleFact* fact = m_facts->find(sampleOf(index)))
            paintTagBadges(painter, square, *fact);
    paintText(painter, QRect(square.left(), square.bottom() + 1 + theme::kTiny, m_shownSide, m_textHeight),
              index);
}

void ThumbnailGrid::paintEvent(QPaintEvent* event) {
    const theme::Colors& c = theme::colors();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), c.surface);
    painter.setPen(Qt::NoPen);
    painter.setFont(theme::font(theme::Text::Caption));
    const auto [first, last] = visibleRows();
    for (int row = first; row < last; ++row)
        if (cellRect(row).intersects(event->rect()))
            paintCell(painter, row);
    if (!m_rubberBand.isNull() && state() == DragSelectingState) {
        QColor fill = c.accent;
        fill.setAlphaF(0.15F);
        painter.setBrush(fill);
        painter.setPen(QPen(c.accent, 1));
        painter.drawRect(m_rubberBand.translated(0, -verticalOffset()));
    }
}

} // namespace diptych::ui
