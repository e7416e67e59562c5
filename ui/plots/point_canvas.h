// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/picture_placement.h"
#include "ui/plots/point_index.h"
#include "ui/plots/point_painter.h"

#include <QCache>
#include <QPixmap>
#include <QPolygonF>
#include <QString>
#include <QStringList>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <vector>

namespace diptych::ui {

/// What is said of a point under the pointer.
struct PointCard {
    QString title;
    QStringList lines;
};

/// Knows what the points of a canvas stand for; outlives the canvas. Called on the GUI thread while painting,
/// so it answers at once with what is there.
class PointSource {
public:
    virtual ~PointSource() = default;
    /// Null where there is none yet or none at all; PointCanvas::picturesChanged() tells of more.
    /// @param side longest side in device pixels
    virtual QImage picture(int point, int side) = 0;
    virtual PointCard card(int point) = 0;
    /// The points whose pictures are in sight: others need no longer be loaded.
    virtual void setInSight(const std::vector<int>& points) = 0;
};

/// Colours of points by category or by value.
struct PointColors {
    std::vector<uint16_t> of; ///< by point, indexes the two below
    std::vector<QRgb> palette;
    std::vector<uint8_t> hidden; ///< of each colour whether its points are left out
    int raised = -1;             ///< the colour whose points stand out from the others; -1 = none
};

/// Something that is no point but has a place among them, drawn with its name.
struct PlaneMark {
    QPointF place;
    QString name;
};

/// How the points a person marks combine with those that are selected.
enum class SelectMode { Replace, Add, Remove, Toggle };

/// Points in a plane to look around in and select from: 100,000 move without a stutter, a million can be
/// used. Knows points by index, nothing of samples. The wheel zooms to the pointer; the middle button, the
/// space bar or the hand move; drawing round points selects them (Shift adds, Alt or Ctrl takes away), a
/// double click on one opens it, anywhere else shows all. Keys: arrows go from point to point, Space selects,
/// Return opens, + and - zoom, F shows all, L, R and H take a tool, Esc drops what is being drawn. Of
/// points that have a third dimension somebody else knows: the tool Turn (O) says how far a drag went. GUI
/// thread.
class PointCanvas : public QWidget {
    Q_OBJECT

public:
    enum class Tool { Lasso, Rectangle, Hand, Turn };

    explicit PointCanvas(QWidget* parent = nullptr);
    ~PointCanvas() override;
    void setSource(PointSource* source); ///< null = none

    /// Other points; shows all of them. @param squares by point whether it is drawn as a square; empty = none
    void setPoints(std::vector<float> x, std::vector<float> y, std::vector<uint8_t> squares = {});
    /// The same points elsewhere. Where a person has not chosen what to look at, all stay in sight.
    void movePoints(std::vector<float> x, std::vector<float> y);
    void setColors(PointColors colors); ///< of as many points
    void setHidden(std::vector<uint8_t> hidden);
    void setRaised(int color);
    /// @param leftOut by point whether it is hidden whatever its colour; empty = none
    void setLeftOut(std::vector<uint8_t> leftOut);
    /// @param selected by point, 0 or 1 @param fadeOthers whether what is not selected stands back
    void setSelected(std::vector<uint8_t> selected, bool fadeOthers = true);
    void setCurrent(int point); ///< -1 = none
    /// Points joined to a point; drawn for what is current, hovered or selected, or for all.
    /// @param first [points + 1] where the partners of each begin in @p partners; empty = none
    void setPairs(std::vector<uint32_t> first, std::vector<uint32_t> partners);
    /// Names written beside points, where there is room for them.
    void setLabels(std::vector<std::pair<int, QString>> labels);
    void setMarks(std::vector<PlaneMark> marks);
    const std::vector<PlaneMark>& marks() const { return m_marks; }
    QPointF positionOf(const PlaneMark& mark) const {
        return transform().toPixel(mark.place.x(), mark.place.y());
    }
    /// Where all are shown this part of the plane is as well, whatever lies in it.
    void setFitArea(const QRectF& area);
    void setAllPairsShown(bool shown);
    void setPicturesShown(bool shown);
    /// Titles where the axes mean something; empty = no axes.
    void setAxes(const QString& x, const QString& y);
    void setTool(Tool tool);
    void setTurnable(bool turnable); ///< whether there is something to turn: the key O
    /// Another picture has arrived, or there is more to say of a point.
    void picturesChanged();

    size_t pointCount() const { return m_x.size(); }
    Tool tool() const { return m_tool; }
    int current() const { return m_current; }
    int hovered() const { return m_hovered; }
    const std::vector<uint8_t>& selectedPoints() const { return m_selected; }
    bool isHidden(int point) const;
    bool picturesShown() const { return m_picturesShown; }
    /// Points drawn as pictures now.
    const std::vector<PlacedPicture>& pictures();
    QPointF position(int point) const; ///< in this widget
    QPointF planeAt(const QPointF& position) const { return transform().toPlane(position); }
    int pointAt(const QPointF& position) const; ///< the one a click means; -1 = none
    /// What its card says, for people who do not see it; empty where there is no such point.
    QString describe(int point) const;
    /// Pixels for a unit of the plane.
    double scale() const { return m_scale; }
    void fit(); ///< shows all
    /// @param about stays where it is
    void zoom(double factor, const QPointF& about);
    void panBy(const QPointF& pixels);
    void bringIntoSight(int point);
    /// Zooms until @p point's neighbourhood is in sight, and no closer than needed.
    void goTo(int point);
    /// Drops a line that is being drawn. @return whether there was one
    bool cancelDrawing();
    /// What is shown, without the pointer's card: the points as a picture or as shapes of their own.
    void render(QPainter& painter, bool shapes);
    QSize sizeHint() const override { return {640, 480}; }
    QSize minimumSizeHint() const override { return {160, 120}; }

Q_SIGNALS:
    /// A person has marked these points. @param current the one clicked, or -1
    void marked(const std::vector<int>& points, diptych::ui::SelectMode mode, int current);
    void moved(int point);     ///< an arrow key has gone to it
    void activated(int point); ///< opened
    void hoveredChanged(int point);
    void toolChanged(diptych::ui::PointCanvas::Tool tool);
    void viewChanged();
    void turned(const QPointF& pixels); ///< dragged by so much with Tool::Turn

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Drawing {
        QPointF start;
        QPolygonF line;
        bool far = false; ///< moved enough to be no click
    };
    PlotTransform transform() const; ///< to this widget's pixels
    void rebuild();
    void restyle(); ///< styles by place
    void invalidate();
    void computeFit(QPointF& center, double& scale) const;
    PointPainter::Look lookFor(double density) const;
    double spacing() const; ///< between neighbours, in this widget's pixels
    void ensureImage();
    void shiftImage(int dx, int dy);
    void paintOverlays(QPainter& painter);
    void paintShapes(QPainter& painter);
    void paintAxes(QPainter& painter);
    void paintPairs(QPainter& painter);
    void paintPictures(QPainter& painter);
    void paintLabels(QPainter& painter);
    void paintMarks(QPainter& painter);
    void paintRing(QPainter& painter, int point, const QColor& color, double width);
    void paintDrawing(QPainter& painter);
    void paintCard(QPainter& painter);
    const QPixmap* pixmapOf(int point, double side);
    double pictureSide() const; ///< 0 = points are far too close for pictures
    void hover(const QPointF& position);
    void setHovered(int point);
    void click(const QPointF& position, Qt::KeyboardModifiers modifiers);
    void markInside(Qt::KeyboardModifiers modifiers);
    void step(double dx, double dy, Qt::KeyboardModifiers modifiers);
    bool pressTool(int key);
    bool panning() const { return m_panFrom.has_value(); }
    void updateCursor();
    QColor colorOf(int point) const;

    PointSource* m_source = nullptr;
    std::vector<float> m_x, m_y; ///< by point
    std::vector<uint8_t> m_squares, m_selected, m_leftOut;
    std::vector<uint32_t> m_placeOf, m_firstPair, m_pairs;
    std::vector<std::pair<int, QString>> m_labels;
    std::vector<PlaneMark> m_marks;
    QRectF m_fitArea;
    PointColors m_colors;
    PointIndex m_index;
    PointPainter m_painter;
    std::vector<PointStyle> m_styles; ///< by place
    bool m_anySelected = false, m_allPairs = false, m_picturesShown = true, m_fitted = true;
    int m_current = -1, m_hovered = -1;
    QPointF m_center;
    double m_scale = 1;
    QImage m_image; ///< of the points, in device pixels
    bool m_imageStale = true, m_placedStale = true;
    std::vector<PlacedPicture> m_placed;
    double m_placedSide = 0;
    QCache<int, QPixmap> m_pixmaps;
    Tool m_tool = Tool::Lasso;
    QString m_xTitle, m_yTitle;
    std::optional<Drawing> m_drawing;
    std::optional<QPointF> m_panFrom;
    bool m_turnable = false, m_turns = false; ///< m_turns: what is dragged turns the points
    QPointF m_pointer;
    bool m_spaceHeld = false, m_spaceUsed = false;
};

} // namespace diptych::ui
