// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/error_banner.h"

#include "core/base/error.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {

QString adviceFor(const Error& error) {
    switch (error.code()) {
    case ErrorCode::DiskFull:
        return ErrorBanner::tr("Nothing that was stored before is lost. Free some space and try again.");
    case ErrorCode::Locked:
        return ErrorBanner::tr("Close the other program that uses it, or open another workspace.");
    case ErrorCode::NewerVersion:
        return ErrorBanner::tr("Nothing was changed in it. Open it with the newer version of Diptych.");
    case ErrorCode::OutOfMemory:
        return ErrorBanner::tr(
            "Close other programs, or choose a smaller model, the CPU, or a lower precision.");
    case ErrorCode::Internal:
        return ErrorBanner::tr("This should not happen. Copy this message if you report it.");
    case ErrorCode::InvalidArgument:
    case ErrorCode::NotFound:
    case ErrorCode::Unreadable:
    case ErrorCode::Corrupt:
    case ErrorCode::Unsupported:
    case ErrorCode::LimitExceeded:
        break; // their messages say what to do
    }
    return {};
}

ErrorBanner::ErrorBanner(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel(this)),
      m_title(new QLabel(this)),
      m_detail(new QLabel(this)),
      m_action(new QPushButton(this)),
      m_copy(new QToolButton(this)),
      m_close(new QToolButton(this)) {
    setObjectName(QStringLiteral("errorBanner"));
    setAccessibleName(tr("Message"));
    theme::style(m_title, theme::Text::Heading);
    for (QLabel* label : {m_title, m_detail}) {
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        label->setWordWrap(true);
    }
    m_copy->setIcon(theme::icon(QStringLiteral("copy")));
    m_copy->setToolTip(tr("Copy the message"));
    m_copy->setAccessibleName(m_copy->toolTip());
    m_close->setIcon(theme::icon(QStringLiteral("close")));
    m_close->setToolTip(tr("Dismiss (Esc)"));
    m_close->setAccessibleName(tr("Dismiss"));
    m_close->setObjectName(QStringLiteral("dismissBanner"));
    m_action->hide();

    auto* words = new QVBoxLayout;
    words->setSpacing(theme::kTiny);
    words->addWidget(m_title);
    words->addWidget(m_detail);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(theme::kMedium, theme::kSmall, theme::kSmall, theme::kSmall);
    row->setSpacing(theme::kMedium);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(words, 1);
    row->addWidget(m_action, 0, Qt::AlignTop);
    row->addWidget(m_copy, 0, Qt::AlignTop);
    row->addWidget(m_close, 0, Qt::AlignTop);

    connect(m_close, &QToolButton::clicked, this, &ErrorBanner::dismiss);
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(text()); });
    connect(m_action, &QPushButton::clicked, this, [this] {
        const auto callback = m_callback;
        dismiss();
        if (callback)
            callback();
    });
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &ErrorBanner::restyle);
    QFrame::hide();
}

void ErrorBanner::show(const QString& title, const QString& detail, Level level) {
    m_level = level;
    m_title->setText(title);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    m_action->hide();
    m_callback = nullptr;
    setAccessibleDescription(text());
    restyle();
    QFrame::show();
}

void ErrorBanner::showError(const QString& title, const Error& error) {
    const QString advice = adviceFor(error);
    QString detail = QString::fromUtf8(error.what());
    if (!advice.isEmpty())
        detail += QLatin1Char('\n') + advice;
    show(title, detail, Level::Error);
}

void ErrorBanner::setAction(const QString& text, std::function<void()> action) {
    m_action->setText(text);
    m_callback = std::move(action);
    m_action->show();
}

void ErrorBanner::dismiss() {
    if (isHidden())
        return;
    QFrame::hide();
    m_title->clear();
    m_detail->clear();
    Q_EMIT dismissed();
}

QString ErrorBanner::text() const {
    if (isHidden())
        return {};
    return m_detail->text().isEmpty() ? m_title->text()
                                      : m_title->text() + QLatin1Char('\n') + m_detail->text();
}

void ErrorBanner::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        dismiss();
    else
        QFrame::keyPressEvent(event);
}

void ErrorBanner::showEvent(QShowEvent* event) {
    QFrame::showEvent(event);
    Q_EMIT visibleChanged(true);
}

void ErrorBanner::hideEvent(QHideEvent* event) {
    QFrame::hideEvent(event);
    Q_EMIT visibleChanged(false);
}

void ErrorBanner::restyle() {
    const theme::Colors& c = theme::colors();
    QColor back = c.dangerSoft, line = c.danger;
    QString name = QStringLiteral("error");
    if (m_level == Level::Warning) {
        back = c.warningSoft;
        line = c.warning;
        name = QStringLiteral("alert");
    } else if (m_level == Level::Info) {
        back = c.accentSoft;
        line = c.accent;
        name = QStringLiteral("info");
    }
    m_icon->setPixmap(theme::icon(name).pixmap(QSize(20, 20), devicePixelRatioF()));
    setStyleSheet(QStringLiteral("#%1 { background: %2; border: 1px solid %3; border-radius: 8px; }")
                      .arg(objectName(), back.name(), line.name()));
}

} // namespace diptych::ui
