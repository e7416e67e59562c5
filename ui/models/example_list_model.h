// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"
#include "ui/state/app_state.h"

#include <QAbstractListModel>
#include <QStringList>

#include <optional>
#include <vector>

namespace diptych::ui {

/// What is shown of one example of a run.
struct ExampleRow {
    SampleId sample;
    int target = -1, predicted = -1;
    float score = 0;
    ExampleStatus status = ExampleStatus::Ok;
    std::optional<bool> correct;
    std::vector<int> labels = {}; ///< the classes it shows, where it may show several
    bool severalLabels = false;   ///< whether labels says anything
    QString candidate = {};       ///< the caption that was judged
    double captionScore = 0;      ///< CLIPScore of it

    static ExampleRow fromExample(const ExampleResult& example);
};

/// Examples of a run for a ThumbnailGrid: what was predicted, and below it what is true.
class ExampleListModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        IdRole = Qt::UserRole, ///< qint64, as ThumbnailGrid asks
        SubtitleRole           ///< QString
    };
    using QAbstractListModel::QAbstractListModel;

    void setExamples(std::vector<ExampleRow> rows, QStringList classNames);
    const ExampleRow& row(int index) const { return m_rows[static_cast<size_t>(index)]; }
    /// All samples in the order shown; for stepping through them elsewhere.
    SampleList samples() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override { // pictures can be dragged out of a grid
        return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsDragEnabled : Qt::NoItemFlags);
    }
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QString className(int index) const;
    QString outcome(const ExampleRow& example) const;
    QString truth(const ExampleRow& example) const;

    std::vector<ExampleRow> m_rows;
    QStringList m_classNames;
};

} // namespace diptych::ui
