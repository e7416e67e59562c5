// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/marks_editor.h"

#include "ui/models/formatting.h"
#include "ui/pages/inspector/correction_history.h"
#include "ui/state/app_state.h"
#include "ui/state/sample_edits.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {

/// In the accent, which reads well on light and dark; the palette's own blue does not.
QString linkText(const QString& target, const QString& text) {
    return QStringLiteral("<a href=\"%1\" style=\"color:%2\">%3</a>")
        .arg(target, theme::colors().accent.name(), text);
}

} // namespace

MarksEditor::MarksEditor(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_tags(new QLabel),
      m_note(new QLabel),
      m_newTag(new QLineEdit),
      m_corrections(new CorrectionHistory(context)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    m_tags->setObjectName(QStringLiteral("inspectorTags"));
    m_note->setObjectName(QStringLiteral("inspectorNote"));
    for (QLabel* label : {m_tags, m_note}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::RichText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse |
                                       Qt::LinksAccessibleByKeyboard);
        connect(label, &QLabel::linkActivated, this, &MarksEditor::follow);
    }
    m_newTag->setObjectName(QStringLiteral("addTag"));
    m_newTag->setPlaceholderText(tr("Add a tag"));
    m_newTag->setAccessibleName(m_newTag->placeholderText());
    connect(m_newTag, &QLineEdit::returnPressed, this, &MarksEditor::addTag);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, [this] { show(m_sample); });
    layout->addWidget(m_corrections);
    layout->addWidget(m_tags);
    layout->addWidget(m_newTag);
    layout->addWidget(m_note);
}

void MarksEditor::show(const Sample& sample) {
    m_sample = sample;
    m_corrections->show(sample);
    const bool writable = !m_context.state.readOnly();
    QStringList tags;
    for (size_t i = 0; i < sample.tags.size(); ++i) {
        const QString name = toQString(sample.tags[i]).toHtmlEscaped();
        tags << (writable
                     ? name + QStringLiteral("&nbsp;") + linkText(QStringLiteral("remove:%1").arg(i), tr("✕"))
                     : name);
    }
    m_tags->setText(tr("Tags: %1").arg(tags.join(QStringLiteral(" &nbsp; "))));
    m_tags->setVisible(!tags.isEmpty());
    const QString note =
        toQString(sample.note).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
    const QString link =
        writable ? linkText(QStringLiteral("note"), note.isEmpty() ? tr("Add a note") : tr("Change"))
                 : QString();
    m_note->setText(note.isEmpty() ? link : tr("Note: %1 &nbsp;%2").arg(note, link));
    m_note->setVisible(!m_note->text().isEmpty());
    m_newTag->setVisible(writable);
    auto* completer = new QCompleter(m_context.actions.tags(), m_newTag);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_newTag->setCompleter(completer); // deletes the one before
}

void MarksEditor::follow(const QString& link) {
    if (link == QLatin1String("note")) {
        SampleTarget target;
        target.samples = {m_sample.id};
        target.current = m_sample.id;
        m_context.actions.askNote(target, this);
        return;
    }
    const auto index = link.section(QLatin1Char(':'), 1).toULongLong();
    if (index < m_sample.tags.size())
        m_context.actions.edits().removeTag({m_sample.id}, toQString(m_sample.tags[index]));
}

void MarksEditor::addTag() {
    const QString tag = m_newTag->text().trimmed();
    m_newTag->clear();
    if (!tag.isEmpty())
        m_context.actions.edits().addTag({m_sample.id}, tag);
}

} // namespace diptych::ui
