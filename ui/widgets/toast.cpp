// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/toast.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace diptych::ui {

namespace {
constexpr int kShownMs = 8000;
} // namespace

Toast::Toast(QWidget* parent) : QFrame(parent), m_text(new QLabel(this)), m_action(new QPushButton(this)) {
    setObjectName(QStringLiteral("toast"));
    theme::makeCard(this);
    setAutoFillBackground(true);
    m_text->setTextFormat(Qt::PlainText);
    m_action->setObjectName(QStringLiteral("toastAction"));
    m_action->setText(tr("Undo"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(theme::kLarge, theme::kSmall, theme::kSmall, theme::kSmall);
    row->setSpacing(theme::kMedium);
    row->addWidget(m_text);
    row->addWidget(m_action);
    m_time.setSingleShot(true);
    m_time.setInterval(kShownMs);
    connect(&m_time, &QTimer::timeout, this, &Toast::timeOut);
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        if (m_act)
            m_act();
    });
    parent->installEventFilter(this);
    hide();
}

void Toast::show(const QString& text, const QString& action, std::function<void()> act) {
    m_text->setText(text);
    if (!action.isEmpty()) // hidden, it keeps the text that a screen reader knows it by
        m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_act = std::move(act);
    setAccessibleName(text);
    QFrame::show();
    place();
    raise();
    m_time.start();
    QAccessibleEvent alert(this, QAccessible::Alert); // read out without taking the focus
    QAccessible::updateAccessibility(&alert);
}

QString Toast::text() const {
    return isHidden() ? QString() : m_text->text();
}

void Toast::timeOut() {
    if (underMouse() || m_action->hasFocus())
        m_time.start();
    else
        hide();
}

void Toast::place() {
    adjustSize();
    move((parentWidget()->width() - width()) / 2, parentWidget()->height() - height() - theme::kHuge);
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && isVisible())
        place();
    return QFrame::eventFilter(watched, event);
}

} // namespace diptych::ui
