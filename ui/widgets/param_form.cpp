// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/param_form.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/mnemonics.h"
#include "ui/widgets/prompt_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

#include <limits>
#include <memory>

namespace diptych::ui {
namespace {

const QString kMark = QStringLiteral(" •");

QString marked(QString text, bool on) {
    if (text.endsWith(kMark))
        text.chop(kMark.size());
    return on ? text + kMark : text;
}

} // namespace

void setMarked(QLabel* label, bool on) {
    label->setText(marked(label->text(), on));
}

QString plainLabel(QString text) {
    return marked(text.remove(QLatin1Char('&')), false);
}

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
    Mnemonics mnemonics(tr("fevhdmsrta")); // letters of the menus and of the rest of the page
    for (const ParamSpec& spec : specs) {
        Field field;
        field.id = spec.id;
        field.title = toQString(spec.title);
        QWidget* widget = makeField(spec, field);
        widget->setObjectName(QStringLiteral("param_") + toQString(spec.id));
        widget->setToolTip(toQString(spec.help));
        widget->setAccessibleName(toQString(spec.title));
        widget->setAccessibleDescription(toQString(spec.help));
        if (auto* box = qobject_cast<QCheckBox*>(widget)) {
            box->setText(mnemonics.mark(field.title));
            m_layout->addRow(box);
            field.mark = [box](bool on) { box->setText(marked(box->text(), on)); };
        } else {
            QLabel* label = theme::fieldLabel(mnemonics.mark(field.title), widget);
            field.mark = [label](bool on) { setMarked(label, on); };
            if (spec.type == ParamSpec::Type::Prompts) {
                label->setMinimumHeight(0); // it has a line of its own
                label->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
                m_layout->addRow(label);
                m_layout->addRow(widget);
            } else {
                m_layout->addRow(label, widget);
            }
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

void ParamForm::setBaseline(const Json& values) {
    for (Field& field : m_fields) {
        const auto found = values.find(field.id);
        field.marked = found != values.end() && *found != field.get();
        field.mark(field.marked);
    }
}

QStringList ParamForm::changedTitles() const {
    QStringList titles;
    for (const Field& field : m_fields)
        if (field.marked)
            titles << field.title;
    return titles;
}

void ParamForm::setSavedPrompts(const Json& saved) {
    m_savedPrompts = saved;
    for (PromptEditor* editor : findChildren<PromptEditor*>())
        editor->setSaved(saved);
}

void ParamForm::setKeptPrompts(const std::vector<PromptSet>& kept) {
    m_keptPrompts = kept;
    for (PromptEditor* editor : findChildren<PromptEditor*>())
        editor->setKept(kept);
}

QWidget* ParamForm::makePrompts(Field& field) {
    auto* editor = new PromptEditor;
    editor->setSaved(m_savedPrompts);
    editor->setKept(m_keptPrompts);
    connect(editor, &PromptEditor::changed, this, &ParamForm::changed);
    connect(editor, &PromptEditor::savedChanged, this, [this](const Json& saved) {
        setSavedPrompts(saved);
        Q_EMIT savedPromptsChanged(saved);
    });
    field.get = [editor] { return editor->value(); };
    field.set = [editor](const Json& value) { editor->setValue(value); };
    return editor;
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
    // A value that was set is given back as it was, though the box shows fewer digits.
    struct Exact {
        double value = 0, shown = 0;
    };
    const auto exact = std::make_shared<Exact>();
    field.get = [box, exact] { return Json(box->value() == exact->shown ? exact->value : box->value()); };
    field.set = [box, exact](const Json& value) {
        exact->value = value.is_number() ? value.get<double>() : 0;
        box->setValue(exact->value);
        exact->shown = box->value();
    };
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
    case ParamSpec::Type::Prompts:
        return makePrompts(field);
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
