// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/example_list_model.h"

#include <QLocale>

namespace diptych::ui {

void ExampleListModel::setExamples(std::vector<ExampleRow> rows, QStringList classNames) {
    beginResetModel();
    m_rows = std::move(rows);
    m_classNames = std::move(classNames);
    endResetModel();
}

SampleList ExampleListModel::samples() const {
    auto list = std::make_shared<std::vector<SampleId>>();
    list->reserve(m_rows.size());
    for (const ExampleRow& row : m_rows)
        list->push_back(row.sample);
    return list;
}

int ExampleListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QString ExampleListModel::className(int index) const {
    return index >= 0 && index < m_classNames.size() ? m_classNames[index] : QString();
}

QVariant ExampleListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ExampleRow& example = row(index.row());
    switch (role) {
    case IdRole:
        return QVariant::fromValue<qint64>(example.sample.value);
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        if (example.status != ExampleStatus::Ok)
            return tr("not readable");
        if (example.predicted < 0)
            return !example.correct ? QString() : *example.correct ? tr("✓ right") : tr("✗ wrong");
        return tr("%1 %2 %3 %")
            .arg(example.correct ? (*example.correct ? QStringLiteral("✓") : QStringLiteral("✗")) : QString(),
                 className(example.predicted),
                 QLocale().toString(static_cast<double>(example.score) * 100, 'f', 0))
            .trimmed();
    case SubtitleRole:
        return example.target >= 0 && !(example.correct && *example.correct)
                   ? tr("is %1").arg(className(example.target))
                   : QString();
    default:
        return {};
    }
}

} // namespace diptych::ui
