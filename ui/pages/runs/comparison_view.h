// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/comparison.h"
#include "ui/models/sample_card_model.h"
#include "ui/pages/page.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace diptych::ui {

class ThumbnailGrid;

/// A comparison with what is shown below the pictures of its flips.
struct ShownComparison {
    RunComparison comparison;
    std::vector<SampleCard> firstAlone, secondAlone;
};
/// Compares and looks up what the runs took the flips for. For a worker thread. @throws as compareRuns()
ShownComparison compareForView(const Workspace& workspace, RunId first, RunId second,
                               const RunContext& context);

/// Two runs side by side: the difference with its interval, McNemar's test, and the examples on which they
/// part ways, either way. Computes nothing.
class ComparisonView : public QWidget {
    Q_OBJECT

public:
    ComparisonView(const PageContext& context, QWidget* parent = nullptr);
    void show(ShownComparison shown);

Q_SIGNALS:
    void closed();

private:
    ThumbnailGrid* addFlips(QVBoxLayout* column, SampleCardModel& cards, QLabel*& heading, const char* name);

    PageContext m_context;
    RunId m_first, m_second;
    SampleCardModel m_firstAlone, m_secondAlone;
    QLabel *m_title, *m_runs, *m_numbers, *m_verdict;
    QLabel *m_firstHeading = nullptr, *m_secondHeading = nullptr; ///< and below each its grid, or nothing
    ThumbnailGrid *m_firstGrid, *m_secondGrid;
    QWidget* m_room; ///< takes the place of both grids where there are no flips
};

} // namespace diptych::ui
