// SPDX-License-Identifier: GPL-3.0-or-later
// What a PointCanvas paints over its points: axes, pair lines, pictures, marks of what is current, the line
// being drawn, the card under the pointer.
#include "ui/plots/point_canvas.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {

constexpr size_t kMostPairLines = 2000; // of selected points
constexpr int kCardPicture = 176, kCardText = 260;

/// A round step (1, 2 or 5 times a power of ten) that gives about @p wanted ticks.
double tickStep(double range, double wanted) {
    const double raw = range / wanted;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double rest = raw / power;
    return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

QRectF fitted(const QSizeF& size, const QRectF& area) {
    QRectF inside(QPointF(), size.scaled(area.size(), Qt::KeepAspectRatio));
    inside.moveCenter(area.center());
    return inside;
}

} // namespace

void PointCanvas::paintEvent(QPaintEvent*) {
    ensureImage();
    QPainter painter(this);
    painter.drawImage(QPointF(), m_image);
    paintOverlays(painter);
    paintDrawing(painter);
    paintCard(painter);
    if (hasFocus()) {
        painter.setPen(QPen(theme::colors().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void PointCanvas::paintOverlays(QPainter& painter) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.setFont(theme::font(theme::Text::Caption));
    paintAxes(painter);
    paintPairs(painter);
    paintPictures(painter);
    paintLabels(painter);
    paintMarks(painter);
    if (m_hovered >= 0)
        paintRing(painter, m_hovered, theme::colors().mutedText, 1.5);
    if (m_current >= 0)
        paintRing(painter, m_current, theme::colors().text, 2);
}

void PointCanvas::render(QPainter& painter, bool shapes) {
    painter.fillRect(rect(), theme::colors().surface);
    const int hovered = std::exchange(m_hovered, -1); // where the pointer is belongs to no picture
    if (shapes) {
        painter.setRenderHint(QPainter::Antialiasing);
        paintShapes(painter);
    } else {
        const double ratio = painter.device()->devicePixelRatioF();
        QImage image((QSizeF(size()) * ratio).toSize(), QImage::Format_RGB32);
        image.setDevicePixelRatio(ratio);
        PointPainter points;
        points.setLook(lookFor(ratio));
        const PlotTransform here = transform();
        points.paint(image, image.rect(), m_index, m_styles,
                     {here.scale * ratio, here.x * ratio, here.y * ratio});
        painter.drawImage(QPointF(), image);
    }
    paintOverlays(painter);
    m_hovered = hovered;
}

void PointCanvas::paintShapes(QPainter& painter) {
    const PointPainter::Look look = lookFor(1);
    const QRectF wide = QRectF(rect()).adjusted(-8, -8, 8, 8);
    for (const bool front : {false, true})
        m_index.forEachRun(transform().toPlane(wide), [&](uint32_t first, uint32_t end) {
            for (uint32_t place = first; place < end; ++place) {
                const PointStyle style = m_styles[place];
                const bool forward = look.selection ? (style.flags & PointStyle::Selected) != 0
                                                    : (style.flags & PointStyle::Faded) == 0;
                const QPointF at = position(static_cast<int>(m_index.points()[place]));
                if ((style.flags & PointStyle::Hidden) != 0 || forward != front || !wide.contains(at))
                    continue;
                QColor color = QColor::fromRgb(look.palette[style.color]);
                color.setAlphaF(front ? static_cast<float>(look.opacity) : 0.25F);
                const bool square = (style.flags & PointStyle::Square) != 0;
                painter.setPen(square ? QPen(color, 1.2) : QPen(Qt::NoPen));
                painter.setBrush(square ? QBrush(Qt::NoBrush) : QBrush(color));
                if (square)
                    painter.drawRect(QRectF(at.x() - look.radius * 0.8, at.y() - look.radius * 0.8,
                                            look.radius * 1.6, look.radius * 1.6));
                else
                    painter.drawEllipse(at, look.radius, look.radius);
            }
        });
}

void PointCanvas::paintAxes(QPainter& painter) {
    if (m_xTitle.isEmpty() && m_yTitle.isEmpty())
        return;
    const PlotTransform here = transform();
    const QRectF plane = here.toPlane(QRectF(rect()));
    const QFontMetricsF metrics(painter.font());
    QColor line = theme::colors().text;
    line.setAlphaF(0.10F);
    const double stepX = tickStep(plane.width(), width() / 110.0);
    const double stepY = tickStep(plane.height(), height() / 90.0);
    for (double x = std::ceil(plane.left() / stepX) * stepX; x <= plane.right(); x += stepX) {
        const double at = std::round(here.toPixel(x, 0).x()) + 0.5;
        painter.setPen(line);
        painter.drawLine(QPointF(at, 0), QPointF(at, height()));
        painter.setPen(theme::colors().mutedText);
        painter.drawText(QPointF(at + 4, height() - metrics.descent() - 4),
                         QString::number(std::abs(x) < stepX / 2 ? 0.0 : x, 'g', 4));
    }
    for (double y = std::ceil(plane.top() / stepY) * stepY; y <= plane.bottom(); y += stepY) {
        const double at = std::round(here.toPixel(0, y).y()) + 0.5;
        painter.setPen(line);
        painter.drawLine(QPointF(0, at), QPointF(width(), at));
        painter.setPen(theme::colors().mutedText);
        if (at < height() - 2 * metrics.height())
            painter.drawText(QPointF(6, at - 4), QString::number(std::abs(y) < stepY / 2 ? 0.0 : y, 'g', 4));
    }
    painter.setPen(theme::colors().text);
    const double below = height() - metrics.height() * 2 - 6;
    painter.drawText(QRectF(6, below, width() - 12, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                     m_xTitle + QStringLiteral(" →"));
    painter.drawText(QRectF(44, 4, width() - 50, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     QStringLiteral("↑ ") + m_yTitle);
}

void PointCanvas::paintPairs(QPainter& painter) {
    if (m_firstPair.size() != m_x.size() + 1)
        return;
    const QRectF sight = QRectF(rect()).adjusted(-width(), -height(), width(), height());
    size_t drawn = 0;
    const auto draw = [&](size_t point) {
        if (isHidden(static_cast<int>(point)))
            return;
        const QPointF from = position(static_cast<int>(point));
        for (uint32_t k = m_firstPair[point]; k < m_firstPair[point + 1]; ++k) {
            const auto partner = static_cast<int>(m_pairs[k]);
            if (isHidden(partner))
                continue;
            const QPointF to = position(partner);
            if (sight.contains(from) || sight.contains(to)) {
                painter.drawLine(from, to);
                ++drawn;
            }
        }
    };
    QColor line = theme::colors().text;
    if (m_allPairs || m_anySelected) {
        painter.setRenderHint(QPainter::Antialiasing, false); // many: a frame's time is theirs otherwise
        line.setAlphaF(m_anySelected ? 0.30F : 0.14F);
        painter.setPen(QPen(line, 1));
        for (size_t point = 0; point < m_x.size() && drawn < kMostPairLines; ++point)
            if (m_selected[point] != 0 || (m_allPairs && !m_anySelected))
                draw(point);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    line.setAlphaF(0.8F);
    painter.setPen(QPen(line, 1.4));
    for (const int point : {m_current, m_hovered})
        if (point >= 0)
            draw(static_cast<size_t>(point));
}

const QPixmap* PointCanvas::pixmapOf(int point, double side) {
    if (const QPixmap* there = m_pixmaps.object(point))
        return there;
    const double ratio = devicePixelRatioF();
    const int pixels = static_cast<int>(std::lround(side * ratio));
    const QImage image = m_source->picture(point, pixels);
    if (image.isNull())
        return nullptr;
    auto* pixmap = new QPixmap(
        QPixmap::fromImage(image.scaled(pixels, pixels, Qt::KeepAspectRatio, Qt::SmoothTransformation)));
    pixmap->setDevicePixelRatio(ratio);
    const int kilobytes = 1 + pixels * pixels * 4 / 1024;
    return m_pixmaps.insert(point, pixmap, kilobytes) ? m_pixmaps.object(point) : nullptr;
}

void PointCanvas::paintPictures(QPainter& painter) {
    const theme::Colors& colors = theme::colors();
    for (const PlacedPicture& picture : pictures()) {
        const QPixmap* pixmap = pixmapOf(picture.point, picture.area.width());
        if (!pixmap)
            continue;
        const bool selected = m_selected[static_cast<size_t>(picture.point)] != 0;
        const QSizeF size = QSizeF(pixmap->size()) / pixmap->devicePixelRatio();
        const QRectF shown = fitted(size, picture.area);
        const bool back =
            (m_anySelected && !selected) ||
            (m_colors.raised >= 0 && m_colors.raised != m_colors.of[static_cast<size_t>(picture.point)]);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.surface); // so that no point shows through
        painter.drawRoundedRect(shown.adjusted(-3, -3, 3, 3), 5, 5);
        painter.setOpacity(back ? 0.25 : 1);
        if (!back) {
            painter.setBrush(colorOf(picture.point));
            painter.drawRoundedRect(shown.adjusted(-2, -2, 2, 2), 4, 4);
        }
        painter.drawPixmap(shown, *pixmap, QRectF(pixmap->rect()));
        painter.setOpacity(1);
    }
}

void PointCanvas::paintLabels(QPainter& painter) {
    QFont font = theme::font(theme::Text::Caption);
    font.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font);
    QPainterPath texts;
    QList<QRectF> taken;
    for (const auto& [point, text] : m_labels) {
        const QPointF at = position(point) + QPointF(m_painter.look().radius / devicePixelRatioF() + 4, 0);
        const QRectF room(at.x(), at.y() - metrics.height() / 2, metrics.horizontalAdvance(text),
                          metrics.height());
        const bool free = std::none_of(taken.begin(), taken.end(),
                                       [&](const QRectF& other) { return other.intersects(room); });
        if (isHidden(point) || !free || !room.intersects(QRectF(rect())))
            continue;
        taken.append(room);
        texts.addText(QPointF(room.left(), room.top() + metrics.ascent()), font, text);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme::colors().surface, 3.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(texts); // so that it can be read on points
    painter.fillPath(texts, theme::colors().text);
}

void PointCanvas::paintMarks(QPainter& painter) {
    constexpr double kHalf = 6;
    QFont font = theme::font(theme::Text::Caption);
    font.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font);
    const QPen rim(theme::colors().surface, 3.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    for (const PlaneMark& mark : m_marks) {
        const QPointF at = positionOf(mark);
        QPainterPath shape, text;
        shape.addPolygon(QPolygonF{at + QPointF(0, -kHalf), at + QPointF(kHalf, 0), at + QPointF(0, kHalf),
                                   at + QPointF(-kHalf, 0)});
        shape.closeSubpath();
        const double wide = metrics.horizontalAdvance(mark.name);
        const bool left = at.x() + kHalf + 4 + wide > width() && at.x() - kHalf - 4 - wide > 0;
        text.addText(
            at + QPointF(left ? -kHalf - 4 - wide : kHalf + 4, metrics.ascent() / 2 - metrics.descent() / 2),
            font, mark.name);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(rim);
        painter.drawPath(text);
        painter.drawPath(shape);
        painter.fillPath(text, theme::colors().text);
        painter.fillPath(shape, theme::colors().accent);
    }
}

void PointCanvas::paintRing(QPainter& painter, int point, const QColor& color, double width) {
    if (isHidden(point))
        return;
    painter.setBrush(Qt::NoBrush);
    const auto outline = [&](const QColor& pen, double thick) {
        painter.setPen(QPen(pen, thick));
        for (const PlacedPicture& picture : m_placed)
            if (picture.point == point) {
                painter.drawRoundedRect(picture.area.adjusted(-3, -3, 3, 3), 5, 5);
                return;
            }
        const double radius = m_painter.look().radius / devicePixelRatioF() + 3;
        painter.drawEllipse(position(point), radius, radius);
    };
    outline(theme::colors().surface, width + 2);
    outline(color, width);
}

void PointCanvas::paintDrawing(QPainter& painter) {
    if (!m_drawing || !m_drawing->far)
        return;
    QColor fill = theme::colors().accent;
    fill.setAlphaF(0.12F);
    painter.setBrush(fill);
    painter.setPen(QPen(theme::colors().accent, 1.5));
    QPainterPath path;
    path.addPolygon(m_drawing->line);
    path.closeSubpath();
    path.setFillRule(Qt::WindingFill);
    painter.drawPath(path);
}

void PointCanvas::paintCard(QPainter& painter) {
    if (m_hovered < 0 || !m_source || m_drawing || panning())
        return;
    const PointCard card = m_source->card(m_hovered);
    if (card.title.isEmpty()) // nothing is known of points that are still being laid out
        return;
    const QImage image = m_source->picture(m_hovered, static_cast<int>(kCardPicture * devicePixelRatioF()));
    const QFont body = theme::font(theme::Text::Caption);
    QFont bold = body;
    bold.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(bold);
    const double line = metrics.height(), pad = theme::kSmall;
    QSizeF pictureSize;
    if (!image.isNull())
        pictureSize = QSizeF(image.size()).scaled(kCardPicture, kCardPicture, Qt::KeepAspectRatio);
    double textWidth = metrics.horizontalAdvance(card.title);
    for (const QString& text : card.lines)
        textWidth = std::max(textWidth, metrics.horizontalAdvance(text));
    textWidth = std::min<double>(textWidth, kCardText);
    const double textHeight = line * static_cast<double>(card.lines.size() + (card.title.isEmpty() ? 0 : 1));
    const double wide = std::max(pictureSize.width(), textWidth) + 2 * pad;
    const double high = pictureSize.height() + textHeight + 2 * pad + (image.isNull() ? 0 : pad / 2);
    QPointF corner = m_pointer + QPointF(18, 18);
    if (corner.x() + wide > width())
        corner.setX(m_pointer.x() - 18 - wide);
    if (corner.y() + high > height())
        corner.setY(std::max(2.0, height() - high - 2));
    const QRectF frame(corner, QSizeF(wide, high));
    painter.setPen(QPen(theme::colors().border, 1));
    painter.setBrush(theme::colors().surface);
    painter.drawRoundedRect(frame, theme::kRadius, theme::kRadius);
    double y = frame.top() + pad;
    if (!image.isNull()) {
        const QRectF area(frame.left() + (wide - pictureSize.width()) / 2, y, pictureSize.width(),
                          pictureSize.height());
        painter.drawImage(area, image);
        y = area.bottom() + pad / 2;
    }
    const auto write = [&](const QString& text, const QFont& font, const QColor& color) {
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(QRectF(frame.left() + pad, y, wide - 2 * pad, line), Qt::AlignVCenter,
                         QFontMetricsF(font).elidedText(text, Qt::ElideMiddle, wide - 2 * pad));
        y += line;
    };
    if (!card.title.isEmpty())
        write(card.title, bold, theme::colors().text);
    for (const QString& text : card.lines)
        write(text, body, theme::colors().mutedText);
}

} // namespace diptych::ui
