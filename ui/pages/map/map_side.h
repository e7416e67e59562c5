// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/map/map_coloring.h"
#include "ui/pages/map/selection_naming.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace diptych::ui {

/// Beside the map: what colours it, what the colours mean, and how much is selected. GUI thread.
class MapSide : public QWidget {
    Q_OBJECT

public:
    explicit MapSide(QWidget* parent = nullptr);
    /// Keeps what is chosen where it is still there. @param content of the map
    void setOptions(const ColorOptions& options, MapContent content);
    ColorChoice choice() const;
    RunId run() const; ///< for choices of ofRun()
    QString choiceTitle() const;
    Ramp ramp() const;
    void setRamp(Ramp ramp);
    void chooseBy(ColorBy by); ///< nothing happens where it is not offered
    /// The legend of it. @return what the canvas draws
    PointColors showColoring(const Coloring& coloring);
    /// @param selected by point
    void showSelected(const Coloring& coloring, const std::vector<uint8_t>& selected, size_t samples);
    const std::vector<uint8_t>& hidden() const;
    SelectionNaming& naming() const { return *m_naming; }
    QWidget* dragHandle() const; ///< what says how much is selected; by it the files are dragged out

Q_SIGNALS:
    void choiceChanged(); ///< by the person or because an option has gone
    void rampChanged();
    void hiddenChanged(const std::vector<uint8_t>& hidden);
    void raised(int color);
    void colorMarked(int color, bool add);
    void valuesMarked(double low, double high, bool add);
    void showSelectedRequested();
    void clearRequested();

private:
    void buildSelection(QWidget* panel);
    void updateRuns();
    int rowOf(const ColorChoice& choice) const; ///< -1 = not offered

    ColorOptions m_options;
    QComboBox *m_by, *m_run, *m_ramp;
    QStackedWidget* m_legends; ///< categories | values
    CategoryLegend* m_categories;
    ValueLegend* m_values;
    QLabel* m_selected;
    QPushButton *m_show, *m_clear;
    SelectionNaming* m_naming;
};

} // namespace diptych::ui
