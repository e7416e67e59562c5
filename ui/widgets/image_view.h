// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>
#include <QWidget>

namespace diptych {
struct Image;
}

namespace diptych::ui {

/// The core's picture as Qt's, alpha kept. Thread-safe.
QImage toQImage(const Image& image);

/// One picture, fitted to the widget until zoomed: wheel or +/- zoom about the pointer, drag pans, double
/// click or 0 fits again, Z shows pixels one to one. Transparent parts show a checkerboard.
class ImageView : public QWidget {
    Q_OBJECT
public:
    explicit ImageView(QWidget* parent = nullptr);

    void setImage(const QImage& image); ///< fits; a null image shows the placeholder
    /// The same picture drawn otherwise: zoom and place stay where the size does.
    void replaceImage(const QImage& image);
    const QImage& image() const { return m_image; }
    /// What is said where there is no picture, e.g. why it cannot be read.
    void setPlaceholder(const QString& text);

    double zoom() const { return m_zoom; } ///< device-independent pixels per image pixel
    bool fitted() const { return m_fitted; }
    void fit();
    /// @param anchor the point of the widget that stays where it is
    void setZoom(double zoom, QPointF anchor);
    QSize sizeHint() const override { return {480, 360}; }

Q_SIGNALS:
    void zoomChanged(double zoom);
    /// The pointer is over this pixel of the picture, (-1, -1) when it is over none. @param where on the
    /// screen
    void hovered(const QPoint& pixel, const QPoint& where);

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QRectF target() const;
    double fitZoom() const;
    void clampOffset();

    QImage m_image;
    QString m_placeholder;
    double m_zoom = 1;
    QPointF m_offset; ///< of the picture's centre from the widget's centre
    bool m_fitted = true;
    QPointF m_dragFrom;
    bool m_dragging = false;
};

} // namespace diptych::ui
