// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/full_screen.h"

#include "ui/theme/theme.h"
#include "ui/widgets/image_view.h"

#include <QCloseEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace diptych::ui {

FullScreenPicture::FullScreenPicture(QWidget* parent)
    : QWidget(parent, Qt::Window | Qt::FramelessWindowHint),
      m_view(new ImageView(this)),
      m_caption(new QLabel(this)) {
    setObjectName(QStringLiteral("fullScreen"));
    setWindowTitle(tr("Picture"));
    m_caption->setTextFormat(Qt::PlainText);
    m_caption->setAlignment(Qt::AlignCenter);
    m_caption->setContentsMargins(theme::kMedium, 0, theme::kMedium, theme::kSmall);
    theme::style(m_caption, theme::Text::Caption);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_caption);
    m_view->installEventFilter(this);
    setFocusProxy(m_view);
}

void FullScreenPicture::showPicture(const QImage& image, const QString& placeholder, const QString& caption) {
    m_view->setImage(image);
    m_view->setPlaceholder(placeholder);
    m_caption->setText(caption);
}

bool FullScreenPicture::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape || key == Qt::Key_F11)
            event->accept(); // theirs here, not the main window's
    }
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
    case Qt::Key_F11:
    case Qt::Key_Space:
        close();
        return true;
    case Qt::Key_Left:
    case Qt::Key_PageUp:
        Q_EMIT stepped(-1);
        return true;
    case Qt::Key_Right:
    case Qt::Key_PageDown:
        Q_EMIT stepped(1);
        return true;
    default:
        return QWidget::eventFilter(watched, event);
    }
}

void FullScreenPicture::closeEvent(QCloseEvent* event) {
    QWidget::closeEvent(event);
    Q_EMIT left();
}

} // namespace diptych::ui
