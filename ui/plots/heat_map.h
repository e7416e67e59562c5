// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QCustomPlot;
class QCPColorMap;
class QCPItemRect;

namespace diptych::ui {

/// A square matrix of counts as a heat map, row 0 on top; each row is coloured by its share of the row's sum.
/// Mouse and arrow keys choose a cell; click, Return or Space activates it. GUI thread.
class HeatMap : public QWidget {
    Q_OBJECT

public:
    explicit HeatMap(QWidget* parent = nullptr);
    /// @param counts [labels.size(), labels.size()] row-major
    void setMatrix(const QStringList& labels, std::vector<int> counts);
    int size() const { return static_cast<int>(m_labels.size()); }
    int count(int row, int column) const;
    int currentRow() const { return m_row; }
    int currentColumn() const { return m_column; }
    /// Pixel in this widget at the middle of a cell.
    QPoint cellCenter(int row, int column) const;

Q_SIGNALS:
    void currentChanged(int row, int column);
    void cellActivated(int row, int column);

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void restyle();
    void fillColors();
    void fillAxes();
    void addCellNumbers();
    void setCurrent(int row, int column);
    bool cellAt(const QPoint& position, int& row, int& column) const;
    QString describe(int row, int column) const;

    QCustomPlot* m_plot;      // Qt parent
    QCPColorMap* m_map;       // owned by m_plot
    QCPItemRect* m_highlight; // owned by m_plot
    QStringList m_labels;
    std::vector<int> m_counts;
    int m_row = -1, m_column = -1;
};

} // namespace diptych::ui
