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

/// Chooses a prompt set and edits its templates, one a line. Its value is a built-in set's id while the text
/// is untouched, else the list of templates. What somebody wrote can be saved under a name. GUI thread.
class PromptEditor : public QWidget {
    Q_OBJECT

public:
    explicit PromptEditor(QWidget* parent = nullptr);
    Json value() const;
    void setValue(const Json& value); ///< id of a built-in set, or a list of templates
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

    std::vector<PromptSet> m_sets;
    Json m_saved = Json::object();
    QComboBox* m_choice; ///< built-in sets, with their ids as data; saved ones, with none; "Your own"
    QToolButton *m_save, *m_remove;
    QPlainTextEdit* m_text;
    QLabel* m_note;
};

} // namespace diptych::ui
