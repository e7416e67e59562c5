// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

class QLabel;
class QPushButton;

namespace diptych::ui {

struct TourStep {
    QString page;   ///< id of the page that is brought forward
    QString widget; ///< object name of what the step is about, in that page; empty = the whole page
    QString title, text;
};

/// A walk through the program: a card that floats over the pages, brings one forward a step and outlines what
/// it is about. The pages stay usable. Skipped by its button or Esc. GUI thread.
class Tour : public QFrame {
    Q_OBJECT
public:
    /// @param over the widget that it floats over @param pageOf brings a page forward and gives it; null =
    /// there is none
    Tour(QWidget* over, std::function<QWidget*(const QString&)> pageOf, std::vector<TourStep> steps);
    ~Tour() override;

    void start();
    bool running() const { return isVisible(); }
    int step() const { return m_step; } ///< from 0
    int steps() const { return static_cast<int>(m_steps.size()); }
    QWidget* outlined() const; ///< what the step is about; null where it is not in sight

Q_SIGNALS:
    void ended(); ///< walked through or skipped

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Outline;
    void go(int step);
    void end();
    void place();

    QWidget* m_over;
    std::function<QWidget*(const QString&)> m_pageOf;
    std::vector<TourStep> m_steps;
    int m_step = 0;
    QPointer<QWidget> m_target;
    QLabel *m_count, *m_title, *m_text;
    QPushButton *m_back, *m_next, *m_skip;
    Outline* m_outline; // Qt parent: m_over
};

/// The five steps of the first start, on the demo.
std::vector<TourStep> firstTour();

} // namespace diptych::ui
