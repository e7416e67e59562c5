// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/image_view.h"

#include "core/image/image.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {

constexpr double kMaxZoom = 32.0;
constexpr double kZoomStep = 1.25;
constexpr int kCheckerSide = 8;

void paintCheckerboard(QPainter& painter, const QRectF& area) {
    const bool dark = theme::colors().dark;
    painter.fillRect(area, dark ? QColor(0x4a, 0x4e, 0x55) : QColor(0xff, 0xff, 0xff));
    const QColor other = dark ? QColor(0x38, 0x3c, 0x42) : QColor(0xd8, 0xdb, 0xe0);
    painter.save();
    painter.setClipRect(area, Qt::IntersectClip);
    const QRect whole = area.toAlignedRect();
    for (int y = whole.top(), row = 0; y <= whole.bottom(); y += kCheckerSide, ++row)
        for (int x = whole.left() + (row % 2) * kCheckerSide; x <= whole.right(); x += 2 * kCheckerSide)
            painter.fillRect(QRect(x, y, kCheckerSide, kCheckerSide), other);
    painter.restore();
}

} // namespace

QImage toQImage(const Image& image) {
    if (image.empty())
        return {};
    const bool hasAlpha = !image.alpha.empty();
    QImage out(image.width, image.height, hasAlpha ? QImage::Format_ARGB32 : QImage::Format_RGB32);
    const auto width = static_cast<size_t>(image.width);
    for (int y = 0; y < image.height; ++y) {
        const size_t start = width * static_cast<size_t>(y);
        const uint8_t* from = image.rgb.data() + 3 * start;
        auto* to = reinterpret_cast<QRgb*>(out.scanLine(y));
        for (size_t x = 0; x < width; ++x, from += 3)
            to[x] = qRgba(from[0], from[1], from[2], hasAlpha ? image.alpha[start + x] : 255);
    }
    return out;
}

ImageView::ImageView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(120, 90);
    setAccessibleName(tr("Picture"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
}

void ImageView::setImage(const QImage& image) {
    m_image = image;
    fit();
}

void ImageView::replaceImage(const QImage& image) {
    if (image.size() != m_image.size()) {
        setImage(image);
        return;
    }
    m_image = image;
    update();
}

void ImageView::setPlaceholder(const QString& text) {
    m_placeholder = text;
    update();
}

double ImageView::fitZoom() const {
    if (m_image.isNull())
        return 1;
    const double across = static_cast<double>(width()) / m_image.width();
    const double down = static_cast<double>(height()) / m_image.height();
    // Small pictures are enlarged, but not to mush.
    return std::max(std::min({across, down, 8.0}), 1e-3);
}

void ImageView::fit() {
    m_fitted = true;
    m_offset = {};
    m_zoom = fitZoom();
    setCursor(Qt::ArrowCursor);
    update();
    Q_EMIT zoomChanged(m_zoom);
}

void ImageView::setZoom(double zoom, QPointF anchor) {
    if (m_image.isNull())
        return;
    const double next = std::clamp(zoom, std::min(fitZoom(), 1.0), kMaxZoom);
    const QPointF centre = QRectF(rect()).center();
    const QPointF fromCentre = anchor - centre - m_offset;
    m_offset = anchor - centre - fromCentre * (next / m_zoom);
    m_zoom = next;
    m_fitted = false;
    clampOffset();
    setCursor(Qt::OpenHandCursor);
    update();
    Q_EMIT zoomChanged(m_zoom);
}

void ImageView::clampOffset() {
    const double slackX = std::max(0.0, (m_image.width() * m_zoom - width()) / 2);
    const double slackY = std::max(0.0, (m_image.height() * m_zoom - height()) / 2);
    m_offset = {std::clamp(m_offset.x(), -slackX, slackX), std::clamp(m_offset.y(), -slackY, slackY)};
}

QRectF ImageView::target() const {
    const QSizeF size(m_image.width() * m_zoom, m_image.height() * m_zoom);
    const QPointF centre = QRectF(rect()).center() + m_offset;
    return {centre - QPointF(size.width() / 2, size.height() / 2), size};
}

void ImageView::paintEvent(QPaintEvent*) {
    const theme::Colors& c = theme::colors();
    QPainter painter(this);
    painter.fillRect(rect(), c.sunken);
    if (m_image.isNull()) {
        painter.setPen(c.mutedText);
        painter.drawText(rect().adjusted(theme::kLarge, 0, -theme::kLarge, 0),
                         Qt::AlignCenter | Qt::TextWordWrap, m_placeholder);
    } else {
        const QRectF area = target();
        if (m_image.hasAlphaChannel())
            paintCheckerboard(painter, area.intersected(QRectF(rect())));
        // Above four device pixels a pixel people want to see the pixels.
        painter.setRenderHint(QPainter::SmoothPixmapTransform, m_zoom * devicePixelRatioF() < 4);
        painter.drawImage(area, m_image);
    }
    if (hasFocus()) {
        painter.setPen(QPen(c.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void ImageView::resizeEvent(QResizeEvent*) {
    if (m_fitted)
        fit();
    else
        clampOffset();
}

void ImageView::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    setZoom(m_zoom * std::pow(kZoomStep, steps), event->position());
    event->accept();
}

void ImageView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_fitted)
        return;
    m_dragging = true;
    m_dragFrom = event->position();
    setCursor(Qt::ClosedHandCursor);
}

void ImageView::mouseMoveEvent(QMouseEvent* event) {
    if (!m_dragging) {
        const QPointF inside = (event->position() - target().topLeft()) / m_zoom;
        const QPoint pixel(static_cast<int>(std::floor(inside.x())),
                           static_cast<int>(std::floor(inside.y())));
        Q_EMIT hovered(m_image.rect().contains(pixel) ? pixel : QPoint(-1, -1),
                       event->globalPosition().toPoint());
        return;
    }
    m_offset += event->position() - m_dragFrom;
    m_dragFrom = event->position();
    clampOffset();
    update();
}

void ImageView::leaveEvent(QEvent* event) {
    Q_EMIT hovered({-1, -1}, {});
    QWidget::leaveEvent(event);
}

void ImageView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !m_dragging)
        return;
    m_dragging = false;
    setCursor(Qt::OpenHandCursor);
}

void ImageView::mouseDoubleClickEvent(QMouseEvent*) {
    fit();
}

void ImageView::keyPressEvent(QKeyEvent* event) {
    const QPointF centre = QRectF(rect()).center();
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        setZoom(m_zoom * kZoomStep, centre);
        break;
    case Qt::Key_Minus:
        setZoom(m_zoom / kZoomStep, centre);
        break;
    case Qt::Key_0:
        fit();
        break;
    case Qt::Key_Z:
        setZoom(1.0 / devicePixelRatioF(), centre);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace diptych::ui
