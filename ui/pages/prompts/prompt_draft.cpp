// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/prompts/prompt_draft.h"

#include <QUndoCommand>

#include <utility>

namespace diptych::ui {

PromptDraft PromptDraft::of(const PromptSet& set) {
    PromptDraft draft;
    for (const std::string& text : set.templates)
        draft.templates.push_back({text, true});
    draft.classes = set.classes;
    return draft;
}

PromptSet PromptDraft::all() const {
    PromptSet set;
    for (const DraftTemplate& entry : templates)
        set.templates.push_back(entry.text);
    set.classes = classes;
    return set;
}

PromptSet PromptDraft::used() const {
    PromptSet set;
    for (const DraftTemplate& entry : templates)
        if (entry.used)
            set.templates.push_back(entry.text);
    set.classes = classes;
    return set;
}

std::vector<uint8_t> PromptDraft::marks() const {
    std::vector<uint8_t> marks;
    for (const DraftTemplate& entry : templates)
        marks.push_back(entry.used);
    return marks;
}

void PromptDraft::setWords(const std::string& className, const ClassWords& words) {
    if (words == ClassWords())
        classes.erase(className);
    else
        classes[className] = words;
}

class DraftStep : public QUndoCommand {
public:
    DraftStep(DraftEditor& editor, const QString& what, PromptDraft next)
        : QUndoCommand(what), m_editor(editor), m_before(editor.m_draft), m_after(std::move(next)) {}
    void undo() override { m_editor.set(m_before); }
    void redo() override { m_editor.set(m_after); }

private:
    DraftEditor& m_editor;
    PromptDraft m_before, m_after;
};

void DraftEditor::set(PromptDraft draft) {
    m_draft = std::move(draft);
    m_typed.reset();
    Q_EMIT draftChanged();
    Q_EMIT shownChanged();
}

void DraftEditor::reset(PromptDraft draft) {
    m_undo.clear();
    set(std::move(draft));
}

void DraftEditor::edit(const QString& what, PromptDraft next) {
    if (next == m_draft)
        setTyped(std::nullopt);
    else
        m_undo.push(new DraftStep(*this, what, std::move(next)));
}

void DraftEditor::setTyped(std::optional<PromptDraft> typed) {
    if (!typed && !m_typed)
        return;
    m_typed = std::move(typed);
    Q_EMIT shownChanged();
}

} // namespace diptych::ui
