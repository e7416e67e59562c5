// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/searcher.h"
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/sample_card_model.h"
#include "ui/pages/page.h"
#include "ui/state/dataset_view.h"

#include <QImage>
#include <QPointer>
#include <QTimer>

#include <optional>
#include <vector>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace diptych::ui {

class AlphaChoice;
class EmptyState;
class ScoreHistogram;
class TermList;
class ThumbnailGrid;

/// Type what an image should show, add pictures and more words, or take some away: the nearest images of a
/// dataset at once, how all its images score, and a cut that selects those above it.
class SearchPage : public Page {
    Q_OBJECT

public:
    explicit SearchPage(const PageContext& context);
    void activated() override;
    void refresh() override;
    void focusSearch() override;
    bool cancel() override;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<ModelRecord> models;
    };
    /// Which images are searched.
    enum class Scope { All, Selected, Filtered };
    struct Found {
        std::vector<SampleCard> cards;
        SearchResult result;
        /// By term: what it looks like, and what a sample is called. Null for words.
        std::vector<QImage> pictures;
        std::vector<QString> names;
        double milliseconds = 0;
    };
    // search_page_layout.cpp
    void buildPage();
    QLayout* buildQuery();
    QWidget* buildPlace();
    QLayout* buildNote();
    QWidget* buildResults();
    void connectState();
    void connectQuery();

    void reload();
    void fillChoices(Choices choices);
    DatasetId dataset() const;
    void choosePicture();
    void addPicture(const QString& path);
    void addTyped(double weight);
    void changed();
    SearchQuery query() const;
    /// What must be there first; empty = nothing.
    QString missing() const;

    // search_page_scope.cpp
    Scope scope() const;
    void resetScope();
    void takeScope();
    void nameScopes();
    void followFilter();
    void searchAgainInFilter();
    QString scopeProblem() const;

    // search_page_results.cpp
    static Found findNearest(Session& session, const SearchQuery& query, const RunContext& context);
    void search();
    void show(Found found);
    void showPictures();
    void showCards();
    void showCut();
    QString noteText() const;
    /// Empties the grid and says why.
    void showNothing(const QString& why);
    void cutAsSuggested();
    void selectAboveCut();
    void buildIndex();
    void encode();

    LatestOnly m_loading, m_searching, m_selecting;
    JobHandle m_encoding, m_indexing;
    QTimer m_typing;
    SampleCardModel m_cards;
    DatasetId m_wantedDataset;
    bool m_waitsForModel = false;   ///< asks again when the model is free
    Found m_found;                  ///< what is shown
    SearchQuery m_asked;            ///< what it answers
    std::vector<SampleId> m_scope;  ///< what was selected when that was chosen
    QPointer<DatasetView> m_filter; ///< of the dataset chosen
    QString m_filterFailed;         ///< why what it leaves is not known
    SampleList m_filterSearched;    ///< what it left when it was searched
    QString
        m_indexBegun; ///< dataset and model whose index was begun: one that was stopped is not begun again
    // Owned by their Qt parents.
    QComboBox *m_dataset, *m_scopeChoice, *m_model;
    AlphaChoice* m_alpha;
    QLineEdit* m_text;
    QToolButton *m_add, *m_subtract;
    QPushButton *m_choose, *m_encode, *m_select, *m_suggest;
    TermList* m_terms;
    QWidget* m_weightRow;
    QDoubleSpinBox* m_weight;
    QLabel *m_note, *m_cut;
    QStackedWidget* m_stack; ///< invitation | results
    EmptyState* m_empty;
    ScoreHistogram* m_scores;
    ThumbnailGrid* m_grid;
};

} // namespace diptych::ui
