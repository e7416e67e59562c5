// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QCustomPlot;
class QCPColorMap;
class QCPGraph;
class QCPItemRect;

namespace diptych::ui {

/// What a cell's colour is a share of.
enum class HeatScale {
    TrueClass,  ///< of the row: how much of a class is taken for another
    Prediction, ///< of the column: how much of a prediction is right
    Count       ///< of the largest cell shown
};

/// A square matrix of counts as a heat map; rows and columns are classes, in any order. Mouse and arrow keys
/// choose a cell; click, Return or Space activates it. The wheel, + and - zoom, dragging moves, 0 shows all.
/// Cells are named by class, whatever their order. GUI thread.
class HeatMap : public QWidget {
    Q_OBJECT

public:
    explicit HeatMap(QWidget* parent = nullptr);
    /// @param counts [labels.size(), labels.size()] row-major
    void setMatrix(const QStringList& labels, std::vector<int> counts);
    /// @param order the class at each place; a permutation
    void setOrder(std::vector<int> order);
    void setScale(HeatScale scale);
    /// Dots in cells of which some images are selected. @param marks how many, as in setMatrix()
    void setMarks(std::vector<int> marks);
    int markOf(int row, int column) const; ///< 0 where nothing was said
    /// Leaves out what is right, and spreads the colours over what is not.
    void setMistakesOnly(bool only);
    void zoom(double factor); ///< about the middle; above 1 = larger cells
    void showAll();
    /// Cells beside each other that are in sight.
    double visibleCells() const;
    /// The colour's value of a cell, 0 to 1.
    double shade(int row, int column) const;
    /// Comma-separated counts, classes in the order shown.
    QString values() const;
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
    void refill();
    void countSums();
    void fillColors();
    void fillAxes();
    void addCellNumbers();
    void fillMarks();
    void keepInside();
    void bringIntoSight(int row, int column);
    void step(int down, int right);
    void setCurrent(int row, int column);
    bool cellAt(const QPoint& position, int& row, int& column) const;
    QString describe(int row, int column) const;

    QCustomPlot* m_plot;      // Qt parent
    QCPColorMap* m_map;       // owned by m_plot
    QCPItemRect* m_highlight; // owned by m_plot
    QCPGraph* m_dots;         // owned by m_plot
    QStringList m_labels;
    std::vector<int> m_counts, m_rowSums, m_columnSums, m_marks;
    int m_largest = 0, m_largestMistake = 0;
    std::vector<int> m_order, m_place; ///< class at a place, place of a class
    HeatScale m_scale = HeatScale::TrueClass;
    bool m_mistakesOnly = false;
    bool m_adjusting = false; ///< while ranges are put right
    QPoint m_pressed;
    int m_row = -1, m_column = -1;
};

} // namespace diptych::ui
