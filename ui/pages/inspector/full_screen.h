// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QWidget>

class QLabel;

namespace diptych::ui {

class ImageView;

/// One picture and nothing else on the whole screen. Left and Right ask for another one; Esc, F11 and Space
/// leave.
class FullScreenPicture : public QWidget {
    Q_OBJECT
public:
    explicit FullScreenPicture(QWidget* parent);
    /// @param caption below the picture @param placeholder where there is none
    void showPicture(const QImage& image, const QString& placeholder, const QString& caption);
    ImageView* view() const { return m_view; }

Q_SIGNALS:
    void stepped(int by);
    void left();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    ImageView* m_view;
    QLabel* m_caption;
};

} // namespace diptych::ui
