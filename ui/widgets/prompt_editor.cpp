// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/prompt_editor.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace diptych::ui {

PromptEditor::PromptEditor(QWidget* parent)
    : QWidget(parent),
      m_choice(new QComboBox(this)),
      m_text(new QPlainTextEdit(this)),
      m_note(new QLabel(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    layout->addWidget(m_choice);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_note);
    m_choice->setObjectName(QStringLiteral("promptSet"));
    m_choice->setAccessibleName(tr("Prompt set"));
    m_text->setObjectName(QStringLiteral("promptTemplates"));
    m_text->setAccessibleName(tr("Prompt templates, one a line"));
    m_text->setTabChangesFocus(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFixedHeight(m_text->fontMetrics().lineSpacing() * 8);
    theme::style(m_note, theme::Text::Caption);
    m_note->setWordWrap(true);
    m_sets = builtInPromptSets();
    for (const PromptSet& set : m_sets) {
        m_choice->addItem(toQString(set.title), toQString(set.id));
        m_choice->setItemData(m_choice->count() - 1, toQString(set.source), Qt::ToolTipRole);
    }
    m_choice->addItem(tr("Your own"));
    connect(m_choice, &QComboBox::activated, this, &PromptEditor::chooseSet);
    connect(m_text, &QPlainTextEdit::textChanged, this, &PromptEditor::textEdited);
    setFocusProxy(m_text);
}

std::vector<std::string> PromptEditor::templates() const {
    std::vector<std::string> out;
    for (const QString& line : m_text->toPlainText().split(QLatin1Char('\n')))
        if (!line.trimmed().isEmpty())
            out.push_back(line.trimmed().toStdString());
    return out;
}

Json PromptEditor::value() const {
    const int index = m_choice->currentIndex();
    if (index >= 0 && index < static_cast<int>(m_sets.size()))
        return m_sets[static_cast<size_t>(index)].id;
    return templates();
}

void PromptEditor::setValue(const Json& value) {
    if (value.is_string()) {
        const int index = m_choice->findData(toQString(value.get<std::string>()));
        if (index >= 0) {
            m_choice->setCurrentIndex(index);
            chooseSet(index);
        }
        return;
    }
    QStringList lines;
    for (const Json& item : value)
        lines.append(toQString(item.get<std::string>()));
    m_text->setPlainText(lines.join(QLatin1Char('\n')));
}

QString PromptEditor::problem() const {
    const auto list = templates();
    if (list.empty())
        return tr("Write at least one template; {} stands for the class name.");
    try {
        checkPromptTemplates(list);
    } catch (const Error& error) {
        return toQString(error.what());
    }
    return {};
}

void PromptEditor::chooseSet(int index) {
    if (index >= 0 && index < static_cast<int>(m_sets.size())) {
        QStringList lines;
        for (const std::string& line : m_sets[static_cast<size_t>(index)].templates)
            lines.append(toQString(line));
        const QSignalBlocker block(m_text);
        m_text->setPlainText(lines.join(QLatin1Char('\n')));
    } else {
        m_text->setFocus();
    }
    updateNote();
    Q_EMIT changed();
}

void PromptEditor::textEdited() {
    // Whatever set was chosen, what stands here now is somebody's own.
    m_choice->setCurrentIndex(m_choice->count() - 1);
    updateNote();
    Q_EMIT changed();
}

void PromptEditor::updateNote() {
    const QString wrong = problem();
    const auto count = templates().size();
    m_note->setText(!wrong.isEmpty() ? wrong
                    : count == 1     ? tr("One template; {} stands for the class name.")
                                 : tr("%1 templates, averaged; {} stands for the class name.").arg(count));
}

} // namespace diptych::ui
