// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/tasks/task.h"
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kSideWidth = 300;

/// The numbers, what they were measured on, and the command that repeats them.
class SummaryView : public ResultView {
public:
    explicit SummaryView(const ResultContext& context) : ResultView(context) {
        auto* outer = new QVBoxLayout(this);
        outer->setContentsMargins(0, 0, 0, 0);
        m_scroll = new QScrollArea;
        m_scroll->setFrameShape(QFrame::NoFrame);
        m_scroll->setWidgetResizable(true);
        outer->addWidget(m_scroll);
        auto* host = new QWidget;
        m_layout = new QBoxLayout(QBoxLayout::LeftToRight, host);
        m_layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        m_layout->setSpacing(theme::kHuge);
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("metricsTable"));
        m_table->setSource(&m_metrics);
        m_table->setAccessibleName(tr("Metrics"));
        m_table->setStretchColumn(MetricsModel::Name);
        m_layout->addWidget(m_table, 3);

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
        m_layout->addWidget(side, 2);
        m_scroll->setWidget(host);
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
        arrange();
    }

protected:
    void resizeEvent(QResizeEvent* event) override {
        ResultView::resizeEvent(event);
        arrange();
    }
    void changeEvent(QEvent* event) override {
        ResultView::changeEvent(event);
        if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
            arrange();
    }

private:
    /// Beside each other where both have the room they need, else one below the other.
    void arrange() {
        if (!m_run)
            return;
        int wanted = m_table->frameWidth() * 2;
        for (int column = 0; column < MetricsModel::ColumnCount; ++column)
            wanted += m_table->contentWidth(column);
        const int margins = 2 * theme::kLarge + theme::kHuge;
        // The two stand 3 to 2; what has its own words on one line needs about this much.
        const bool wide = width() - margins >= std::max(wanted * 5 / 3, wanted + kSideWidth);
        m_layout->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
        const int rows = m_table->verticalHeader()->defaultSectionSize() * m_metrics.rowCount() +
                         m_table->horizontalHeader()->sizeHint().height() + 2 * m_table->frameWidth() +
                         m_table->horizontalScrollBar()->sizeHint().height();
        m_table->setMinimumHeight(rows);
        m_table->setMaximumHeight(wide ? QWIDGETSIZE_MAX : rows);
    }
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
    QScrollArea* m_scroll;
    QBoxLayout* m_layout;
};

} // namespace

ResultView* makeSummaryView(const ResultContext& context) {
    return new SummaryView(context);
}

} // namespace diptych::ui
