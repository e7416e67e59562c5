// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/pair_list_model.h"

#include "ui/models/formatting.h"

#include <cmath>
#include <unordered_map>

namespace diptych::ui {

namespace {
constexpr size_t kResamples = 2000;
} // namespace

ComparedPairPtr comparePair(const Workspace& workspace, RunId first, RunId second,
                            const RunContext& context) {
    auto pair = std::make_shared<ComparedPair>();
    pair->comparison = compareRuns(workspace, first, second, kResamples, context);
    std::vector<SampleId> ids;
    for (const ComparedExample& example : pair->comparison.examples)
        ids.push_back(example.sample);
    std::unordered_map<SampleId, QString> keys;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        keys.emplace(sample.id, toQString(sample.key));
    for (const SampleId id : ids) {
        const auto found = keys.find(id);
        pair->keys.append(found == keys.end() ? PairListModel::tr("sample %1, which is gone").arg(id.value)
                                              : found->second);
    }
    return pair;
}

QString answerText(const RunComparison& comparison, const ComparedExample& example, bool first) {
    return toQString(comparison.nameOf(first ? example.firstAnswer : example.secondAnswer));
}

QString answerScoreText(const RunComparison& comparison, const ComparedExample& example, bool first) {
    if (!comparison.rightOrWrong()) {
        const double value = first ? example.first : example.second;
        return comparison.unit == Unit::Share ? shareText(value) : numberText(value);
    }
    const float score = first ? example.firstScore : example.secondScore;
    return std::isfinite(score) ? shareText(static_cast<double>(score)) : QString();
}

void PairListModel::setPairs(ComparedPairPtr pair, std::vector<uint32_t> places) {
    beginResetModel();
    m_pair = std::move(pair);
    m_places = std::move(places);
    endResetModel();
}

SampleList PairListModel::samples() const {
    auto samples = std::make_shared<std::vector<SampleId>>();
    for (const uint32_t place : m_places)
        samples->push_back(m_pair->comparison.examples[place].sample);
    return samples;
}

int PairListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_places.size());
}

QString PairListModel::describe(int row) const {
    const RunComparison& comparison = m_pair->comparison;
    const ComparedExample& one = example(row);
    QStringList parts{key(row)};
    if (one.truth >= 0)
        parts << tr("is %1").arg(toQString(comparison.nameOf(one.truth)));
    for (const bool first : {true, false}) {
        const double value = first ? one.first : one.second;
        QStringList said{answerText(comparison, one, first), answerScoreText(comparison, one, first)};
        if (comparison.rightOrWrong())
            said << (value > 0 ? tr("right") : tr("wrong"));
        said.removeAll(QString());
        parts << tr("%1: %2").arg(first ? tr("A") : tr("B"), said.join(QLatin1Char(' ')));
    }
    return parts.join(QStringLiteral(", "));
}

QVariant PairListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    switch (role) {
    case kSampleRole:
        return static_cast<qint64>(example(index.row()).sample.value);
    case Qt::DisplayRole:
        return key(index.row());
    case Qt::AccessibleTextRole:
        return describe(index.row());
    case Qt::ToolTipRole:
        return QStringLiteral("<p>%1</p>").arg(describe(index.row()).toHtmlEscaped());
    default:
        return {};
    }
}

} // namespace diptych::ui
