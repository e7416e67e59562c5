// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace diptych::ui {

/// What a page shows where there is nothing yet: an icon, a heading, a sentence that says what belongs here,
/// and the button that gets it there.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    /// @param iconName as theme::icon takes; @param actionText empty = no button
    EmptyState(const QString& iconName, const QString& heading, const QString& sentence,
               const QString& actionText = {}, QWidget* parent = nullptr);
    void setText(const QString& heading, const QString& sentence);
    QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void actionTriggered();

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();
    void fitSentence();

    QString m_iconName;
    QLabel* m_icon;
    QLabel* m_heading;
    QLabel* m_sentence;
    QPushButton* m_button;
};

} // namespace diptych::ui
