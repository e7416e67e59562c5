// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/prompts.h"

#include <QObject>
#include <QUndoStack>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diptych::ui {

struct DraftTemplate {
    std::string text;
    bool used = true;
    friend bool operator==(const DraftTemplate&, const DraftTemplate&) = default;
};

/// Prompts as they are edited: templates that are set aside stay in sight.
struct PromptDraft {
    std::vector<DraftTemplate> templates;
    std::map<std::string, ClassWords> classes;
    friend bool operator==(const PromptDraft&, const PromptDraft&) = default;

    static PromptDraft of(const PromptSet& set);
    PromptSet all() const;  ///< with every template
    PromptSet used() const; ///< as it is evaluated
    std::vector<uint8_t> marks() const;
    /// Leaves out words that say nothing.
    void setWords(const std::string& className, const ClassWords& words);
};

/// Holds a draft with its undo steps, and what somebody is typing at the moment, which is shown but is no
/// step yet. GUI thread.
class DraftEditor : public QObject {
    Q_OBJECT

public:
    explicit DraftEditor(QObject* parent = nullptr) : QObject(parent) {}
    const PromptDraft& draft() const { return m_draft; }
    const PromptDraft& shown() const { return m_typed ? *m_typed : m_draft; }
    QUndoStack& undoStack() { return m_undo; }
    /// Another draft, without a step back.
    void reset(PromptDraft draft);
    /// A step. @param what for people, e.g. "Add a template"
    void edit(const QString& what, PromptDraft next);
    void setTyped(std::optional<PromptDraft> typed);

Q_SIGNALS:
    void draftChanged(); ///< draft()
    void shownChanged(); ///< shown()

private:
    friend class DraftStep;
    void set(PromptDraft draft);

    PromptDraft m_draft;
    std::optional<PromptDraft> m_typed;
    QUndoStack m_undo;
};

} // namespace diptych::ui
