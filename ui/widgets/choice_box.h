// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>

namespace diptych::ui {

/// A box to choose one of several names, which may be long: as wide as the widest where there is room, else
/// with an ellipsis in the middle and the whole name in the tool tip. Its list is as wide as its names.
class ChoiceBox : public QComboBox {
    Q_OBJECT
public:
    static constexpr int kMostCharacters = 34; ///< asked for, however long the names are
    /// @param title what is chosen; the accessible name and the tool tip
    /// @param leastCharacters that are shown in the narrowest window
    ChoiceBox(const char* objectName, const QString& title, int leastCharacters, QWidget* parent = nullptr);
    QString shownText() const; ///< what is painted at the present width
    QSize sizeHint() const override;
    void showPopup() override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
};

} // namespace diptych::ui
