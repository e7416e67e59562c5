// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/facet_table.h"

#include <QWidget>

class QLineEdit;

namespace diptych::ui {

/// The bars of a histogram with a range to drag over them: from bin to bin, an end by its handle. Arrow keys
/// move the lower end, with Shift the upper one; Delete or a double click takes the range away.
class RangeBars : public QWidget {
    Q_OBJECT
public:
    explicit RangeBars(QWidget* parent = nullptr);
    void setHistogram(const FacetHistogram& histogram); ///< emits nothing
    const FacetHistogram& histogram() const { return m_histogram; }
    QSize minimumSizeHint() const override;
    QSize sizeHint() const override { return minimumSizeHint(); }
    /// What is said of a range: "9.5 to 40"
    static QString rangeText(const FacetHistogram& histogram, const NumberRange& range);
    QRect binRect(int bin) const; ///< as high as the widget

Q_SIGNALS:
    void rangeChanged(const diptych::NumberRange& range);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int bins() const { return static_cast<int>(m_histogram.total.size()); }
    double edge(int place) const; ///< the value at the place between bins
    int edgeAt(double x) const;   ///< the nearest place between bins
    int binAt(double x) const;
    std::pair<int, int> chosenEdges() const;
    void choose(int from, int to);

    FacetHistogram m_histogram;
    int m_from = -1; ///< place where the drag began, or the end that stays; -1 = none
    bool m_moving = false;
};

/// RangeBars with fields for its two ends.
class RangeHistogram : public QWidget {
    Q_OBJECT
public:
    /// @param name what the numbers are, for people who do not see them
    explicit RangeHistogram(const QString& name, QWidget* parent = nullptr);
    void setHistogram(const FacetHistogram& histogram); ///< emits nothing; leaves a field that is typed in
    RangeBars* bars() const { return m_bars; }

Q_SIGNALS:
    void rangeChanged(const diptych::NumberRange& range);

private:
    void takeFields();

    RangeBars* m_bars;
    QLineEdit *m_least, *m_most;
};

} // namespace diptych::ui
