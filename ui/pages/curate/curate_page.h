// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/pages/curate/curate_data.h"
#include "ui/pages/curate/curate_group_model.h"
#include "ui/pages/page.h"

#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLayout;
class QPushButton;
class QSlider;
class QStackedWidget;

namespace diptych::ui {

class EmptyState;
class MultiChoice;
class TableView;
class ThumbnailGrid;

/// What is wrong in a dataset: duplicates, wrong labels, hard and unusual images, balance and sizes; found in
/// the background, looked at in groups, tagged or selected for the other pages.
class CuratePage : public Page {
    Q_OBJECT

public:
    explicit CuratePage(const PageContext& context);
    void activated() override;
    void refresh() override;
    bool cancel() override;

private:
    struct Run {
        RunId id;
        QString title;
    };
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<std::vector<std::string>> splits; ///< of each dataset
        std::vector<std::vector<Run>> runs;           ///< of each dataset: those that name classes
        std::vector<ModelRecord> models;
        std::vector<TagInfo> tags;
        std::vector<std::vector<std::string>> classes; ///< of each dataset
    };
    void buildPage();
    QLayout* buildChoices();
    QLayout* buildThreshold();
    QWidget* buildFindings();
    QLayout* buildActions();
    QComboBox* addCombo(QLayout* row, const char* name, const QString& title);
    void connectAll();

    void reload();
    void reloadTags(); ///< alone: tags change at every key
    void fillTags();
    void fillChoices(Choices choices);
    void fillDependents(); ///< what there is to choose depends on the check and the dataset
    CurateCheck check() const;
    CurateWanted wanted() const;
    QString missing() const; ///< what must be there first; empty = nothing
    void choiceChanged();    ///< says what the check finds, or what is missing, unless it has been found
    void setFinding(bool finding);

    void find();
    void show(CurateResult result);
    void thresholdMoved();
    void showGroups(std::vector<CurateGroup> groups);
    void showCards(); ///< of the selected groups, of all where none is selected
    std::vector<const CurateGroup*> chosenGroups() const;
    std::vector<SampleId> shownSamples() const;
    void showNothing(const QString& heading, const QString& sentence);
    void selectShown();
    void tagShown();
    void correctShown();          ///< labels to what is likely
    void acceptSure(bool asTags); ///< what the probe is sure enough of
    void showActions();

    LatestOnly m_loading, m_tagLoading, m_regrouping;
    JobHandle m_finding;
    Choices m_choices;
    std::optional<CurateResult> m_result;
    std::vector<CurateGroup> m_groups;
    std::optional<CurateCheck> m_thresholdOf; ///< whose threshold the slider shows
    CurateGroupModel m_rows;
    SampleCardModel m_cards;
    DatasetId m_wantedDataset;
    QComboBox *m_check, *m_dataset, *m_split, *m_model, *m_by;
    QPushButton *m_find, *m_accept, *m_acceptLabels, *m_select, *m_tag, *m_onMap, *m_inGrid;
    QWidget* m_thresholdBar;
    MultiChoice* m_tags;
    QSlider* m_threshold;
    QLabel* m_thresholdName;
    QLabel *m_thresholdText, *m_note;
    QCheckBox* m_across;
    TableView* m_table;
    ThumbnailGrid* m_grid;
    QWidget* m_actionBar;
    QStackedWidget* m_stack; ///< invitation | findings
    EmptyState* m_empty;
};

} // namespace diptych::ui
