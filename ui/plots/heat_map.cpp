// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_map.h"

#include "ui/plots/plot_style.h"
#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diptych::ui {
namespace {

constexpr int kMaxLabels = 40;  // more would overlap
constexpr int kMaxNumbers = 16; // beyond, numbers in cells are noise

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
    m_plot->yAxis->setRangeReversed(true);
    m_plot->xAxis->setLabel(tr("Predicted"));
    m_plot->yAxis->setLabel(tr("True class"));
    m_plot->xAxis->setTickLabelRotation(-50);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    restyle();
}

void HeatMap::setMatrix(const QStringList& labels, std::vector<int> counts) {
    Q_ASSERT(counts.size() == static_cast<size_t>(labels.size()) * static_cast<size_t>(labels.size()));
    m_labels = labels;
    m_counts = std::move(counts);
    m_row = m_column = -1;
    m_highlight->setVisible(false);
    fillAxes();
    fillColors();
    addCellNumbers();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

int HeatMap::count(int row, int column) const {
    return m_counts[static_cast<size_t>(row) * static_cast<size_t>(size()) + static_cast<size_t>(column)];
}

void HeatMap::fillAxes() {
    const int n = size();
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    const int step = std::max(1, (n + kMaxLabels - 1) / kMaxLabels);
    for (int i = 0; i < n; i += step)
        ticker->addTick(i, m_plot->fontMetrics().elidedText(m_labels[i], Qt::ElideRight, 120));
    m_plot->xAxis->setTicker(ticker);
    m_plot->yAxis->setTicker(ticker);
    m_plot->xAxis->setRange(-0.5, n - 0.5);
    m_plot->yAxis->setRange(-0.5, n - 0.5);
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->grid()->setVisible(false);
}

void HeatMap::fillColors() {
    const int n = size();
    m_map->data()->setSize(std::max(n, 1), std::max(n, 1));
    m_map->data()->setRange(QCPRange(0, std::max(n - 1, 1)), QCPRange(0, std::max(n - 1, 1)));
    for (int row = 0; row < n; ++row) {
        const auto first = m_counts.begin() + static_cast<ptrdiff_t>(row) * n;
        const int sum = std::accumulate(first, first + n, 0);
        for (int column = 0; column < n; ++column)
            m_map->data()->setCell(column, row,
                                   sum > 0 ? static_cast<double>(count(row, column)) / sum : 0.0);
    }
    m_map->setGradient(gradient());
    m_map->setDataRange(QCPRange(0, 1));
}

void HeatMap::addCellNumbers() {
    for (int i = m_plot->itemCount() - 1; i >= 0; --i)
        if (m_plot->item(i) != m_highlight)
            m_plot->removeItem(i);
    const int n = size();
    if (n > kMaxNumbers)
        return;
    for (int row = 0; row < n; ++row) {
        for (int column = 0; column < n; ++column) {
            if (count(row, column) == 0)
                continue;
            auto* text = new QCPItemText(m_plot);
            text->position->setCoords(column, row);
            text->setText(QString::number(count(row, column)));
            text->setColor(theme::textOn(theme::heatColor(m_map->data()->cell(column, row))));
        }
    }
}

void HeatMap::restyle() {
    stylePlot(*m_plot);
    m_highlight->setPen(QPen(theme::colors().warning, 2));
    m_highlight->setBrush(Qt::NoBrush);
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
    m_highlight->topLeft->setCoords(column - 0.5, row - 0.5);
    m_highlight->bottomRight->setCoords(column + 0.5, row + 0.5);
    m_highlight->setVisible(true);
    setAccessibleDescription(describe(row, column));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    Q_EMIT currentChanged(row, column);
}

QString HeatMap::describe(int row, int column) const {
    return row == column
               ? tr("%1: %2 right").arg(m_labels[row]).arg(count(row, column))
               : tr("%1 taken for %2: %3").arg(m_labels[row], m_labels[column]).arg(count(row, column));
}

QPoint HeatMap::cellCenter(int row, int column) const {
    const QPointF inPlot(m_plot->xAxis->coordToPixel(column), m_plot->yAxis->coordToPixel(row));
    return m_plot->mapTo(this, inPlot.toPoint());
}

bool HeatMap::cellAt(const QPoint& position, int& row, int& column) const {
    column = static_cast<int>(std::lround(m_plot->xAxis->pixelToCoord(position.x())));
    row = static_cast<int>(std::lround(m_plot->yAxis->pixelToCoord(position.y())));
    return m_plot->axisRect()->rect().contains(position) && row >= 0 && column >= 0 && row < size() &&
           column < size();
}

bool HeatMap::eventFilter(QObject* watched, QEvent* event) {
    int row = 0, column = 0;
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() == Qt::LeftButton && cellAt(mouse->position().toPoint(), row, column)) {
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
        setCurrent(std::max(m_row, 0), m_column - 1);
        break;
    case Qt::Key_Right:
        setCurrent(std::max(m_row, 0), m_column + 1);
        break;
    case Qt::Key_Up:
        setCurrent(m_row - 1, std::max(m_column, 0));
        break;
    case Qt::Key_Down:
        setCurrent(m_row + 1, std::max(m_column, 0));
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
