// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/comparison.h"
#include "ui/state/app_state.h"

#include <QAbstractListModel>
#include <QStringList>

#include <memory>
#include <vector>

namespace diptych::ui {

/// A comparison with what is shown beside its numbers. Made on a worker, never changed after.
struct ComparedPair {
    RunComparison comparison;
    QStringList keys; ///< of the samples, by place in RunComparison::examples
};
using ComparedPairPtr = std::shared_ptr<const ComparedPair>;

/// Compares and looks up the samples' names. For a worker thread. @throws as compareRuns()
ComparedPairPtr comparePair(const Workspace& workspace, RunId first, RunId second, const RunContext& context);

/// Examples of a comparison, one a row, in the order asked for.
class PairListModel : public QAbstractListModel {
    Q_OBJECT

public:
    static constexpr int kSampleRole = Qt::UserRole; ///< qint64
    using QAbstractListModel::QAbstractListModel;

    /// @param places of RunComparison::examples
    void setPairs(ComparedPairPtr pair, std::vector<uint32_t> places);
    const ComparedPairPtr& pair() const { return m_pair; }
    const ComparedExample& example(int row) const {
        return m_pair->comparison.examples[m_places[static_cast<size_t>(row)]];
    }
    QString key(int row) const {
        return m_pair->keys[static_cast<qsizetype>(m_places[static_cast<size_t>(row)])];
    }
    SampleList samples() const; ///< in the order shown

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QString describe(int row) const; ///< all that the row shows, in words

    ComparedPairPtr m_pair;
    std::vector<uint32_t> m_places;
};

/// What a run says of an example: its answer, or its score where that is what counts; empty = nothing.
QString answerText(const RunComparison& comparison, const ComparedExample& example, bool first);
/// "97.2 %", or the score; empty where there is none.
QString answerScoreText(const RunComparison& comparison, const ComparedExample& example, bool first);

} // namespace diptych::ui
