// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <QRgb>
#include <QString>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

namespace diptych::ui {

/// One colour of a legend.
struct LegendEntry {
    QString name;
    QRgb color = 0;
    qint64 count = 0;    ///< points of that colour
    qint64 selected = 0; ///< of them
};

/// What the colours of categories mean. A click hides a colour's points, a double click leaves them alone (or
/// brings all back); Space and Return do the same. With Ctrl a click or Space marks the colour's points, with
/// Shift too it adds them. The colour under the pointer is raised. GUI thread.
class CategoryLegend : public QListView {
    Q_OBJECT

public:
    explicit CategoryLegend(QWidget* parent = nullptr);
    ~CategoryLegend() override;
    /// All shown. @param entries by colour
    void setEntries(std::vector<LegendEntry> entries);
    /// How many of each colour are selected, of the same entries; shown unless all are 0.
    void setSelectedCounts(const std::vector<qint64>& counts);
    const std::vector<LegendEntry>& entries() const;
    const std::vector<uint8_t>& hidden() const;
    void setHiddenColors(std::vector<uint8_t> hidden); ///< without a word to anybody
    void toggle(int row);
    void showAlone(int row); ///< or all, where it is alone already

Q_SIGNALS:
    void hiddenChanged(const std::vector<uint8_t>& hidden);
    void raised(int color); ///< -1 = none
    void marked(int color, bool add);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    class Model;
    class Delegate;
    void raise(int row);

    std::unique_ptr<Model> m_model;
    int m_raised = -1;
};

/// What the colours of values mean: a histogram of the values above their ramp. Dragging over a part of it
/// marks the points with those values, Shift adds them; Left and Right choose a bar, with Shift several,
/// Space marks. GUI thread.
class ValueLegend : public QWidget {
    Q_OBJECT

public:
    explicit ValueLegend(QWidget* parent = nullptr);
    /// @param ramp from @p low to @p high @param counts points in equal parts of the range; may be empty
    void setScale(std::vector<QRgb> ramp, double low, double high, std::vector<qint64> counts);
    QSize sizeHint() const override { return {160, 96}; }
    QSize minimumSizeHint() const override { return {100, 96}; }

Q_SIGNALS:
    /// The points with values from @p low to @p high, both included.
    void marked(double low, double high, bool add);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int partAt(double x) const;
    void choose(int from, int to);
    void mark(bool add);
    void paintParts(QPainter& painter, const QRectF& bar) const;

    std::vector<QRgb> m_ramp;
    std::vector<qint64> m_counts;
    double m_low = 0, m_high = 1;
    int m_from = -1, m_to = -1; ///< chosen parts; -1 = none
    bool m_dragging = false;
};

} // namespace diptych::ui
