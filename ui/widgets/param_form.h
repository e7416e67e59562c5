// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"
#include "core/text/prompts.h"

#include <QWidget>

#include <functional>
#include <vector>

class QFormLayout;
class QLabel;

namespace diptych::ui {

/// A form made from a task's ParamSpecs; it knows no task by name. GUI thread.
class ParamForm : public QWidget {
    Q_OBJECT

public:
    explicit ParamForm(QWidget* parent = nullptr);
    /// Builds the fields with their defaults.
    void setSpecs(const std::vector<ParamSpec>& specs);
    /// Fills in what @p values has; other fields keep what they show.
    void setValues(const Json& values);
    Json values() const;
    /// Marks the fields whose values are not these, now and at every change; null = none.
    void setBaseline(const Json& values);
    QStringList changedTitles() const; ///< of the marked fields, in order
    /// Prompts saved by name, {"name": [templates]}, for every field that edits prompts.
    void setSavedPrompts(const Json& saved);
    /// Offers those that the workspace keeps.
    void setKeptPrompts(const std::vector<PromptSet>& kept);

Q_SIGNALS:
    void changed(); ///< by the person, at every key stroke
    void savedPromptsChanged(const diptych::Json& saved);

private:
    struct Field {
        std::string id;
        std::function<Json()> get;
        std::function<void(const Json&)> set;
        QString title;
        std::function<void(bool)> mark;
        bool marked = false;
    };
    QWidget* makeField(const ParamSpec& spec, Field& field);
    QWidget* makeNumber(const ParamSpec& spec, Field& field);
    QWidget* makePrompts(Field& field);

    QFormLayout* m_layout;
    std::vector<Field> m_fields;
    Json m_savedPrompts = Json::object();
    std::vector<PromptSet> m_keptPrompts;
};

/// Adds or removes the mark of a field that was changed.
void setMarked(QLabel* label, bool marked);
/// A label's text without mnemonic and mark.
QString plainLabel(QString text);

} // namespace diptych::ui
