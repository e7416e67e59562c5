// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/point_painter.h"

#include "core/base/parallel.h"
#include "ui/plots/point_index.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace diptych::ui {

namespace {

constexpr double kSmallestRim = 2.6;    // radius from which a point has a rim of the background's colour
constexpr double kSmallestHollow = 2.4; // radius from which squares are hollow
constexpr double kFade = 0.74;          // how far what is not selected goes towards the background
constexpr int kSmallestBand = 64;       // lines worth a thread

/// @param cover 0 to 256
inline uint32_t mix(uint32_t below, uint32_t above, uint32_t cover) {
    const uint32_t rest = 256 - cover;
    const uint32_t redBlue = (((above & 0xff00ffU) * cover + (below & 0xff00ffU) * rest) >> 8U) & 0xff00ffU;
    const uint32_t green = (((above & 0x00ff00U) * cover + (below & 0x00ff00U) * rest) >> 8U) & 0x00ff00U;
    return 0xff000000U | redBlue | green;
}

double discCover(double dx, double dy, double radius) {
    return std::clamp(radius + 0.5 - std::sqrt(dx * dx + dy * dy), 0.0, 1.0);
}

double squareCover(double dx, double dy, double half) {
    return std::clamp(half + 0.5 - std::abs(dx), 0.0, 1.0) * std::clamp(half + 0.5 - std::abs(dy), 0.0, 1.0);
}

double ringCover(double dx, double dy, double half) {
    const double hole = half - std::max(1.2, half * 0.38);
    return squareCover(dx, dy, half) - squareCover(dx, dy, hole);
}

/// Sums of what falls onto a pixel.
struct Heap {
    float weight = 0, red = 0, green = 0, blue = 0;
};

} // namespace

struct PointPainter::Job {
    uchar* bits; // of the image
    qsizetype stride;
    const PointIndex& index;
    std::span<const PointStyle> styles;
    const PlotTransform& transform;

    uint32_t* line(int y) const { return reinterpret_cast<uint32_t*>(bits + y * stride); }
};

void PointPainter::setLook(Look look) {
    m_look = std::move(look);
    m_faded.clear();
    for (const QRgb color : m_look.palette)
        m_faded.push_back(mix(color, m_look.background, static_cast<uint32_t>(kFade * 256)));
    if (m_stampRadius == m_look.radius && m_stampOpacity == m_look.opacity)
        return;
    m_stampRadius = m_look.radius;
    m_stampOpacity = m_look.opacity;
    for (const bool square : {false, true}) {
        const double size = square ? m_look.radius * 1.1 : m_look.radius; // fewer, and hollow
        const bool hollow = square && m_look.radius >= kSmallestHollow;
        m_marks[square] = makeStamps(size, square, hollow, hollow ? 1 : m_look.opacity);
        m_rims[square] = makeStamps(size + 0.9, square, false, 0.9);
    }
}

PointPainter::Stamps PointPainter::makeStamps(double radius, bool square, bool hollow, double opacity) {
    Stamps stamps;
    // Marks smaller than a pixel are one pixel wide and paler.
    const double drawn = std::max(radius, 0.5);
    const double strength = opacity * std::min(1.0, radius / drawn);
    const int reach = static_cast<int>(std::ceil(drawn + 1));
    for (int step = 0; step < kSteps * kSteps; ++step) {
        Stamp& stamp = stamps[static_cast<size_t>(step)];
        stamp.left = stamp.top = -reach;
        stamp.width = stamp.height = 2 * reach + 1;
        const double offsetX = (step % kSteps + 0.5) / kSteps - 0.5;
        const double offsetY = (step / kSteps + 0.5) / kSteps - 0.5;
        for (int y = -reach; y <= reach; ++y)
            for (int x = -reach; x <= reach; ++x) {
                const double dx = x - offsetX, dy = y - offsetY;
                const double cover = hollow   ? ringCover(dx, dy, drawn)
                                     : square ? squareCover(dx, dy, drawn)
                                              : discCover(dx, dy, drawn);
                stamp.cover.push_back(static_cast<uint16_t>(std::lround(256 * strength * cover)));
            }
    }
    return stamps;
}

bool PointPainter::drawnIn(const PointStyle& style, Pass pass) const {
    if ((style.flags & PointStyle::Hidden) != 0)
        return false;
    const bool front =
        m_look.selection ? (style.flags & PointStyle::Selected) != 0 : (style.flags & PointStyle::Faded) == 0;
    return front == (pass == Pass::Front);
}

QRgb PointPainter::colorOf(const PointStyle& style, Pass pass) const {
    const bool faded = pass == Pass::Back || (style.flags & PointStyle::Faded) != 0;
    return (faded ? m_faded : m_look.palette)[style.color];
}

void PointPainter::paint(QImage& image, const QRect& area, const PointIndex& index,
                         std::span<const PointStyle> styles, const PlotTransform& transform) const {
    const QRect inside = area.intersected(image.rect());
    if (inside.isEmpty())
        return;
    const Job job{image.bits(), image.bytesPerLine(), index, styles, transform};
    const int threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U));
    // More bands than threads, since points are not spread evenly.
    const int bands = std::clamp(inside.height() / kSmallestBand, 1, threads > 1 ? threads * 3 : 1);
    parallelFor(static_cast<size_t>(bands), static_cast<unsigned>(threads), [&](size_t i) {
        const int n = static_cast<int>(i);
        const int top = inside.top() + inside.height() * n / bands;
        const int end = inside.top() + inside.height() * (n + 1) / bands;
        paintBand(job, {inside.left(), top, inside.width(), end - top});
    });
}

void PointPainter::paintBand(const Job& job, const QRect& band) const {
    for (int y = band.top(); y <= band.bottom(); ++y)
        std::fill_n(job.line(y) + band.left(), band.width(), m_look.background | 0xff000000U);
    for (const Pass pass : {Pass::Back, Pass::Front}) {
        if (m_look.density)
            paintDensity(job, band, pass);
        else
            paintMarks(job, band, pass);
    }
}

template<class Use>
void PointPainter::forEachDrawn(const Job& job, const QRectF& area, Pass pass, Use use) const {
    job.index.forEachRun(job.transform.toPlane(area), [&](uint32_t first, uint32_t end) {
        for (uint32_t place = first; place < end; ++place) {
            const PointStyle style = job.styles[place];
            if (!drawnIn(style, pass))
                continue;
            const QPointF at = job.transform.toPixel(static_cast<double>(job.index.xs()[place]),
                                                     static_cast<double>(job.index.ys()[place]));
            if (area.contains(at))
                use(at, style);
        }
    });
}

void PointPainter::paintMarks(const Job& job, const QRect& band, Pass pass) const {
    const double reach = m_look.radius + 3;
    const bool rims = m_look.radius >= kSmallestRim && pass == Pass::Front;
    const auto stampAt = [&](const Stamp& stamp, int x, int y, QRgb color) {
        const int left = std::max(x + stamp.left, band.left());
        const int right = std::min(x + stamp.left + stamp.width - 1, band.right());
        const int top = std::max(y + stamp.top, band.top());
        const int bottom = std::min(y + stamp.top + stamp.height - 1, band.bottom());
        for (int py = top; py <= bottom; ++py) {
            uint32_t* line = job.line(py);
            const uint16_t* cover =
                stamp.cover.data() + (py - y - stamp.top) * stamp.width - (x + stamp.left);
            for (int px = left; px <= right; ++px)
                if (cover[px] != 0)
                    line[px] = mix(line[px], color, cover[px]);
        }
    };
    const QRectF wide = QRectF(band).adjusted(-reach, -reach, reach, reach);
    forEachDrawn(job, wide, pass, [&](const QPointF& at, const PointStyle& style) {
        const double column = std::floor(at.x()), line = std::floor(at.y());
        const auto step = static_cast<size_t>((at.x() - column) * kSteps) +
                          static_cast<size_t>((at.y() - line) * kSteps) * kSteps;
        const bool square = (style.flags & PointStyle::Square) != 0;
        if (rims)
            stampAt(m_rims[square][step], static_cast<int>(column), static_cast<int>(line),
                    m_look.background);
        stampAt(m_marks[square][step], static_cast<int>(column), static_cast<int>(line),
                colorOf(style, pass));
    });
}

void PointPainter::paintDensity(const Job& job, const QRect& band, Pass pass) const {
    // Each point's weight is shared by the four pixels about it.
    const int width = band.width() + 1;
    std::vector<Heap> heaps(static_cast<size_t>(width) * static_cast<size_t>(band.height() + 1));
    bool any = false;
    const auto add = [&](int x, int y, double weight, QRgb color) {
        if (x < band.left() || x > band.right() || y < band.top() || y > band.bottom())
            return;
        Heap& heap = heaps[static_cast<size_t>(y - band.top()) * static_cast<size_t>(width) +
                           static_cast<size_t>(x - band.left())];
        const auto share = static_cast<float>(weight);
        heap.weight += share;
        heap.red += share * static_cast<float>(qRed(color));
        heap.green += share * static_cast<float>(qGreen(color));
        heap.blue += share * static_cast<float>(qBlue(color));
    };
    const QRectF wide = QRectF(band).adjusted(-2, -2, 2, 2);
    forEachDrawn(job, wide, pass, [&](const QPointF& at, const PointStyle& style) {
        any = true;
        const QRgb color = colorOf(style, pass);
        const double left = std::floor(at.x() - 0.5), top = std::floor(at.y() - 0.5);
        const double right = at.x() - 0.5 - left, low = at.y() - 0.5 - top;
        const int x = static_cast<int>(left), y = static_cast<int>(top);
        add(x, y, (1 - right) * (1 - low), color);
        add(x + 1, y, right * (1 - low), color);
        add(x, y + 1, (1 - right) * low, color);
        add(x + 1, y + 1, right * low, color);
    });
    if (!any)
        return;
    // Solid where there are several times as many as on average; a single point is to be seen as well.
    const double usual = std::max(1.0, 1 / (m_look.spacing * m_look.spacing));
    const double least = pass == Pass::Front && m_look.selection ? 0.55 : 0.22;
    for (int y = band.top(); y <= band.bottom(); ++y)
        for (int x = band.left(); x <= band.right(); ++x) {
            const Heap& heap = heaps[static_cast<size_t>(y - band.top()) * static_cast<size_t>(width) +
                                     static_cast<size_t>(x - band.left())];
            if (heap.weight <= 0)
                continue;
            const double weight = static_cast<double>(heap.weight);
            const double cover =
                std::min(1.0, weight) * least + (1 - least) * (1 - std::exp(-0.55 * weight / usual));
            const auto channel = [&](float sum) {
                return static_cast<int>(static_cast<double>(sum) / weight);
            };
            job.line(y)[x] =
                mix(job.line(y)[x], qRgb(channel(heap.red), channel(heap.green), channel(heap.blue)),
                    static_cast<uint32_t>(std::clamp(cover, 0.0, 1.0) * 256));
        }
}

} // namespace diptych::ui
