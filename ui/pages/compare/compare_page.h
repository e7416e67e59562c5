// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/compare/class_differences.h"
#include "ui/pages/compare/pair_list_model.h"
#include "ui/pages/page.h"

#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace diptych::ui {

class ElidedLabel;
class EmptyState;
class OutcomeTable;
class PairList;
class RunTableView;
class SpacesView;
class TableView;

/// Two runs beside each other on the same examples, where they disagree first; their spaces; and many runs as
/// a table of models by datasets.
class ComparePage : public Page {
    Q_OBJECT

public:
    explicit ComparePage(const PageContext& context);
    void activated() override;
    void refresh() override;
    bool cancel() override;

private:
    void buildPage();
    QLayout* buildChoice();
    QWidget* buildExamples();
    QWidget* buildSide();
    QLayout* buildFilter();
    QLayout* buildLeaves();
    void reloadRuns();
    void setRuns(std::vector<RunRecord> runs);
    void chooseRuns(RunId first, RunId second);
    const RunRecord* runOf(const QComboBox& box) const;
    void requested(const std::vector<RunId>& runs);
    void swapSides();
    void compare();
    void showNothing(const QString& heading, const QString& sentence);
    void showPair(ComparedPairPtr pair);
    void showVerdict(const RunComparison& comparison);
    void showWords();
    void setKind(PairKind kind);
    void filter();
    void showAllPairs();
    void openPair(const QModelIndex& index);

    LatestOnly m_loading, m_comparing;
    std::vector<RunRecord> m_runs;
    std::optional<std::vector<RunId>> m_wanted; ///< asked for before the runs were there
    bool m_stale = true;                        ///< runs have changed while the page was hidden
    ComparedPairPtr m_pair;
    ClassDifferencesModel m_classes;
    QComboBox *m_first, *m_second, *m_kind, *m_order;
    QToolButton* m_swap;
    QLabel *m_verdict, *m_numbers, *m_count;
    ElidedLabel *m_leftLeaf, *m_rightLeaf;
    QStackedWidget* m_stack; ///< nothing | the pair
    EmptyState* m_empty;
    QTabWidget* m_tabs;
    OutcomeTable* m_outcomes;
    TableView* m_classTable;
    QCheckBox* m_withoutCommonWrong;
    QPushButton* m_all;
    PairList* m_list;
    SpacesView* m_spaces;
    RunTableView* m_table;
};

} // namespace diptych::ui
