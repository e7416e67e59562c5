// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/prompt_editor.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {

PromptEditor::PromptEditor(QWidget* parent)
    : QWidget(parent),
      m_choice(new QComboBox(this)),
      m_save(new QToolButton(this)),
      m_remove(new QToolButton(this)),
      m_text(new QPlainTextEdit(this)),
      m_note(new QLabel(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    auto* top = new QHBoxLayout;
    top->setSpacing(theme::kSmall);
    top->addWidget(m_choice, 1);
    top->addWidget(m_save);
    top->addWidget(m_remove);
    layout->addLayout(top);
    m_save->setText(tr("Save…"));
    m_save->setObjectName(QStringLiteral("savePrompts"));
    m_save->setToolTip(tr("Save these prompts under a name"));
    m_remove->setIcon(theme::icon(QStringLiteral("trash")));
    m_remove->setObjectName(QStringLiteral("removePrompts"));
    m_remove->setToolTip(tr("Forget the saved prompts of this name"));
    m_remove->setAccessibleName(m_remove->toolTip());
    connect(m_save, &QToolButton::clicked, this, &PromptEditor::askName);
    connect(m_remove, &QToolButton::clicked, this, &PromptEditor::removeSaved);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_note);
    m_choice->setObjectName(QStringLiteral("promptSet"));
    m_choice->setAccessibleName(tr("Prompt set"));
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_choice->setMinimumContentsLength(10); // long titles must not keep the form wide
    m_text->setObjectName(QStringLiteral("promptTemplates"));
    m_text->setAccessibleName(tr("Prompt templates, one a line"));
    m_text->setTabChangesFocus(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFixedHeight(m_text->fontMetrics().lineSpacing() * 8);
    theme::style(m_note, theme::Text::Caption);
    m_note->setWordWrap(true);
    m_sets = builtInPromptSets();
    m_builtIn = m_sets.size();
    listSets();
    connect(m_choice, &QComboBox::activated, this, &PromptEditor::chooseSet);
    connect(m_text, &QPlainTextEdit::textChanged, this, &PromptEditor::textEdited);
    setFocusProxy(m_text);
    updateNote();
}

void PromptEditor::listSets() {
    m_choice->clear();
    for (const PromptSet& set : m_sets) {
        m_choice->addItem(toQString(set.title), toQString(set.id));
        m_choice->setItemData(m_choice->count() - 1, toQString(set.source), Qt::ToolTipRole);
    }
    for (const auto& [name, templates] : m_saved.items())
        m_choice->addItem(toQString(name));
    m_choice->addItem(tr("Your own"));
}

void PromptEditor::setKept(const std::vector<PromptSet>& kept) {
    const QVariant id = m_choice->currentData();
    const QString name = savedName();
    const QSignalBlocker block(m_choice);
    m_sets.resize(m_builtIn);
    for (const PromptSet& set : kept) {
        m_sets.push_back(set);
        m_sets.back().source = tr("Kept in this workspace").toStdString();
    }
    listSets();
    int index = id.isValid() ? m_choice->findData(id) : name.isEmpty() ? -1 : m_choice->findText(name);
    if (index < 0)
        index = m_choice->count() - 1; // what stands in the text is somebody's own from now on
    m_choice->setCurrentIndex(index);
    updateNote();
}

size_t PromptEditor::classesWithWords() const {
    const int index = m_choice->currentIndex();
    if (index >= 0 && static_cast<size_t>(index) < m_sets.size())
        return m_sets[static_cast<size_t>(index)].classes.size();
    return m_given.is_object() && m_given.contains("classes") ? m_given["classes"].size() : 0;
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
    return m_given.is_null() ? Json(templates()) : m_given;
}

void PromptEditor::setValue(const Json& value) {
    m_given = nullptr;
    if (value.is_string()) {
        const int index = m_choice->findData(toQString(value.get<std::string>()));
        if (index >= 0) {
            m_choice->setCurrentIndex(index);
            chooseSet(index);
        }
        return;
    }
    if (value.is_object()) {
        showTemplates(value.value("templates", std::vector<std::string>()));
        m_choice->setCurrentIndex(m_choice->count() - 1);
        m_given = value;
    } else {
        showTemplates(value.get<std::vector<std::string>>());
        chooseOwn();
    }
    updateNote();
    Q_EMIT changed();
}

void PromptEditor::showTemplates(const std::vector<std::string>& templates) {
    QStringList lines;
    for (const std::string& line : templates)
        lines.append(toQString(line));
    const QSignalBlocker block(m_text);
    m_text->setPlainText(lines.join(QLatin1Char('\n')));
}

/// The saved prompts that stand in the text, else "Your own".
void PromptEditor::chooseOwn() {
    int index = m_choice->count() - 1;
    for (const auto& [name, templates] : m_saved.items())
        if (templates == Json(this->templates()))
            index = m_choice->findText(toQString(name));
    m_choice->setCurrentIndex(index);
}

QString PromptEditor::savedName() const {
    const int index = m_choice->currentIndex();
    const bool saved = index >= static_cast<int>(m_sets.size()) && index + 1 < m_choice->count();
    return saved ? m_choice->itemText(index) : QString();
}

void PromptEditor::setSaved(const Json& saved) {
    const bool builtIn = m_choice->currentIndex() < static_cast<int>(m_sets.size());
    m_saved = saved;
    const QSignalBlocker block(m_choice);
    while (m_choice->count() > static_cast<int>(m_sets.size()) + 1)
        m_choice->removeItem(m_choice->count() - 2);
    for (const auto& [name, templates] : m_saved.items())
        m_choice->insertItem(m_choice->count() - 1, toQString(name));
    if (!builtIn)
        chooseOwn();
    updateNote();
}

void PromptEditor::askName() {
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("promptName"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Save prompts"));
    dialog->setLabelText(tr("Name; prompts saved under it before are replaced:"));
    dialog->setTextValue(savedName());
    connect(dialog, &QInputDialog::textValueSelected, this, &PromptEditor::save);
    dialog->open();
}

void PromptEditor::save(const QString& name) {
    const QString trimmed = name.trimmed();
    if (trimmed.isEmpty() || !problem().isEmpty())
        return;
    for (const PromptSet& set : m_sets)
        if (toQString(set.title) == trimmed) {
            m_note->setText(tr("“%1” is a set of its own; save yours under another name.").arg(trimmed));
            return;
        }
    Json saved = m_saved;
    saved[trimmed.toStdString()] = templates();
    m_choice->setCurrentIndex(m_choice->count() - 1);
    setSaved(saved);
    Q_EMIT savedChanged(saved);
    Q_EMIT changed();
}

void PromptEditor::removeSaved() {
    Json saved = m_saved;
    saved.erase(savedName().toStdString());
    setSaved(saved);
    Q_EMIT savedChanged(saved);
}

QString PromptEditor::problem() const {
    const auto list = templates();
    if (list.empty() && classesWithWords() > 0) // which have prompts of their own
        return {};
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
    m_given = nullptr;
    if (index >= 0 && index < static_cast<int>(m_sets.size()))
        showTemplates(m_sets[static_cast<size_t>(index)].templates);
    else if (const QString name = savedName(); !name.isEmpty())
        showTemplates(m_saved[name.toStdString()].get<std::vector<std::string>>());
    else
        m_text->setFocus();
    updateNote();
    Q_EMIT changed();
}

void PromptEditor::textEdited() {
    // Whatever set was chosen, what stands here now is somebody's own.
    m_choice->setCurrentIndex(m_choice->count() - 1);
    m_given = nullptr;
    updateNote();
    Q_EMIT changed();
}

void PromptEditor::updateNote() {
    const QString wrong = problem();
    m_save->setEnabled(wrong.isEmpty());
    m_remove->setVisible(!savedName().isEmpty());
    const auto count = templates().size();
    if (const size_t words = classesWithWords(); words > 0 && wrong.isEmpty()) {
        m_note->setText(tr("%1, with words of their own for %2; the Prompts page edits those.")
                            .arg(countOf(static_cast<qlonglong>(count), tr("template"), tr("templates")),
                                 countOf(static_cast<qlonglong>(words), tr("class"), tr("classes"))));
        return;
    }
    m_note->setText(!wrong.isEmpty() ? wrong
                    : count == 1     ? tr("One template; {} stands for the class name.")
                                 : tr("%1 templates, averaged; {} stands for the class name.").arg(count));
}

} // namespace diptych::ui
