// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/tasks/task.h"
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

namespace diptych::ui {
namespace {

/// The numbers, what they were measured on, and the command that repeats them.
class SummaryView : public ResultView {
public:
    explicit SummaryView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kHuge);
        m_table = new TableView;
        m_table->setSource(&m_metrics);
        m_table->setAccessibleName(tr("Metrics"));
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
        m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
        layout->addWidget(m_table, 3);

        auto* side = new QWidget;
        auto* sideLayout = new QVBoxLayout(side);
        sideLayout->setContentsMargins(0, 0, 0, 0);
        auto* heading = new QLabel(tr("How it was measured"));
        theme::style(heading, theme::Text::Heading);
        sideLayout->addWidget(heading);
        m_form = new QFormLayout;
        m_form->setHorizontalSpacing(theme::kLarge);
        m_form->setVerticalSpacing(theme::kSmall);
        sideLayout->addLayout(m_form);
        m_copy = new QPushButton(tr("Copy the command that repeats it"));
        connect(m_copy, &QPushButton::clicked, this, [this] {
            if (m_run)
                QApplication::clipboard()->setText(toQString(m_run->command));
        });
        sideLayout->addWidget(m_copy, 0, Qt::AlignLeft);
        sideLayout->addStretch(1);
        auto* scroll = new QScrollArea;
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setWidgetResizable(true);
        scroll->setWidget(side);
        layout->addWidget(scroll, 2);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_metrics.setRows(m_run->metrics);
        while (m_form->rowCount() > 0)
            m_form->removeRow(0);
        addRow(tr("Dataset"), toQString(m_run->datasetName));
        addRow(tr("Model"), toQString(m_run->modelName));
        addRow(tr("Precision"), toQString(m_run->precision + ", " + m_run->device));
        addParams();
        addRow(tr("Examples"), countText(m_run->exampleCount));
        if (m_run->failureCount > 0)
            addRow(tr("Not readable"), countText(m_run->failureCount));
        addRow(tr("Seed"), QString::number(m_run->seed));
        addRow(tr("Started"), timeText(m_run->startedAt));
        addRow(tr("Took"), durationText(m_run->wallSeconds));
        addRow(tr("Program"), tr("Diptych %1").arg(toQString(m_run->programVersion)));
        addRow(tr("Model fingerprint"), toQString(m_run->modelFingerprint).left(16), m_run->modelFingerprint);
        addRow(tr("Dataset fingerprint"), toQString(m_run->datasetFingerprint).left(16),
               m_run->datasetFingerprint);
    }

private:
    void addRow(const QString& name, const QString& value, const std::string& tip = {}) {
        auto* key = new QLabel(name);
        theme::style(key, theme::Text::Caption);
        auto* label = new QLabel(value);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        label->setWordWrap(true);
        label->setToolTip(toQString(tip));
        m_form->addRow(key, label);
    }
    void addParams() {
        const auto params = m_run->spec.find("params");
        if (params == m_run->spec.end() || !params->is_object())
            return;
        for (const auto& [key, value] : params->items()) {
            QString text = value.is_string() ? toQString(value.get<std::string>()) : toQString(value.dump());
            if (value.is_array())
                text = linesOf(value);
            else if (value.is_boolean())
                text = value.get<bool>() ? tr("yes") : tr("no");
            if (text.isEmpty())
                text = tr("none");
            addRow(paramTitle(key), text);
        }
    }
    /// Somebody's own prompts, one a line.
    static QString linesOf(const Json& list) {
        QStringList lines;
        for (const Json& item : list)
            lines << (item.is_string() ? toQString(item.get<std::string>()) : toQString(item.dump()));
        return lines.join(QLatin1Char('\n'));
    }
    /// As the form that asked for it calls it; a run of a task that is unknown here keeps its own words.
    QString paramTitle(const std::string& id) const {
        for (const Task& task : tasks()) {
            if (task.info.id != m_run->task)
                continue;
            for (const ParamSpec& spec : task.info.params)
                if (spec.id == id)
                    return toQString(spec.title);
        }
        return toQString(metricTitle(id));
    }

    std::shared_ptr<const RunRecord> m_run;
    MetricsModel m_metrics;
    TableView* m_table;
    QFormLayout* m_form;
    QPushButton* m_copy;
};

} // namespace

ResultView* makeSummaryView(const ResultContext& context) {
    return new SummaryView(context);
}

} // namespace diptych::ui
