// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace diptych::ui {

/// The "?" in the upper right corner of every page, in the margin that pages leave free.
class GuideButton : public QToolButton {
    Q_OBJECT
public:
    /// @param pages where the pages are; the button is its sibling and stays in its corner
    explicit GuideButton(QWidget* pages);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();

    QWidget* m_pages;
};

} // namespace diptych::ui
