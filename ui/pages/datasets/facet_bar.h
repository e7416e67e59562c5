// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/facet_table.h"
#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QHash>
#include <QPointer>
#include <QSet>

#include <memory>

class QComboBox;
class QLineEdit;
class QModelIndex;
class QTreeView;

namespace diptych::ui {

class DatasetView;
class FacetModel;
class RangeHistogram;

/// What the samples of a dataset can be told apart by, counted: of what is looked at, and of all. Ticking
/// values and dragging ranges is the filter, and the counts follow it.
class FacetBar : public QWidget {
    Q_OBJECT
public:
    explicit FacetBar(const PageContext& context, QWidget* parent = nullptr);

    void bindView(DatasetView* view); ///< null = no dataset
    FacetModel* model() const { return m_model; }
    QTreeView* tree() const { return m_tree; }
    /// The histogram of a column in sight; null if it has none.
    RangeHistogram* histogramOf(const QString& column) const;

private:
    struct Loaded {
        std::shared_ptr<const FacetTable> table;
        std::vector<RunRecord> runs; ///< of the dataset
    };
    void connectAll();
    void load();
    void showRuns(const std::vector<RunRecord>& runs);
    void count();
    void showCounts(FacetCounts counts);
    void arrangeTree();
    void placeHistograms();
    void choose(const Facet& facet, const FacetValue& value, bool on);
    void chooseRange(FacetKind kind, const std::string& column, const NumberRange& range);
    RunId wantedRun() const;
    OutcomeFilter outcome() const;

    PageContext m_context;
    LatestOnly m_loading, m_counting;
    QPointer<DatasetView> m_view;
    std::shared_ptr<const FacetTable> m_table;
    RunId m_run; ///< whose results are wanted
    FacetModel* m_model;
    QTreeView* m_tree;
    QLineEdit* m_find;
    QComboBox* m_runs;
    QHash<QString, RangeHistogram*> m_histograms; ///< by the facet's key
    QSet<QString> m_folded, m_unfolded;           ///< by hand
    bool m_withoutRun = false;                    ///< a person wants no run's results
    bool m_arranging = false;
};

} // namespace diptych::ui
