// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/label_correction.h"
#include "core/store/records.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QLabel>

#include <vector>

namespace diptych::ui {

/// The corrections of a sample's label, the last first: what it was and became, when and why. The last can be
/// taken back. Hidden where there are none.
class CorrectionHistory : public QLabel {
    Q_OBJECT
public:
    explicit CorrectionHistory(const PageContext& context, QWidget* parent = nullptr);
    void show(const Sample& sample);

private:
    struct Found {
        std::vector<LabelCorrection> corrections; ///< of the sample, oldest first
        QString imported;                         ///< class; empty = none
        bool counts = true;                       ///< the class it was corrected to is still there
    };
    void fill();

    PageContext m_context;
    LatestOnly m_loading;
    SampleId m_sample;
    Found m_found;
};

} // namespace diptych::ui
