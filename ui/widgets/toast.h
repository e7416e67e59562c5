// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

#include <functional>

class QLabel;
class QPushButton;

namespace diptych::ui {

/// A short word over the lower edge of its parent on what was just done, with a button that takes it back. It
/// goes by itself after a while, not under the pointer or with the focus on its button; a new one replaces
/// it.
class Toast : public QFrame {
    Q_OBJECT
public:
    explicit Toast(QWidget* parent);

    /// @param action text of the button; empty = none
    void show(const QString& text, const QString& action = {}, std::function<void()> act = {});
    QString text() const; ///< empty while hidden

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    void timeOut();

    QLabel* m_text;
    QPushButton* m_action;
    std::function<void()> m_act;
    QTimer m_time;
};

} // namespace diptych::ui
