// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/text/prompts.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QToolButton;

namespace diptych::ui {

/// Chooses a prompt set and edits its templates, one a line. Its value is the id of a built-in set, or the
/// name of prompts kept in the workspace, while the text is untouched, else the list of templates. What
/// somebody wrote can be saved under a name. GUI thread.
class PromptEditor : public QWidget {
    Q_OBJECT

public:
    explicit PromptEditor(QWidget* parent = nullptr);
    Json value() const;
    /// Id of a set, a list of templates, or an object (promptSetJson()), which stays as it is until the text
    /// is edited.
    void setValue(const Json& value);
    /// Offers the prompts that the workspace keeps, after the built-in sets; the value stays.
    void setKept(const std::vector<PromptSet>& kept);
    /// What is wrong with the templates; empty = nothing.
    QString problem() const;
    /// Offers these too, {"name": [templates]}; the value stays. Choosing one gives its templates.
    void setSaved(const Json& saved);
    /// Saves the templates as @p name, in place of what had that name.
    void save(const QString& name);

Q_SIGNALS:
    void changed();
    void savedChanged(const diptych::Json& saved);

private:
    void chooseSet(int index);
    void chooseOwn();
    void askName();
    void removeSaved();
    QString savedName() const; ///< of the saved prompts that are chosen; empty = others are
    void showTemplates(const std::vector<std::string>& templates);
    void textEdited();
    void updateNote();
    std::vector<std::string> templates() const;

    void listSets();
    size_t classesWithWords() const;

    std::vector<PromptSet> m_sets; ///< built in, then kept in the workspace
    size_t m_builtIn = 0;
    Json m_given; ///< the object that setValue() got, while the text is untouched; else null
    Json m_saved = Json::object();
    QComboBox* m_choice; ///< built-in sets, with their ids as data; saved ones, with none; "Your own"
    QToolButton *m_save, *m_remove;
    QPlainTextEdit* m_text;
    QLabel* m_note;
};

} // namespace diptych::ui
