// SPDX-License-Identifier: GPL-3.0-or-later
// A PointCanvas's points and its view of them; painting and events have files of their own.
#include "ui/plots/point_canvas.h"

#include "ui/plots/point_canvas_accessible.h"
#include "ui/theme/theme.h"

#include <QMouseEvent>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace diptych::ui {

namespace {

constexpr double kFitMargin = 0.06; // of the side, left free when all is shown
constexpr double kClickRadius = 8;  // pixels from a point that still mean it
constexpr double kClosest = 400;    // pixels between neighbours at the largest scale
constexpr double kLeastFit = 0.2;   // of the scale that shows all
constexpr double kSmallestPicture = 44, kLargestPicture = 144, kPictureStep = 8;
constexpr double kSpacingForPictures = 42;
constexpr int kPixmapCacheKb = 48 * 1024;

} // namespace

PointCanvas::PointCanvas(QWidget* parent) : QWidget(parent), m_pixmaps(kPixmapCacheKb) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &PointCanvas::invalidate);
    makePointCanvasesAccessible();
    updateCursor();
}

PointCanvas::~PointCanvas() = default;

void PointCanvas::setSource(PointSource* source) {
    m_source = source;
    picturesChanged();
}

void PointCanvas::setPoints(std::vector<float> x, std::vector<float> y, std::vector<uint8_t> squares) {
    const size_t count = x.size();
    m_squares = std::move(squares);
    m_selected.assign(count, 0);
    m_leftOut.clear();
    m_anySelected = false;
    m_colors.of.assign(count, 0);
    m_colors.palette = {theme::chartColor(0).rgb()};
    m_colors.hidden = {0};
    m_colors.raised = -1;
    m_firstPair.clear();
    m_pairs.clear();
    m_labels.clear();
    m_marks.clear();
    m_fitArea = {};
    m_current = -1;
    setHovered(-1);
    m_placed.clear();
    m_pixmaps.clear();
    m_fitted = true;
    movePoints(std::move(x), std::move(y));
}

void PointCanvas::movePoints(std::vector<float> x, std::vector<float> y) {
    m_x = std::move(x);
    m_y = std::move(y);
    rebuild();
    if (m_fitted)
        fit();
}

void PointCanvas::rebuild() {
    m_index.build(m_x, m_y);
    m_placeOf.assign(m_x.size(), UINT32_MAX);
    for (size_t place = 0; place < m_index.size(); ++place)
        m_placeOf[m_index.points()[place]] = static_cast<uint32_t>(place);
    restyle();
}

void PointCanvas::restyle() {
    m_styles.resize(m_index.size());
    for (size_t place = 0; place < m_styles.size(); ++place) {
        const uint32_t point = m_index.points()[place];
        const uint16_t color = m_colors.of[point];
        unsigned flags = 0;
        if (color < m_colors.hidden.size() && m_colors.hidden[color] != 0)
            flags |= PointStyle::Hidden;
        if (point < m_leftOut.size() && m_leftOut[point] != 0)
            flags |= PointStyle::Hidden;
        if (m_selected[point] != 0)
            flags |= PointStyle::Selected;
        if (point < m_squares.size() && m_squares[point] != 0)
            flags |= PointStyle::Square;
        if (m_colors.raised >= 0 && m_colors.raised != color)
            flags |= PointStyle::Faded;
        m_styles[place] = {color, static_cast<uint8_t>(flags)};
    }
    invalidate();
}

void PointCanvas::invalidate() {
    m_imageStale = m_placedStale = true;
    update();
}

void PointCanvas::setColors(PointColors colors) {
    m_colors = std::move(colors);
    m_colors.of.resize(m_x.size());
    restyle();
}

void PointCanvas::setHidden(std::vector<uint8_t> hidden) {
    m_colors.hidden = std::move(hidden);
    restyle();
}

void PointCanvas::setLeftOut(std::vector<uint8_t> leftOut) {
    if (leftOut == m_leftOut)
        return;
    m_leftOut = std::move(leftOut);
    restyle();
}

void PointCanvas::setRaised(int color) {
    if (m_colors.raised == color)
        return;
    m_colors.raised = color;
    restyle();
}

void PointCanvas::setSelected(std::vector<uint8_t> selected, bool fadeOthers) {
    selected.resize(m_x.size());
    const bool any = fadeOthers && std::find(selected.begin(), selected.end(), 1) != selected.end();
    if (selected == m_selected && any == m_anySelected)
        return;
    m_selected = std::move(selected);
    m_anySelected = any;
    restyle();
}

void PointCanvas::setCurrent(int point) {
    if (point == m_current)
        return;
    m_current = point;
    m_placedStale = true;
    announceCurrentPoint(*this);
    update();
}

void PointCanvas::setPairs(std::vector<uint32_t> first, std::vector<uint32_t> partners) {
    m_firstPair = std::move(first);
    m_pairs = std::move(partners);
    update();
}

void PointCanvas::setLabels(std::vector<std::pair<int, QString>> labels) {
    m_labels = std::move(labels);
    update();
}

void PointCanvas::setMarks(std::vector<PlaneMark> marks) {
    m_marks = std::move(marks);
    update();
}

void PointCanvas::setFitArea(const QRectF& area) {
    m_fitArea = area;
    if (m_fitted)
        fit();
}

void PointCanvas::setAllPairsShown(bool shown) {
    m_allPairs = shown;
    update();
}

void PointCanvas::setPicturesShown(bool shown) {
    m_picturesShown = shown;
    m_placedStale = true;
    update();
}

void PointCanvas::setAxes(const QString& x, const QString& y) {
    m_xTitle = x;
    m_yTitle = y;
    update();
}

void PointCanvas::picturesChanged() {
    m_pixmaps.clear();
    update();
}

bool PointCanvas::isHidden(int point) const {
    const uint32_t place = m_placeOf[static_cast<size_t>(point)];
    return place == UINT32_MAX || (m_styles[place].flags & PointStyle::Hidden) != 0;
}

PlotTransform PointCanvas::transform() const {
    return {m_scale, width() / 2.0 - m_center.x() * m_scale, height() / 2.0 + m_center.y() * m_scale};
}

QPointF PointCanvas::position(int point) const {
    const auto at = static_cast<size_t>(point);
    return transform().toPixel(static_cast<double>(m_x[at]), static_cast<double>(m_y[at]));
}

double PointCanvas::spacing() const {
    if (m_index.size() < 2 || m_index.coveredArea() <= 0)
        return kClosest;
    return std::sqrt(m_index.coveredArea() / static_cast<double>(m_index.size())) * m_scale;
}

void PointCanvas::computeFit(QPointF& center, double& scale) const {
    const QRectF bounds = m_fitArea.isNull() ? m_index.bounds() : m_index.bounds().united(m_fitArea);
    center = bounds.center();
    const double free = 1 - 2 * kFitMargin;
    const double wide = bounds.width() > 0 ? width() * free / bounds.width() : 0;
    const double high = bounds.height() > 0 ? height() * free / bounds.height() : 0;
    scale = wide > 0 && high > 0 ? std::min(wide, high) : std::max(wide, high);
    if (scale <= 0 || !std::isfinite(scale))
        scale = 1;
}

void PointCanvas::fit() {
    setHovered(-1);
    computeFit(m_center, m_scale);
    m_fitted = true;
    invalidate();
    Q_EMIT viewChanged();
}

void PointCanvas::zoom(double factor, const QPointF& about) {
    QPointF center;
    double fitScale = 1;
    computeFit(center, fitScale);
    const double most = std::max(fitScale * 8, m_scale * kClosest / spacing());
    const double scale = std::clamp(m_scale * factor, fitScale * kLeastFit, most);
    if (scale == m_scale)
        return;
    const QPointF fixed = transform().toPlane(about);
    m_scale = scale;
    const QPointF now = transform().toPlane(about);
    m_center += fixed - now;
    m_fitted = false;
    invalidate();
    Q_EMIT viewChanged();
}

void PointCanvas::panBy(const QPointF& pixels) {
    // By whole device pixels, so that what has been drawn can be moved rather than drawn again.
    const double ratio = devicePixelRatioF();
    const int dx = static_cast<int>(std::lround(pixels.x() * ratio));
    const int dy = static_cast<int>(std::lround(pixels.y() * ratio));
    if (dx == 0 && dy == 0)
        return;
    m_center += QPointF(-dx / ratio / m_scale, dy / ratio / m_scale);
    m_fitted = false;
    m_placedStale = true;
    if (!m_imageStale)
        shiftImage(dx, dy);
    update();
    Q_EMIT viewChanged();
}

void PointCanvas::bringIntoSight(int point) {
    const QPointF at = position(point);
    const QRectF inside = QRectF(rect()).adjusted(24, 24, -24, -24);
    if (inside.contains(at))
        return;
    panBy(QPointF(width() / 2.0, height() / 2.0) - at);
}

void PointCanvas::goTo(int point) {
    setHovered(-1);
    if (spacing() < kSpacingForPictures)
        zoom(kSpacingForPictures / spacing(), position(point));
    panBy(QPointF(width() / 2.0, height() / 2.0) - position(point));
}

PointPainter::Look PointCanvas::lookFor(double density) const {
    PointPainter::Look look;
    look.spacing = spacing() * density;
    look.density = look.spacing < 0.75;
    look.radius = std::clamp(look.spacing * 0.36, 0.85, 4.6 * density);
    look.opacity = look.radius < 1.5 * density ? 0.75 : 0.9;
    look.background = theme::colors().surface.rgb();
    look.palette = m_colors.palette;
    look.selection = m_anySelected;
    return look;
}

void PointCanvas::ensureImage() {
    const double ratio = devicePixelRatioF();
    const QSize size(static_cast<int>(std::ceil(width() * ratio)),
                     static_cast<int>(std::ceil(height() * ratio)));
    if (m_image.size() != size || m_image.devicePixelRatio() != ratio) {
        m_image = QImage(size, QImage::Format_RGB32);
        m_image.setDevicePixelRatio(ratio);
        m_imageStale = true;
    }
    if (!m_imageStale)
        return;
    m_painter.setLook(lookFor(ratio));
    PlotTransform device = transform();
    device = {device.scale * ratio, device.x * ratio, device.y * ratio};
    m_painter.paint(m_image, m_image.rect(), m_index, m_styles, device);
    m_imageStale = false;
}

void PointCanvas::shiftImage(int dx, int dy) {
    const int width = m_image.width(), height = m_image.height();
    if (std::abs(dx) >= width || std::abs(dy) >= height) {
        m_imageStale = true;
        return;
    }
    const auto bytes = static_cast<size_t>(width - std::abs(dx)) * sizeof(QRgb);
    const int from = std::max(0, -dx), to = std::max(0, dx);
    for (int i = 0; i < height - std::abs(dy); ++i) { // lines that are still needed are read before written
        const int source = dy > 0 ? height - dy - 1 - i : i - dy;
        std::memmove(m_image.scanLine(source + dy) + static_cast<size_t>(to) * sizeof(QRgb),
                     m_image.constScanLine(source) + static_cast<size_t>(from) * sizeof(QRgb), bytes);
    }
    const double ratio = m_image.devicePixelRatio();
    PlotTransform device = transform();
    device = {device.scale * ratio, device.x * ratio, device.y * ratio};
    if (dx != 0)
        m_painter.paint(m_image, {dx > 0 ? 0 : width + dx, 0, std::abs(dx), height}, m_index, m_styles,
                        device);
    if (dy != 0)
        m_painter.paint(m_image, {0, dy > 0 ? 0 : height + dy, width, std::abs(dy)}, m_index, m_styles,
                        device);
}

double PointCanvas::pictureSide() const {
    const double between = spacing();
    if (!m_source || !m_picturesShown || between < kSpacingForPictures)
        return 0;
    const double side = std::clamp(between * 1.25, kSmallestPicture, kLargestPicture);
    return std::floor(side / kPictureStep) * kPictureStep; // in steps, so that scaled pictures can be kept
}

const std::vector<PlacedPicture>& PointCanvas::pictures() {
    if (!m_placedStale)
        return m_placed;
    m_placedStale = false;
    const double side = pictureSide();
    if (side != m_placedSide)
        m_pixmaps.clear();
    m_placedSide = side;
    m_placed = side > 0 ? placePictures(m_index, m_styles, transform(), rect(), side, m_placed, m_current)
                        : std::vector<PlacedPicture>();
    if (m_source) {
        std::vector<int> points;
        for (const PlacedPicture& picture : m_placed)
            points.push_back(picture.point);
        m_source->setInSight(points);
    }
    return m_placed;
}

int PointCanvas::pointAt(const QPointF& position) const {
    for (const PlacedPicture& picture : m_placed)
        if (picture.area.contains(position) && !isHidden(picture.point))
            return picture.point;
    const double radius = (kClickRadius + m_painter.look().radius / devicePixelRatioF()) / m_scale;
    const int64_t place = m_index.nearest(transform().toPlane(position), radius, [this](uint32_t at) {
        return (m_styles[at].flags & PointStyle::Hidden) == 0;
    });
    return place < 0 ? -1 : static_cast<int>(m_index.points()[static_cast<size_t>(place)]);
}

QString PointCanvas::describe(int point) const {
    if (!m_source || point < 0)
        return {};
    const PointCard card = m_source->card(point);
    return (QStringList(card.title) + card.lines).join(QStringLiteral(", "));
}

QColor PointCanvas::colorOf(int point) const {
    const uint16_t color = m_colors.of[static_cast<size_t>(point)];
    return color < m_colors.palette.size() ? QColor::fromRgb(m_colors.palette[color]) : theme::colors().text;
}

} // namespace diptych::ui
