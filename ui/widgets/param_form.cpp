// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/param_form.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/prompt_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

#include <limits>

namespace diptych::ui {

ParamForm::ParamForm(QWidget* parent) : QWidget(parent), m_layout(new QFormLayout(this)) {
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setVerticalSpacing(theme::kMedium);
    m_layout->setHorizontalSpacing(theme::kLarge);
    m_layout->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    m_layout->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

void ParamForm::setSpecs(const std::vector<ParamSpec>& specs) {
    while (m_layout->rowCount() > 0)
        m_layout->removeRow(0);
    m_fields.clear();
    for (const ParamSpec& spec : specs) {
        Field field;
        field.id = spec.id;
        QWidget* widget = makeField(spec, field);
        widget->setObjectName(QStringLiteral("param_") + toQString(spec.id));
        widget->setToolTip(toQString(spec.help));
        widget->setAccessibleName(toQString(spec.title));
        widget->setAccessibleDescription(toQString(spec.help));
        if (spec.type == ParamSpec::Type::Bool) {
            m_layout->addRow(widget);
        } else if (spec.type == ParamSpec::Type::Prompts) {
            auto* label = new QLabel(toQString(spec.title));
            label->setBuddy(widget);
            m_layout->addRow(label);
            m_layout->addRow(widget);
        } else {
            m_layout->addRow(theme::fieldLabel(toQString(spec.title), widget), widget);
        }
        field.set(spec.defaultValue);
        m_fields.push_back(std::move(field));
    }
}

void ParamForm::setValues(const Json& values) {
    for (const Field& field : m_fields)
        if (const auto found = values.find(field.id); found != values.end())
            field.set(*found);
}

Json ParamForm::values() const {
    Json out = Json::object();
    for (const Field& field : m_fields)
        out[field.id] = field.get();
    return out;
}

QWidget* ParamForm::makeNumber(const ParamSpec& spec, Field& field) {
    const bool limited = spec.minimum != spec.maximum;
    if (spec.type == ParamSpec::Type::Int) {
        auto* box = new QSpinBox;
        box->setRange(limited ? static_cast<int>(spec.minimum) : std::numeric_limits<int>::min(),
                      limited ? static_cast<int>(spec.maximum) : std::numeric_limits<int>::max());
        connect(box, &QSpinBox::valueChanged, this, &ParamForm::changed);
        field.get = [box] { return Json(box->value()); };
        field.set = [box](const Json& value) { box->setValue(value.is_number() ? value.get<int>() : 0); };
        return box;
    }
    auto* box = new QDoubleSpinBox;
    box->setDecimals(6);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setRange(limited ? spec.minimum : -1e12, limited ? spec.maximum : 1e12);
    connect(box, &QDoubleSpinBox::valueChanged, this, &ParamForm::changed);
    field.get = [box] { return Json(box->value()); };
    field.set = [box](const Json& value) { box->setValue(value.is_number() ? value.get<double>() : 0); };
    return box;
}

QWidget* ParamForm::makeField(const ParamSpec& spec, Field& field) {
    switch (spec.type) {
    case ParamSpec::Type::Bool: {
        auto* box = new QCheckBox(toQString(spec.title));
        connect(box, &QCheckBox::toggled, this, &ParamForm::changed);
        field.get = [box] { return Json(box->isChecked()); };
        field.set = [box](const Json& value) { box->setChecked(value.is_boolean() && value.get<bool>()); };
        return box;
    }
    case ParamSpec::Type::Int:
    case ParamSpec::Type::Float:
        return makeNumber(spec, field);
    case ParamSpec::Type::Choice: {
        auto* box = new QComboBox;
        for (const std::string& choice : spec.choices)
            box->addItem(toQString(choice));
        connect(box, &QComboBox::currentIndexChanged, this, &ParamForm::changed);
        field.get = [box] { return Json(box->currentText().toStdString()); };
        field.set = [box](const Json& value) {
            if (value.is_string())
                box->setCurrentText(toQString(value.get<std::string>()));
        };
        return box;
    }
    case ParamSpec::Type::Prompts: {
        auto* editor = new PromptEditor;
        connect(editor, &PromptEditor::changed, this, &ParamForm::changed);
        field.get = [editor] { return editor->value(); };
        field.set = [editor](const Json& value) { editor->setValue(value); };
        return editor;
    }
    case ParamSpec::Type::Text:
        break;
    }
    auto* edit = new QLineEdit;
    connect(edit, &QLineEdit::textEdited, this, &ParamForm::changed);
    field.get = [edit] { return Json(edit->text().toStdString()); };
    field.set = [edit](const Json& value) {
        edit->setText(value.is_string() ? toQString(value.get<std::string>()) : QString());
    };
    return edit;
}

} // namespace diptych::ui
