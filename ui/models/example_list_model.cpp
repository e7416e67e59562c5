// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/example_list_model.h"

#include "core/results/parts.h"
#include "ui/models/formatting.h"

namespace diptych::ui {

ExampleRow ExampleRow::fromExample(const ExampleResult& example) {
    ExampleRow row{example.sample, example.target, -1, 0, example.status, example.correct};
    if (!example.predictions.empty()) {
        row.predicted = example.predictions.front().index;
        row.score = example.predictions.front().score;
    }
    if (auto part = LabelsPart::read(example.parts)) {
        row.severalLabels = true;
        row.labels = std::move(part->labels);
    }
    if (const auto part = CaptionScorePart::read(example.parts)) {
        row.candidate = toQString(part->candidate);
        row.captionScore = part->clipScore;
    }
    return row;
}

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

QString ExampleListModel::outcome(const ExampleRow& example) const {
    if (example.status == ExampleStatus::Unreadable)
        return tr("not readable");
    if (example.status == ExampleStatus::Skipped)
        return tr("left out");
    if (!example.candidate.isEmpty())
        return tr("CLIPScore %1").arg(numberText(example.captionScore));
    const QString mark = !example.correct   ? QString()
                         : *example.correct ? QStringLiteral("✓ ")
                                            : QStringLiteral("✗ ");
    if (example.predicted >= 0)
        return mark + className(example.predicted) + QLatin1Char(' ') +
               shareText(static_cast<double>(example.score));
    return !example.correct ? QString() : mark + (*example.correct ? tr("right") : tr("wrong"));
}

QString ExampleListModel::truth(const ExampleRow& example) const {
    if (!example.candidate.isEmpty())
        return tr("“%1”").arg(example.candidate);
    if (example.severalLabels) {
        QStringList names;
        for (const int label : example.labels)
            names.append(className(label));
        return names.isEmpty() ? tr("shows none of the classes")
                               : tr("is %1").arg(names.join(QStringLiteral(", ")));
    }
    return example.target >= 0 && !(example.correct && *example.correct)
               ? tr("is %1").arg(className(example.target))
               : QString();
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
        return outcome(example);
    case SubtitleRole:
        return truth(example);
    case Qt::ToolTipRole: // either line may be cut off
        return QStringList({outcome(example), truth(example)}).join(QLatin1Char('\n')).trimmed();
    default:
        return {};
    }
}

} // namespace diptych::ui
