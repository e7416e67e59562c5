// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/json_read.h"
#include "ui/models/formatting.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/reliability_plot.h"
#include "ui/results/class_results.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

/// How far confidence can be trusted: reliability diagram and ECE.
class CalibrationView : public ResultView {
public:
    explicit CalibrationView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        m_text = new QLabel;
        m_text->setWordWrap(true);
        m_plot = new ReliabilityPlot;
        auto* filter = new RunFilter(context);
        layout->addWidget(filter);
        m_results = new ClassResults(context, *this, *filter);
        connect(m_results, &ClassResults::shown, this, &CalibrationView::show);
        auto* head = new QHBoxLayout;
        head->addWidget(m_text, 1);
        head->addWidget(plotMenuButton(*m_plot), 0, Qt::AlignTop);
        layout->addLayout(head);
        m_plot->setMaximumWidth(760);
        layout->addWidget(m_plot, 1);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override { m_results->setRun(std::move(run)); }

private:
    void show(const Json& details) {
        std::vector<ReliabilityBin> bins;
        const Json& calibration = memberOf(details, "calibration");
        for (const Json& entry : listOf(calibration, "bins")) {
            ReliabilityBin bin;
            bin.low = entry.value("low", 0.0);
            bin.high = entry.value("high", 1.0);
            bin.confidence = entry.value("confidence", 0.0);
            bin.accuracy = entry.value("accuracy", 0.0);
            bin.count = entry.value("count", 0);
            bins.push_back(bin);
        }
        m_plot->setBins(std::move(bins));
        const Json& ece = memberOf(calibration, "ece");
        m_text->setText(
            tr("Among predictions of one confidence, the share that is right. On the dashed line confidence "
               "is exactly the chance of being right; solid bars hold many examples, pale ones few.%1")
                .arg(ece.is_number()
                         ? tr(" The expected calibration error is %1.").arg(numberText(ece.get<double>()))
                         : QString()));
    }

    ClassResults* m_results; // Qt parent: this
    QLabel* m_text;
    ReliabilityPlot* m_plot;
};

} // namespace

ResultView* makeCalibrationView(const ResultContext& context) {
    return new CalibrationView(context);
}

} // namespace diptych::ui
