// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_map.h"

#include "core/metrics/number_text.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/plot_style.h"
#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace diptych::ui {
namespace {

constexpr int kMaxLabels = 40;  // more would overlap
constexpr int kMaxNumbers = 16; // beyond, numbers in cells are noise
constexpr double kFewestCells = 4, kZoomStep = 1.4;
constexpr double kDotAt = 0.32, kDotSize = 7; ///< from a cell's middle, in cells; in pixels

QCPColorGradient gradient() {
    QCPColorGradient out;
    out.clearColorStops();
    for (const double at : {0.0, 0.25, 0.5, 0.75, 1.0})
        out.setColorStopAt(at, theme::heatColor(at));
    return out;
}

} // namespace

HeatMap::HeatMap(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Confusion matrix"));
    m_map = new QCPColorMap(m_plot->xAxis, m_plot->yAxis);
    m_map->setInterpolate(false);
    m_map->setTightBoundary(false);
    m_highlight = new QCPItemRect(m_plot);
    m_highlight->setVisible(false);
    m_dots = m_plot->addGraph();
    m_dots->setLineStyle(QCPGraph::lsNone);
    m_plot->yAxis->setRangeReversed(true);
    m_plot->xAxis->setLabel(tr("Predicted"));
    m_plot->yAxis->setLabel(tr("True class"));
    m_plot->xAxis->setTickLabelRotation(-50);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis})
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, &HeatMap::keepInside);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    new PlotExport(*this, *m_plot, [this] { return values(); }); // Qt parent: this
    restyle();
}

void HeatMap::setMatrix(const QStringList& labels, std::vector<int> counts) {
    Q_ASSERT(counts.size() == static_cast<size_t>(labels.size()) * static_cast<size_t>(labels.size()));
    m_labels = labels;
    m_counts = std::move(counts);
    m_marks.clear();
    countSums();
    m_row = m_column = -1;
    m_highlight->setVisible(false);
    std::vector<int> listed(static_cast<size_t>(size()));
    std::iota(listed.begin(), listed.end(), 0);
    setOrder(std::move(listed));
    showAll();
}

void HeatMap::countSums() {
    const auto n = static_cast<size_t>(size());
    m_rowSums.assign(n, 0);
    m_columnSums.assign(n, 0);
    m_largest = m_largestMistake = 0;
    for (size_t i = 0; i < m_counts.size(); ++i) {
        m_rowSums[i / n] += m_counts[i];
        m_columnSums[i % n] += m_counts[i];
        m_largest = std::max(m_largest, m_counts[i]);
        if (i / n != i % n)
            m_largestMistake = std::max(m_largestMistake, m_counts[i]);
    }
}

void HeatMap::setOrder(std::vector<int> order) {
    Q_ASSERT(order.size() == static_cast<size_t>(size()));
    m_order = std::move(order);
    m_place.assign(m_order.size(), 0);
    for (size_t place = 0; place < m_order.size(); ++place)
        m_place[static_cast<size_t>(m_order[place])] = static_cast<int>(place);
    refill();
    if (m_row >= 0) {
        const int row = std::exchange(m_row, -1);
        setCurrent(row, m_column);
    }
}

void HeatMap::setScale(HeatScale scale) {
    m_scale = scale;
    refill();
}

void HeatMap::setMistakesOnly(bool only) {
    m_mistakesOnly = only;
    refill();
}

void HeatMap::refill() {
    fillAxes();
    fillColors();
    addCellNumbers();
    fillMarks();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void HeatMap::setMarks(std::vector<int> marks) {
    Q_ASSERT(marks.size() == m_counts.size());
    if (marks == m_marks)
        return;
    m_marks = std::move(marks);
    fillMarks();
    if (m_row >= 0)
        setAccessibleDescription(describe(m_row, m_column));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

int HeatMap::markOf(int row, int column) const {
    return m_marks.empty() ? 0
                           : m_marks[static_cast<size_t>(row) * static_cast<size_t>(size()) +
                                     static_cast<size_t>(column)];
}

/// In a corner, so that the number stays to be read.
void HeatMap::fillMarks() {
    QVector<double> x, y;
    for (int column : m_order) // ascending, as a graph's keys are
        for (int row : m_order)
            if (markOf(row, column) > 0) {
                x.append(m_place[static_cast<size_t>(column)] + kDotAt);
                y.append(m_place[static_cast<size_t>(row)] - kDotAt);
            }
    m_dots->setData(x, y, true);
}

int HeatMap::count(int row, int column) const {
    return m_counts[static_cast<size_t>(row) * static_cast<size_t>(size()) + static_cast<size_t>(column)];
}

double HeatMap::shade(int row, int column) const {
    if (m_mistakesOnly && row == column)
        return 0;
    const int whole = m_scale == HeatScale::TrueClass    ? m_rowSums[static_cast<size_t>(row)]
                      : m_scale == HeatScale::Prediction ? m_columnSums[static_cast<size_t>(column)]
                      : m_mistakesOnly                   ? m_largestMistake
                                                         : m_largest;
    return whole > 0 ? static_cast<double>(count(row, column)) / whole : 0;
}

QString HeatMap::values() const {
    QStringList head = {tr("true class")};
    for (const int column : m_order)
        head.append(m_labels[column]);
    QString out = csvLine(head);
    for (const int row : m_order) {
        QStringList line = {m_labels[row]};
        for (const int column : m_order)
            line.append(QString::number(count(row, column)));
        out += csvLine(line);
    }
    return out;
}

double HeatMap::visibleCells() const {
    return m_plot->xAxis->range().size();
}

void HeatMap::zoom(double factor) {
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis})
        axis->scaleRange(1 / factor, axis->range().center());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void HeatMap::showAll() {
    m_plot->xAxis->setRange(-0.5, size() - 0.5);
    m_plot->yAxis->setRange(-0.5, size() - 0.5);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

/// Nothing beside the matrix comes into sight, and not fewer than a few cells.
void HeatMap::keepInside() {
    if (m_adjusting || size() == 0)
        return;
    m_adjusting = true;
    const double whole = size();
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        const QCPRange range = axis->range();
        const double shown = std::clamp(range.size(), std::min(whole, kFewestCells), whole);
        const double low = std::clamp(range.center() - shown / 2, -0.5, whole - 0.5 - shown);
        axis->setRange(low, low + shown);
    }
    fillAxes();
    addCellNumbers();
    m_adjusting = false;
}

void HeatMap::fillAxes() {
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    const int step = std::max(1, static_cast<int>(std::ceil(visibleCells() / kMaxLabels)));
    for (int place = 0; place < size(); place += step)
        ticker->addTick(place, m_plot->fontMetrics().elidedText(m_labels[m_order[static_cast<size_t>(place)]],
                                                                Qt::ElideRight, 120));
    m_plot->xAxis->setTicker(ticker);
    m_plot->yAxis->setTicker(ticker);
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->grid()->setVisible(false);
}

void HeatMap::fillColors() {
    const int n = size();
    m_map->data()->setSize(std::max(n, 1), std::max(n, 1));
    m_map->data()->setRange(QCPRange(0, std::max(n - 1, 1)), QCPRange(0, std::max(n - 1, 1)));
    double largest = 0;
    for (int row = 0; row < n; ++row)
        for (int column = 0; column < n; ++column) {
            const double value = shade(row, column);
            largest = std::max(largest, value);
            m_map->data()->setCell(m_place[static_cast<size_t>(column)], m_place[static_cast<size_t>(row)],
                                   value);
        }
    m_map->setGradient(gradient());
    m_map->setDataRange(QCPRange(0, m_mistakesOnly && largest > 0 ? largest : 1));
}

void HeatMap::addCellNumbers() {
    for (int i = m_plot->itemCount() - 1; i >= 0; --i)
        if (m_plot->item(i) != m_highlight)
            m_plot->removeItem(i);
    if (size() == 0 || visibleCells() > kMaxNumbers + 0.5)
        return;
    const double full = m_map->dataRange().upper;
    const QCPRange xs = m_plot->xAxis->range(), ys = m_plot->yAxis->range();
    for (int row = 0; row < size(); ++row) {
        for (int column = 0; column < size(); ++column) {
            const int x = m_place[static_cast<size_t>(column)], y = m_place[static_cast<size_t>(row)];
            if (count(row, column) == 0 || !xs.contains(x) || !ys.contains(y) ||
                (m_mistakesOnly && row == column))
                continue;
            auto* text = new QCPItemText(m_plot);
            text->position->setCoords(x, y);
            text->setText(QString::number(count(row, column)));
            text->setColor(theme::textOn(theme::heatColor(shade(row, column) / full)));
        }
    }
}

void HeatMap::restyle() {
    stylePlot(*m_plot);
    m_highlight->setPen(QPen(theme::colors().warning, 2));
    m_highlight->setBrush(Qt::NoBrush);
    m_dots->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme::colors().window, 1.5),
                                            theme::colors().warning, kDotSize));
    if (!m_labels.isEmpty()) {
        fillColors();
        addCellNumbers();
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void HeatMap::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        restyle();
}

void HeatMap::setCurrent(int row, int column) {
    if (size() == 0)
        return;
    row = std::clamp(row, 0, size() - 1);
    column = std::clamp(column, 0, size() - 1);
    if (row == m_row && column == m_column)
        return;
    m_row = row;
    m_column = column;
    const int x = m_place[static_cast<size_t>(column)], y = m_place[static_cast<size_t>(row)];
    m_highlight->topLeft->setCoords(x - 0.5, y - 0.5);
    m_highlight->bottomRight->setCoords(x + 0.5, y + 0.5);
    m_highlight->setVisible(true);
    bringIntoSight(y, x);
    setAccessibleDescription(describe(row, column));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    Q_EMIT currentChanged(row, column);
}

void HeatMap::bringIntoSight(int row, int column) {
    const std::pair<QCPAxis*, int> sides[] = {{m_plot->xAxis, column}, {m_plot->yAxis, row}};
    for (const auto& [axis, place] : sides) {
        const QCPRange range = axis->range();
        if (place - 0.5 < range.lower)
            axis->moveRange(place - 0.5 - range.lower);
        else if (place + 0.5 > range.upper)
            axis->moveRange(place + 0.5 - range.upper);
    }
}

void HeatMap::step(int down, int right) {
    if (size() == 0)
        return;
    // The first key enters at the corner that the arrow comes from.
    const int y = m_row < 0 ? -std::max(down, 0) : m_place[static_cast<size_t>(m_row)];
    const int x = m_column < 0 ? -std::max(right, 0) : m_place[static_cast<size_t>(m_column)];
    const auto at = [this](int place) {
        return m_order[static_cast<size_t>(std::clamp(place, 0, size() - 1))];
    };
    setCurrent(at(y + down), at(x + right));
}

QString HeatMap::describe(int row, int column) const {
    const int sum = m_rowSums[static_cast<size_t>(row)];
    const QString share =
        QString::fromStdString(shareText(sum > 0 ? static_cast<double>(count(row, column)) / sum : NAN));
    const QString text = row == column
                             ? tr("%1: %2 right (%3)").arg(m_labels[row]).arg(count(row, column)).arg(share)
                             : tr("%1 taken for %2: %3 (%4)")
                                   .arg(m_labels[row], m_labels[column])
                                   .arg(count(row, column))
                                   .arg(share);
    const int marked = markOf(row, column);
    return marked > 0 ? tr("%1, %2 selected").arg(text).arg(marked) : text;
}

QPoint HeatMap::cellCenter(int row, int column) const {
    const QPointF inPlot(m_plot->xAxis->coordToPixel(m_place[static_cast<size_t>(column)]),
                         m_plot->yAxis->coordToPixel(m_place[static_cast<size_t>(row)]));
    return m_plot->mapTo(this, inPlot.toPoint());
}

bool HeatMap::cellAt(const QPoint& position, int& row, int& column) const {
    const auto x = static_cast<int>(std::lround(m_plot->xAxis->pixelToCoord(position.x())));
    const auto y = static_cast<int>(std::lround(m_plot->yAxis->pixelToCoord(position.y())));
    if (!m_plot->axisRect()->rect().contains(position) || x < 0 || y < 0 || x >= size() || y >= size())
        return false;
    row = m_order[static_cast<size_t>(y)];
    column = m_order[static_cast<size_t>(x)];
    return true;
}

bool HeatMap::eventFilter(QObject* watched, QEvent* event) {
    int row = 0, column = 0;
    if (event->type() == QEvent::MouseButtonPress) {
        m_pressed = static_cast<QMouseEvent*>(event)->position().toPoint();
    } else if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const QPoint position = mouse->position().toPoint();
        const bool dragged = (position - m_pressed).manhattanLength() >= QApplication::startDragDistance();
        if (mouse->button() == Qt::LeftButton && !dragged && cellAt(position, row, column)) {
            setFocus(Qt::MouseFocusReason);
            setCurrent(row, column);
            Q_EMIT cellActivated(row, column);
        }
    } else if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (cellAt(help->pos(), row, column))
            QToolTip::showText(help->globalPos(), describe(row, column), m_plot);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void HeatMap::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        step(0, -1);
        break;
    case Qt::Key_Right:
        step(0, 1);
        break;
    case Qt::Key_Up:
        step(-1, 0);
        break;
    case Qt::Key_Down:
        step(1, 0);
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(kZoomStep);
        break;
    case Qt::Key_Minus:
        zoom(1 / kZoomStep);
        break;
    case Qt::Key_0:
        showAll();
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_row >= 0)
            Q_EMIT cellActivated(m_row, m_column);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace diptych::ui
