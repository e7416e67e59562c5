// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/print/page_flow.h"

#include <QWidget>

#include <memory>

class QLabel;
class QPushButton;
class QScrollArea;

namespace diptych::ui {

/// Pages as they would be printed, one at a time: Page Up and Page Down turn them, plus and minus zoom.
class ReportPreview : public QWidget {
    Q_OBJECT
public:
    explicit ReportPreview(QWidget* parent = nullptr);
    /// Keeps the page that is shown, as far as there are so many.
    void setPages(std::shared_ptr<const print::PageFlow> pages);
    const print::PageFlow* pages() const { return m_pages.get(); }
    /// What is shown in place of a page: that it is being made, or why there is none.
    void setMessage(const QString& message);
    int page() const { return m_page; } ///< from 0

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void turn(int by);
    void zoom(double by);
    void showPage();

    std::shared_ptr<const print::PageFlow> m_pages;
    int m_page = 0;
    double m_zoom = 1; ///< 1 = as wide as there is room
    QLabel *m_picture, *m_position;
    QScrollArea* m_scroll;
    QPushButton *m_previous, *m_next, *m_smaller, *m_larger;
};

} // namespace diptych::ui
