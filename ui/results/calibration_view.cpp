// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/json_read.h"
#include "core/session/session.h"
#include "core/tasks/temperature_scaling.h"
#include "ui/models/formatting.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/reliability_plot.h"
#include "ui/results/class_results.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

/// How far confidence can be trusted: reliability diagram and ECE.
class CalibrationView : public ResultView {
public:
    explicit CalibrationView(const ResultContext& context)
        : ResultView(context), m_finding(context.jobs, this) {
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
        m_scaled = new QCheckBox(tr("With temperature scaling"));
        m_scaled->setObjectName(QStringLiteral("temperatureScaled"));
        m_scaled->setToolTip(tr("Confidences after division of the logits by one number, fitted on other "
                                "images than it is judged on"));
        layout->addWidget(m_scaled);
        connect(m_scaled, &QCheckBox::toggled, this, [this] { show(m_details); });
        connect(m_plot, &ReliabilityPlot::binActivated, this, &CalibrationView::showBin);
        m_plot->setObjectName(QStringLiteral("reliability"));
        m_plot->setMaximumWidth(760);
        layout->addWidget(m_plot, 1);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = run;
        m_results->setRun(std::move(run));
    }

private:
    void show(const Json& details) {
        m_details = details;
        const Json& calibration = memberOf(details, "calibration");
        const std::string temperature = temperatureText(calibration);
        m_scaled->setVisible(!temperature.empty());
        const bool scaled = m_scaled->isChecked() && !temperature.empty();
        std::vector<ReliabilityBin> bins;
        for (const Json& entry :
             listOf(scaled ? memberOf(calibration, "temperature") : calibration, "bins")) {
            ReliabilityBin bin;
            bin.low = entry.value("low", 0.0);
            bin.high = entry.value("high", 1.0);
            bin.confidence = entry.value("confidence", 0.0);
            bin.accuracy = entry.value("accuracy", 0.0);
            bin.count = entry.value("count", 0);
            bins.push_back(bin);
        }
        m_bins = bins;
        m_plot->setBins(std::move(bins));
        m_plot->setChoosable(!scaled); // scaled confidences are not kept for each example
        const Json& ece = memberOf(calibration, "ece");
        QString text =
            tr("Among predictions of one confidence, the share that is right. On the dashed line confidence "
               "is exactly the chance of being right; solid bars hold many examples, pale ones few.");
        if (ece.is_number())
            text += tr(" The expected calibration error is %1.").arg(numberText(ece.get<double>()));
        if (!temperature.empty())
            text += QLatin1Char(' ') + toQString(temperature) + QLatin1Char('.');
        m_text->setText(text);
    }

    /// The examples of a bar.
    void showBin(int index) {
        const auto session = context().state.session();
        if (!session || !m_run || index >= static_cast<int>(m_bins.size()))
            return;
        const ReliabilityBin bin = m_bins[static_cast<size_t>(index)];
        m_finding.start(
            JobSpec(tr("Find examples")).setShown(false),
            [session, id = m_run->id, bin](const RunContext&) {
                auto ids = std::make_shared<std::vector<SampleId>>();
                for (const ExampleResult& example : session->workspace().examples(id)) {
                    if (example.target < 0 || example.predictions.empty())
                        continue;
                    const auto confidence = static_cast<double>(example.predictions.front().score);
                    if ((confidence > bin.low || (bin.low == 0 && confidence == 0)) && confidence <= bin.high)
                        ids->push_back(example.sample);
                }
                return SampleList(std::move(ids));
            },
            [this, bin](const SampleList& ids) {
                Q_EMIT samplesRequested(
                    ids, tr("Confidence %1 to %2").arg(bin.low, 0, 'f', 2).arg(bin.high, 0, 'f', 2));
            });
    }

    std::shared_ptr<const RunRecord> m_run;
    Json m_details;
    std::vector<ReliabilityBin> m_bins;
    LatestOnly m_finding;
    QCheckBox* m_scaled;
    ClassResults* m_results; // Qt parent: this
    QLabel* m_text;
    ReliabilityPlot* m_plot;
};

} // namespace

ResultView* makeCalibrationView(const ResultContext& context) {
    return new CalibrationView(context);
}

} // namespace diptych::ui
