// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QAbstractItemView>
#include <QCache>
#include <QPixmap>
#include <QPointer>

#include <memory>
#include <vector>

namespace diptych::ui {

class SampleFacts;
class Selection;
class ThumbnailProvider;

/// A grid of pictures over a list model whose kSampleRole (Qt::UserRole) is a sample's id, DisplayRole its
/// name and kSubtitleRole (Qt::UserRole + 1) a second line. All cells are equal, so that any number of rows
/// costs what the visible ones cost; nothing is asked of the model for rows that are not in sight.
class ThumbnailGrid : public QAbstractItemView {
    Q_OBJECT
public:
    static constexpr int kSampleRole = Qt::UserRole;
    static constexpr int kSubtitleRole = Qt::UserRole + 1;
    static constexpr int kSmallestSide = 64, kLargestSide = 320;

    explicit ThumbnailGrid(ThumbnailProvider& thumbnails, QWidget* parent = nullptr);

    int thumbnailSide() const { return m_side; }
    /// The least side; pictures grow to fill the line. The rows at the top of the view stay there.
    void setThumbnailSide(int side);
    /// Whether room is kept for the second line under each picture.
    void setSubtitleShown(bool shown);
    int columnsPerRow() const { return m_columns; }
    /// First and one past the last row of the model that can be seen.
    std::pair<int, int> visibleRows() const;
    /// Badges and tool tips from these; null = none.
    void setFacts(SampleFacts* facts);
    /// Shares what is selected here with the other views of the dataset; null = with none.
    void bindSelection(Selection* selection);
    /// Whether selected pictures can be dragged out of the window; dragStarted() follows.
    void setDragOut(bool on) { m_dragOut = on; }
    /// All that is known of a picture, for people who do not see it.
    QString describe(const QModelIndex& index) const;
    SampleId sampleOf(const QModelIndex& index) const; ///< none for an index that is not valid
    std::vector<SampleId> selectedSamples() const;
    std::shared_ptr<const std::vector<SampleId>> allSamples() const; ///< in the order shown

    QRect visualRect(const QModelIndex& index) const override;
    QModelIndex indexAt(const QPoint& point) const override;
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;
    void reset() override;
    QSize sizeHint() const override { return {640, 480}; }

Q_SIGNALS:
    void thumbnailSideChanged(int side);
    void dragStarted(); ///< the selected pictures are being dragged

protected:
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    int horizontalOffset() const override { return 0; }
    int verticalOffset() const override;
    bool isIndexHidden(const QModelIndex&) const override { return false; }
    void setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command) override;
    QRegion visualRegionForSelection(const QItemSelection& selection) const override;
    void updateGeometries() override;
    void dataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight,
                     const QList<int>& roles) override;
    void rowsInserted(const QModelIndex& parent, int start, int end) override;
    void scrollContentsBy(int dx, int dy) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void startDrag(Qt::DropActions actions) override;
    bool viewportEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void changeEvent(QEvent* event) override;

private:
    static constexpr int kPadding = 6; ///< from the cell's edge to its picture
    int count() const;
    QRect cellRect(int row) const; ///< in the viewport
    int rowAt(QPoint point) const; ///< nearest cell's row where the point is between cells; -1 if none
    int topRow() const;            ///< first row of the line nearest to the top edge
    void layoutCells();
    void requestAhead();
    void paintCell(QPainter& painter, int row);
    void paintPicture(QPainter& painter, const QRect& square, SampleId sample);
    void paintText(QPainter& painter, const QRect& area, const QModelIndex& index);
    const QPixmap* scaledPixmap(SampleId sample);
    void selectRows(int first, int last, QItemSelectionModel::SelectionFlags command);
    void giveSelection();
    void takeSelection(bool follow); ///< @param follow scrolls to the current one

    ThumbnailProvider& m_thumbnails;
    int m_side = 144;      ///< asked for
    int m_shownSide = 144; ///< what fills the line
    int m_columns = 1, m_rowHeight = 1, m_textHeight = 0;
    bool m_subtitleShown = true;
    double m_columnStep = 1;
    QRect m_rubberBand; ///< while rows are selected by dragging
    QCache<qint64, QPixmap> m_scaled;
    SampleFacts* m_facts = nullptr;
    QPointer<Selection> m_selection;
    bool m_takingSelection = false, m_selectionIsOld = false, m_followWhenShown = false, m_dragOut = false;
};

} // namespace diptych::ui
