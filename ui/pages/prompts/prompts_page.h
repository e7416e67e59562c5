// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/prompt_workbench.h"
#include "core/text/prompt_files.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/sample_card_model.h"
#include "ui/pages/page.h"
#include "ui/pages/prompts/prompt_draft.h"
#include "ui/pages/prompts/prompt_tables.h"

#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QLayout;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTabWidget;
class QTableWidget;

namespace diptych::ui {

class EmptyState;
class TableView;
class ThumbnailGrid;

/// Prompts tried on a dataset while they are edited: what each template and each class brings, what changes
/// against a reference, names that are too close, and a choice among templates. Computes nothing itself.
class PromptsPage : public Page {
    Q_OBJECT

public:
    explicit PromptsPage(const PageContext& context);
    void activated() override;
    void refresh() override;
    bool cancel() override;
    /// In place of the prompts shown. @param key which dataset of the file; empty = the only one
    void importFile(const QString& file, const QString& key = {});
    void exportFile(const QString& file, PromptFileKind kind);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<std::vector<std::string>> splits; ///< of each dataset
        std::vector<ModelRecord> models;
        std::vector<PromptSet> builtIn, kept;
    };
    /// What one set of prompts came to.
    struct Found {
        std::shared_ptr<const PromptScore> score, reference;
        std::optional<PromptChange> change;
        std::vector<CloseNames> close;
        std::vector<SampleCard> gained, lost;
    };
    void buildPage();
    QLayout* buildChoices();
    QLayout* buildVariants();
    QWidget* buildTables();
    QWidget* buildResults();
    QWidget* buildFlips();
    QWidget* buildSelection();
    QPushButton* addButton(QLayout* row, const char* name, const QString& text);
    void connectAll();

    void reload();
    void fillChoices(Choices choices);
    void fillSets(); ///< what can be loaded and compared with
    void fillSplits();
    RunSpec spec(const QString& split) const;
    void choiceChanged(); ///< another dataset, split or model: opens its embeddings
    void open(bool encode);
    void opened(OpenedWorkbench found);
    void showEmpty(const QString& heading, const QString& sentence, const QString& action);

    void loadSet(int index);
    PromptSet setAt(const QComboBox& box, int index) const;
    PromptSet reference() const;
    void draftChanged();
    void score();
    void show(Found found);
    void showNumbers(const Found& found);
    void showClose(const std::vector<CloseNames>& pairs);
    void scoreTemplates();
    void addTemplate();
    void removeTemplates();
    void typed(DraftTable& table, const QModelIndex& index, const QString& text);

    void save();
    void keep(const QString& name, bool replace);
    void rename();
    void removeKept();
    void askImport();
    void askExport();
    void evaluate();
    void select();
    void showSelection(const PromptSet& candidates, const TemplateSelection& selection,
                       const PromptScore& judged, const QString& chosenOn, const QString& judgedOn);
    QString keptName() const; ///< of the kept prompts that are loaded; empty = others are
    void updateActions();

    LatestOnly m_loading, m_opening, m_scoring, m_templating;
    JobHandle m_encoding, m_selecting, m_evaluating;
    QTimer m_pause; ///< while somebody types
    Choices m_choices;
    std::shared_ptr<PromptWorkbench> m_bench;
    DatasetId m_shownDataset;                            ///< whose embeddings are open
    std::shared_ptr<const PromptScore> m_referenceScore; ///< null = to be computed
    PromptSet m_loaded;                                  ///< the prompts as they were loaded
    QString m_openKey;                                   ///< what m_bench holds
    DraftEditor m_editor;
    TemplatesTable m_templates;
    ClassWordsTable m_classes;
    SampleCardModel m_gained, m_lost;
    std::vector<std::string> m_chosenTemplates; ///< by the last selection, the best ones
    QComboBox *m_dataset, *m_split, *m_model, *m_set, *m_against, *m_judge;
    QPushButton *m_save, *m_rename, *m_remove, *m_import, *m_export, *m_undo, *m_redo, *m_evaluate, *m_add,
        *m_removeTemplates, *m_select, *m_useChosen;
    QSpinBox* m_most;
    QLabel *m_number, *m_change, *m_problem, *m_gainedTitle, *m_lostTitle, *m_selectionText;
    TableView *m_templateView, *m_classView;
    QTableWidget *m_close, *m_steps;
    ThumbnailGrid *m_gainedGrid, *m_lostGrid;
    QTabWidget* m_tabs;
    QStackedWidget* m_stack; ///< invitation | workbench
    EmptyState* m_empty;
};

} // namespace diptych::ui
