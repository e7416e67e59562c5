// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/sample_card_model.h"
#include "ui/pages/page.h"

#include <QImage>
#include <QTimer>

#include <vector>

class QComboBox;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace diptych::ui {

class AlphaChoice;
class EmptyState;
class ThumbnailGrid;

/// Type what an image should show, or drop a picture: the nearest images of a dataset, at once.
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
    struct Found {
        std::vector<SampleCard> cards;
        Answer answer = Answer::Ready;
        QImage picture;      ///< of the query, small; null for words
        QString pictureName; ///< of a sample
        double milliseconds = 0;
    };
    QLayout* buildQuery();
    QLayout* buildPlace();
    QLayout* buildNote();
    void connectState();
    void reload();
    void fillChoices(Choices choices);
    void choosePicture();
    void setPicture(const QString& path);
    void setSample(SampleId sample);
    void showQueryPicture(bool shown, const QString& name);
    bool hasPicture() const { return m_sample || !m_picturePath.isEmpty(); }
    void changed();
    SearchQuery query() const;
    static Found findNearest(Session& session, const SearchQuery& query, const RunContext& context);
    void search();
    void show(Found found);
    /// Empties the grid and says why.
    void showNothing(const QString& why);
    void encode();
    /// What must be there first; empty = nothing.
    QString missing() const;

    LatestOnly m_loading, m_searching;
    JobHandle m_encoding;
    QTimer m_typing;
    SampleCardModel m_cards;
    DatasetId m_wantedDataset;
    bool m_waitsForModel = false; ///< asks again when the model is free
    // The query is a picture file, or a sample, or else the text.
    QString m_picturePath;
    SampleId m_sample;
    QComboBox *m_dataset, *m_model;
    AlphaChoice* m_alpha;
    QLineEdit* m_text;
    QPushButton *m_choose, *m_encode;
    QLabel *m_picture, *m_note;
    QStackedWidget* m_stack; ///< invitation | results
    EmptyState* m_empty;
    ThumbnailGrid* m_grid;
};

} // namespace diptych::ui
