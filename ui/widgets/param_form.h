// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

#include <QWidget>

#include <functional>
#include <vector>

class QFormLayout;

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

Q_SIGNALS:
    void changed(); ///< by the person, at every key stroke

private:
    struct Field {
        std::string id;
        std::function<Json()> get;
        std::function<void(const Json&)> set;
    };
    QWidget* makeField(const ParamSpec& spec, Field& field);
    QWidget* makeNumber(const ParamSpec& spec, Field& field);

    QFormLayout* m_layout;
    std::vector<Field> m_fields;
};

} // namespace diptych::ui
