// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace diptych::ui {

/// One line of plain text that may be longer than there is room: what does not fit gives way to an ellipsis,
/// and the whole text is the tool tip. text() is always the whole text.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(Qt::TextElideMode mode, QWidget* parent = nullptr);
    void setFullText(const QString& text); ///< on one line, unless words wrap
    /// What is painted at the present width.
    QString shownText() const;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::TextElideMode m_mode;
};

} // namespace diptych::ui
