// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_notices.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {

RunNotices::RunNotices(QWidget* parent) : QFrame(parent), m_column(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("runNotices"));
    setAccessibleName(tr("Warnings"));
    m_column->setContentsMargins(theme::kMedium, theme::kTiny, theme::kTiny, theme::kTiny);
    m_column->setSpacing(0);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &RunNotices::restyle);
    restyle();
    hide();
}

void RunNotices::setRun(const RunRecord& run) {
    qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    const std::vector<RunWarning> warnings = runWarnings(run);
    for (const RunWarning& warning : warnings) {
        auto* line = new QWidget;
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(theme::kMedium);
        auto* icon = new QLabel;
        icon->setPixmap(theme::icon(QStringLiteral("alert")).pixmap(QSize(16, 16), devicePixelRatioF()));
        auto* text = new QLabel(toQString(warning.text) + QLatin1Char('.'));
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        row->addWidget(icon);
        row->addWidget(text, 1);
        if (warning.examples || !warning.samples.empty()) {
            auto* show = new QPushButton(tr("Show the pictures"));
            show->setObjectName(QStringLiteral("showWarned"));
            theme::makeFlat(show);
            connect(show, &QPushButton::clicked, this,
                    [this, warning] { Q_EMIT picturesRequested(warning); });
            row->addWidget(show);
        }
        m_column->addWidget(line);
    }
    setVisible(!warnings.empty());
}

void RunNotices::restyle() {
    const theme::Colors& c = theme::colors();
    setStyleSheet(QStringLiteral("#runNotices { background: %1; border: 1px solid %2; border-radius: 8px; }")
                      .arg(c.warningSoft.name(), c.warning.name()));
}

} // namespace diptych::ui
