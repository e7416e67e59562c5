// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QBoxLayout;
class QHBoxLayout;

namespace diptych::ui {

/// Controls on one line where nothing of them is cut there, else on two, so that a small window and large
/// text leave them whole. What is hidden takes no room.
class FoldingRow : public QWidget {
    Q_OBJECT
public:
    explicit FoldingRow(QWidget* parent = nullptr);
    QHBoxLayout* first() const { return m_first; }   ///< what stays on the first line
    QHBoxLayout* second() const { return m_second; } ///< what goes to the second
    /// How room to spare on one line is shared; by itself it is the second's.
    void setStretch(int first, int second);
    bool folded() const;
    QSize minimumSizeHint() const override; ///< that of two lines

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();

    QBoxLayout* m_lines;
    QHBoxLayout *m_first, *m_second;
};

} // namespace diptych::ui
