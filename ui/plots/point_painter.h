// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPointF>
#include <QRect>
#include <QRgb>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace diptych::ui {

class PointIndex;

/// How one point is drawn.
struct PointStyle {
    enum Flag : uint8_t { Hidden = 1, Selected = 2, Square = 4, Faded = 8 };
    uint16_t color = 0; ///< index into the palette
    uint8_t flags = 0;
};

/// From a plane whose y points up to pixels whose y points down.
struct PlotTransform {
    double scale = 1;    ///< pixels for a unit
    double x = 0, y = 0; ///< pixel of the plane's origin

    QPointF toPixel(double px, double py) const { return {px * scale + x, y - py * scale}; }
    QPointF toPlane(const QPointF& pixel) const { return {(pixel.x() - x) / scale, (y - pixel.y()) / scale}; }
    QRectF toPlane(const QRectF& pixels) const {
        return QRectF(toPlane(pixels.bottomLeft()), toPlane(pixels.topRight())).normalized();
    }
};

/// Draws many points into an image. Below a certain spacing what is drawn is their density: brighter where
/// more of them lie, in the mean of their colours. What a pixel shows depends on scale and points alone, so
/// that a moved picture and a strip drawn beside it fit without a seam.
class PointPainter {
public:
    struct Look {
        double radius = 4;   ///< of a point, in the image's pixels
        double spacing = 10; ///< typical distance between neighbours, in the image's pixels
        bool density = false;
        double opacity = 0.85; ///< 0 to 1
        QRgb background = 0xffffffff;
        std::vector<QRgb> palette;
        bool selection = false; ///< whether what is not selected stands back
    };
    /// Cheap unless the radius is another one.
    void setLook(Look look);
    const Look& look() const { return m_look; }

    /// Draws the part @p area of @p image (RGB32), background included. @param styles by place
    void paint(QImage& image, const QRect& area, const PointIndex& index, std::span<const PointStyle> styles,
               const PlotTransform& transform) const;

private:
    static constexpr int kSteps = 4; ///< positions within a pixel, along each side
    /// How much of each pixel a mark covers, 0 to 256.
    struct Stamp {
        int left = 0, top = 0, width = 0, height = 0;
        std::vector<uint16_t> cover;
    };
    using Stamps = std::array<Stamp, static_cast<size_t>(kSteps) * kSteps>;
    enum class Pass { Back, Front };
    struct Job;

    static Stamps makeStamps(double radius, bool square, bool hollow, double opacity);
    void paintBand(const Job& job, const QRect& band) const;
    void paintMarks(const Job& job, const QRect& band, Pass pass) const;
    void paintDensity(const Job& job, const QRect& band, Pass pass) const;
    /// Calls @p use(position in the image, style) for the points of @p area that are drawn in this pass.
    template<class Use>
    void forEachDrawn(const Job& job, const QRectF& area, Pass pass, Use use) const;
    bool drawnIn(const PointStyle& style, Pass pass) const;
    QRgb colorOf(const PointStyle& style, Pass pass) const;

    Look m_look;
    std::vector<QRgb> m_faded; ///< the palette, towards the background
    std::array<Stamps, 2> m_marks,
        m_rims; ///< disc and square; the rim is drawn below in the background's colour
    double m_stampRadius = -1, m_stampOpacity = -1;
};

} // namespace diptych::ui
