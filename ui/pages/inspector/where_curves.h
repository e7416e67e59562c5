// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/explanation.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QDialog>

class QLabel;

namespace diptych::ui {

class CurvePlot;

/// Checks an explanation on the pair itself: the cosine while what it calls most relevant is covered, and
/// shown, first. Computes from when it is opened until it is closed.
class WhereCurves : public QDialog {
    Q_OBJECT
public:
    /// @param query what was asked; its steps are set here
    WhereCurves(const PageContext& context, ExplainQuery query, QWidget* parent = nullptr);

private:
    void take(const Explanation& found);

    LatestOnly m_computing;
    CurvePlot* m_plot;
    QLabel* m_note;
};

} // namespace diptych::ui
