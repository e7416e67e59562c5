// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/sample_card_model.h"
#include "ui/pages/inspector/inspected.h"
#include "ui/pages/page.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace diptych {
class Session;
}

namespace diptych::ui {

class ThumbnailGrid;

/// The images of the dataset nearest to the one shown: by their looks, or by what is said of them. Looks for
/// them only while it is seen.
class NeighboursPanel : public QWidget {
    Q_OBJECT
public:
    explicit NeighboursPanel(const PageContext& context, QWidget* parent = nullptr);
    void show(const Inspected& inspected);

protected:
    void showEvent(QShowEvent* event) override;

private:
    enum Space { ByImage, ByText };
    struct Found; // in the .cpp
    static Found findByImage(Session& session, const Inspected& inspected, const RunContext& context);
    static Found findByText(Session& session, const Inspected& inspected, bool encode,
                            const RunContext& context);
    void find();
    void showFound(const Found& found);
    void showNote(const QString& note, bool offersEncoding);
    void encode();
    Space space() const;

    PageContext m_context;
    LatestOnly m_finding;
    JobHandle m_encoding;
    Inspected m_inspected;
    bool m_stale = false, m_waitsForModel = false;
    SampleCardModel m_cards;
    QComboBox* m_space;
    QLabel* m_note;
    QPushButton* m_encode;
    ThumbnailGrid* m_grid;
};

} // namespace diptych::ui
