// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/thumbnail_grid.h"

#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/thumbnail_grid_accessible.h"

#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {
constexpr int kMargin = theme::kMedium;
constexpr int kSpacing = theme::kSmall;
constexpr int kCachedPixmaps = 800;
} // namespace

ThumbnailGrid::ThumbnailGrid(ThumbnailProvider& thumbnails, QWidget* parent)
    : QAbstractItemView(parent), m_thumbnails(thumbnails), m_scaled(kCachedPixmaps) {
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // columns would jump as it comes and goes
    setFrameShape(NoFrame);
    setProperty("frameless", true); // its card has the frame
    setAccessibleName(tr("Images"));
    setDragEnabled(false);
    makeThumbnailGridsAccessible();
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    connect(&m_thumbnails, &ThumbnailProvider::ready, this, [this](SampleId sample) {
        m_scaled.remove(sample.value);
        const auto [first, last] = visibleRows();
        for (int row = first; row < last; ++row)
            if (model()->index(row, 0).data(kSampleRole).toLongLong() == sample.value)
                viewport()->update(cellRect(row));
    });
    connect(&m_thumbnails, &ThumbnailProvider::cleared, this, [this] {
        m_scaled.clear();
        viewport()->update();
    });
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, viewport(), qOverload<>(&QWidget::update));
    layoutCells();
}

void ThumbnailGrid::setFacts(SampleFacts* facts) {
    m_facts = facts;
    if (facts)
        connect(facts, &SampleFacts::arrived, viewport(), qOverload<>(&QWidget::update));
}

QString ThumbnailGrid::describe(const QModelIndex& index) const {
    const SampleFact* fact = m_facts ? m_facts->find(sampleOf(index)) : nullptr;
    return fact ? fact->text() : index.data(kSubtitleRole).toString();
}

int ThumbnailGrid::count() const {
    return model() ? model()->rowCount(rootIndex()) : 0;
}

void ThumbnailGrid::setThumbnailSide(int side) {
    const int next = std::clamp(side, kSmallestSide, kLargestSide);
    if (next == m_side)
        return;
    const int top = topRow();
    m_side = next;
    m_scaled.clear();
    layoutCells();
    updateGeometries();
    if (top > 0)
        verticalScrollBar()->setValue(top / m_columns * m_rowHeight);
    viewport()->update();
    Q_EMIT thumbnailSideChanged(m_side);
}

int ThumbnailGrid::topRow() const {
    return (verticalOffset() + m_rowHeight / 2) / m_rowHeight * m_columns;
}

void ThumbnailGrid::layoutCells() {
    const int around = 2 * kPadding + kSpacing; // of a picture, to its neighbour
    const int usable = std::max(viewport()->width() - 2 * kMargin + kSpacing, m_side + around);
    const int shownBefore = m_shownSide;
    m_columns = std::max(1, usable / (m_side + around));
    m_columnStep = static_cast<double>(usable) / m_columns;
    m_shownSide = std::min(usable / m_columns - around, kLargestSide + kLargestSide / 2);
    const QFontMetrics metrics(theme::font(theme::Text::Caption));
    m_textHeight = (m_subtitleShown ? 2 : 1) * metrics.height() + theme::kTiny;
    m_rowHeight = m_shownSide + around + m_textHeight;
    if (m_shownSide != shownBefore)
        m_scaled.clear();
}

void ThumbnailGrid::setSubtitleShown(bool shown) {
    if (shown == m_subtitleShown)
        return;
    m_subtitleShown = shown;
    layoutCells();
    updateGeometries();
    viewport()->update();
}

int ThumbnailGrid::verticalOffset() const {
    return verticalScrollBar()->value();
}

QRect ThumbnailGrid::cellRect(int row) const {
    const int x = kMargin + static_cast<int>(row % m_columns * m_columnStep);
    const int y = kMargin + row / m_columns * m_rowHeight - verticalOffset();
    return {x, y, m_shownSide + 2 * kPadding, m_rowHeight - kSpacing};
}

int ThumbnailGrid::rowAt(QPoint point) const {
    if (count() == 0)
        return -1;
    const int line = std::max(0, (point.y() + verticalOffset() - kMargin) / m_rowHeight);
    const int column = std::clamp(static_cast<int>((point.x() - kMargin) / m_columnStep), 0, m_columns - 1);
    return std::min(line * m_columns + column, count() - 1);
}

std::pair<int, int> ThumbnailGrid::visibleRows() const {
    const int rows = count();
    if (rows == 0)
        return {0, 0};
    const int firstLine = std::max(0, (verticalOffset() - kMargin) / m_rowHeight);
    const int lastLine = (verticalOffset() + viewport()->height() - kMargin) / m_rowHeight;
    return {std::min(firstLine * m_columns, rows), std::min((lastLine + 1) * m_columns, rows)};
}

QRect ThumbnailGrid::visualRect(const QModelIndex& index) const {
    return index.isValid() ? cellRect(index.row()) : QRect();
}

QModelIndex ThumbnailGrid::indexAt(const QPoint& point) const {
    const int row = rowAt(point);
    return row >= 0 && cellRect(row).contains(point) ? model()->index(row, 0, rootIndex()) : QModelIndex();
}

void ThumbnailGrid::scrollTo(const QModelIndex& index, ScrollHint hint) {
    if (!index.isValid())
        return;
    const QRect cell = cellRect(index.row());
    const int height = viewport()->height();
    int move = 0;
    if (hint == PositionAtTop)
        move = cell.top() - kMargin;
    else if (hint == PositionAtCenter)
        move = cell.center().y() - height / 2;
    else if (hint == PositionAtBottom || cell.bottom() + kMargin > height)
        move = cell.bottom() + kMargin - height;
    if (hint == EnsureVisible && cell.top() - kMargin < 0)
        move = cell.top() - kMargin;
    if (move != 0)
        verticalScrollBar()->setValue(verticalOffset() + move);
}

void ThumbnailGrid::reset() {
    QAbstractItemView::reset();
    m_rubberBand = {};
    layoutCells();
    updateGeometries();
    verticalScrollBar()->setValue(0);
    requestAhead();
    takeSelection(false);
    viewport()->update();
}

QModelIndex ThumbnailGrid::moveCursor(CursorAction action, Qt::KeyboardModifiers) {
    const int rows = count();
    if (rows == 0)
        return {};
    if (!currentIndex().isValid())
        return model()->index(visibleRows().first, 0, rootIndex());
    int row = currentIndex().row();
    const int page = std::max(1, viewport()->height() / m_rowHeight) * m_columns;
    // Up and down keep the column: a step that would leave the grid is not taken.
    auto step = [&](int by) { row = row + by >= 0 && row + by < rows ? row + by : row; };
    auto jump = [&](int by) { // as many whole lines of the page as there are
        const int line = row / m_columns, lines = (rows - 1) / m_columns;
        const int target = std::clamp(line + by / m_columns, 0, lines);
        row = std::min(target * m_columns + row % m_columns, rows - 1);
    };
    switch (action) {
    case MoveLeft:
    case MovePrevious:
        row = std::max(0, row - 1);
        break;
    case MoveRight:
    case MoveNext:
        row = std::min(rows - 1, row + 1);
        break;
    case MoveUp:
        step(-m_columns);
        break;
    case MoveDown:
        if (row + m_columns >= rows && row / m_columns < (rows - 1) / m_columns)
            row = rows - 1; // the last line is shorter
        else
            step(m_columns);
        break;
    case MovePageUp:
        jump(-page);
        break;
    case MovePageDown:
        jump(page);
        break;
    case MoveHome:
        row = 0;
        break;
    case MoveEnd:
        row = rows - 1;
        break;
    }
    return model()->index(row, 0, rootIndex());
}

void ThumbnailGrid::selectRows(int first, int last, QItemSelectionModel::SelectionFlags command) {
    selectionModel()->select(
        QItemSelection(model()->index(first, 0, rootIndex()), model()->index(last, 0, rootIndex())), command);
}

void ThumbnailGrid::setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command) {
    if (count() == 0)
        return;
    if (state() != DragSelectingState) {
        // From one cell to another, as Shift does: all between in reading order.
        const int a = rowAt(rect.topLeft()), b = rowAt(rect.bottomRight());
        selectRows(std::min(a, b), std::max(a, b), command);
        return;
    }
    const QRect band = rect.normalized();
    m_rubberBand = band.translated(0, verticalOffset());
    QItemSelection selection;
    const int firstLine = std::max(0, (band.top() + verticalOffset() - kMargin) / m_rowHeight);
    const int lastLine = std::max(0, (band.bottom() + verticalOffset() - kMargin) / m_rowHeight);
    for (int line = firstLine; line <= lastLine && line * m_columns < count(); ++line) {
        int first = -1, last = -1;
        for (int row = line * m_columns; row < std::min((line + 1) * m_columns, count()); ++row) {
            if (!cellRect(row).intersects(band))
                continue;
            first = first < 0 ? row : first;
            last = row;
        }
        if (first >= 0)
            selection.select(model()->index(first, 0, rootIndex()), model()->index(last, 0, rootIndex()));
    }
    selectionModel()->select(selection, command);
    viewport()->update();
}

QRegion ThumbnailGrid::visualRegionForSelection(const QItemSelection& selection) const {
    QRegion region;
    const auto [first, last] = visibleRows();
    for (const QItemSelectionRange& range : selection)
        for (int row = std::max(range.top(), first); row <= std::min(range.bottom(), last - 1); ++row)
            region += cellRect(row);
    return region;
}

void ThumbnailGrid::updateGeometries() {
    QAbstractItemView::updateGeometries();
    const int lines = (count() + m_columns - 1) / m_columns;
    const int height = 2 * kMargin + lines * m_rowHeight - (lines > 0 ? kSpacing : 0);
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_rowHeight / 4);
    setVerticalScrollBarPolicy(count() == 0 ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAlwaysOn);
}

void ThumbnailGrid::dataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight,
                                const QList<int>&) {
    const auto [first, last] = visibleRows();
    if (topLeft.row() < last && bottomRight.row() >= first)
        viewport()->update();
}

void ThumbnailGrid::rowsInserted(const QModelIndex& parent, int start, int end) {
    QAbstractItemView::rowsInserted(parent, start, end);
    updateGeometries();
    viewport()->update();
}

void ThumbnailGrid::scrollContentsBy(int, int) {
    requestAhead();
    viewport()->update();
}

void ThumbnailGrid::requestAhead() {
    const auto [first, last] = visibleRows();
    if (first == last)
        return;
    // One screen before and after is kept wanted. The one after is asked for before what is visible, since
    // the provider makes the newest requests first.
    const int screen = last - first;
    const int from = std::max(0, first - screen), to = std::min(count(), last + screen);
    std::vector<SampleId> wanted;
    wanted.reserve(static_cast<size_t>(to - from));
    for (int row = from; row < to; ++row)
        wanted.push_back({model()->index(row, 0, rootIndex()).data(kSampleRole).toLongLong()});
    m_thumbnails.setVisible(this, wanted);
    const int side = static_cast<int>(std::lround(m_shownSide * devicePixelRatioF()));
    for (int row = std::min(to, last + screen / 2) - 1; row >= first; --row)
        m_thumbnails.thumbnail(wanted[static_cast<size_t>(row - from)], side, this);
}

void ThumbnailGrid::resizeEvent(QResizeEvent* event) {
    const int top = topRow();
    const int columnsBefore = m_columns;
    layoutCells();
    QAbstractItemView::resizeEvent(event);
    updateGeometries();
    if (m_columns != columnsBefore && top > 0)
        verticalScrollBar()->setValue(top / m_columns * m_rowHeight);
    requestAhead();
}

void ThumbnailGrid::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() & Qt::ControlModifier) {
        setThumbnailSide(m_side + (event->angleDelta().y() > 0 ? 16 : -16));
        event->accept();
        return;
    }
    QAbstractItemView::wheelEvent(event);
}

void ThumbnailGrid::mousePressEvent(QMouseEvent* event) {
    // What is selected can be dragged out; elsewhere dragging selects.
    const QModelIndex index = indexAt(event->position().toPoint());
    setDragEnabled(m_dragOut && index.isValid() && selectionModel()->isSelected(index) &&
                   event->button() == Qt::LeftButton && event->modifiers() == Qt::NoModifier);
    QAbstractItemView::mousePressEvent(event);
}

void ThumbnailGrid::startDrag(Qt::DropActions) {
    Q_EMIT dragStarted();
}

bool ThumbnailGrid::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_facts) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const SampleFact* fact = m_facts->find(sampleOf(indexAt(help->pos())));
        if (fact)
            QToolTip::showText(help->globalPos(), fact->richText(), viewport());
        else
            QToolTip::hideText();
        return true;
    }
    return QAbstractItemView::viewportEvent(event);
}

void ThumbnailGrid::mouseReleaseEvent(QMouseEvent* event) {
    QAbstractItemView::mouseReleaseEvent(event);
    if (!m_rubberBand.isNull()) {
        m_rubberBand = {};
        viewport()->update();
    }
}

void ThumbnailGrid::changeEvent(QEvent* event) {
    QAbstractItemView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_scaled.clear();
        layoutCells();
        updateGeometries();
    }
}

} // namespace diptych::ui
