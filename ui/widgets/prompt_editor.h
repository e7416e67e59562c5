// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/text/prompts.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QPlainTextEdit;

namespace diptych::ui {

/// Chooses a prompt set and edits its templates, one a line. Its value is the set's id while the text is
/// untouched, else the list of templates. GUI thread.
class PromptEditor : public QWidget {
    Q_OBJECT

public:
    explicit PromptEditor(QWidget* parent = nullptr);
    Json value() const;
    void setValue(const Json& value); ///< id of a built-in set, or a list of templates
    /// What is wrong with the templates; empty = nothing.
    QString problem() const;

Q_SIGNALS:
    void changed();

private:
    void chooseSet(int index);
    void textEdited();
    void updateNote();
    std::vector<std::string> templates() const;

    std::vector<PromptSet> m_sets;
    QComboBox* m_choice;
    QPlainTextEdit* m_text;
    QLabel* m_note;
};

} // namespace diptych::ui
