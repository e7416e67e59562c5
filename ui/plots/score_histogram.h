// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/score_distribution.h"

#include <QWidget>

#include <optional>

namespace diptych::ui {

/// How similar what was searched is to the query: a histogram of the scores, with a cut that is dragged or
/// moved by the arrow keys; a double click or Delete takes it away. Heights are square roots, so that the few
/// that fit can be seen beside the many that do not. GUI thread.
class ScoreHistogram : public QWidget {
    Q_OBJECT

public:
    explicit ScoreHistogram(QWidget* parent = nullptr);
    void setScores(ScoreDistribution scores); ///< the cut stays
    const ScoreDistribution& scores() const { return m_scores; }
    std::optional<float> cut() const { return m_cut; }
    void setCut(std::optional<float> cut);
    void setMark(std::optional<float> score); ///< a line where one score lies, as that of a chosen picture
    /// What is said of a score: itself, the share below it, how many have it or more.
    QString describe(float score) const;
    /// "low,high,images": a line for each of 50 equal parts of the range.
    QString values() const;
    double xOf(float score) const; ///< in the widget
    float scoreAt(double x) const;
    QSize sizeHint() const override { return {360, 76}; }
    QSize minimumSizeHint() const override { return {160, 76}; }

Q_SIGNALS:
    void cutChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void dragTo(double x);
    void paintBars(QPainter& painter, const QRectF& area) const;
    void paintCut(QPainter& painter, const QRectF& area) const;

    ScoreDistribution m_scores;
    std::optional<float> m_cut, m_mark;
};

} // namespace diptych::ui
