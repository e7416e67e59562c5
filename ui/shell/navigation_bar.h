// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

class QButtonGroup;
class QToolButton;
class QVBoxLayout;

namespace diptych::ui {

/// The column of pages at the left edge: icon and title, one of them chosen; arrow keys move, Alt+number
/// jumps.
class NavigationBar : public QWidget {
    Q_OBJECT
public:
    explicit NavigationBar(QWidget* parent = nullptr);
    void addPage(const QString& title, const QString& iconName);
    int count() const { return static_cast<int>(m_buttons.size()); }
    int current() const;
    void setCurrent(int index); ///< emits nothing

Q_SIGNALS:
    void chosen(int index);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void restyle();
    void fitWidth();

    QVBoxLayout* m_column;
    QButtonGroup* m_group;
    std::vector<QToolButton*> m_buttons;
};

} // namespace diptych::ui
