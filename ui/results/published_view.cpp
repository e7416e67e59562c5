// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "core/session/session.h"
#include "core/tasks/run_task.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/results/published_models.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/table_view.h"

#include <QHBoxLayout>
#include <QIntValidator>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <cmath>
#include <limits>
#include <optional>

namespace diptych::ui {
namespace {

/// "Is this the published number?": sampling error, the smallest difference the set can show, the known
/// causes of a difference; and the run as others count it.
class PublishedView : public ResultView {
public:
    explicit PublishedView(const ResultContext& context)
        : ResultView(context), m_counting(context.jobs, this) {
        auto* outer = new QVBoxLayout(this);
        outer->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        outer->setSpacing(theme::kMedium);
        outer->addLayout(buildQuestion());
        m_verdict = new QLabel;
        m_verdict->setObjectName(QStringLiteral("publishedVerdict"));
        m_verdict->setTextFormat(Qt::PlainText);
        m_verdict->setWordWrap(true);
        m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
        outer->addWidget(m_verdict);
        auto* parts = new QSplitter(Qt::Vertical);
        parts->setChildrenCollapsible(false);
        m_causes = new TableView;
        m_causes->setObjectName(QStringLiteral("publishedCauses"));
        m_causes->setAccessibleName(tr("Known causes of a difference"));
        m_causes->setSource(&m_causeRows);
        m_causes->setStretchColumn(KnownCausesModel::Finding);
        parts->addWidget(m_causes);
        m_others = buildProtocols();
        parts->addWidget(m_others);
        outer->addWidget(parts, 1);
    }

    bool suits(const RunRecord& run) const override { return !run.metrics.empty(); }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_counting.cancel();
        m_protocols.reset();
        m_metric->clear();
        for (const Metric& metric : m_run->metrics)
            if (std::isfinite(metric.value))
                m_metric->addItem(toQString(metricTitle(metric.name)), toQString(metric.name));
        const Task* task = taskOf(*m_run);
        if (task)
            m_metric->setCurrentIndex(std::max(0, m_metric->findData(toQString(task->info.primaryMetric))));
        m_others->setVisible(task && task->protocols && m_run->exampleCount > 0);
        showProtocols();
        check();
    }

private:
    QLayout* buildQuestion() {
        auto* row = new QHBoxLayout;
        row->setSpacing(theme::kMedium);
        m_value = new QLineEdit;
        m_value->setObjectName(QStringLiteral("publishedValue"));
        m_value->setAccessibleName(tr("Published number"));
        m_value->setPlaceholderText(tr("63.2"));
        m_value->setMaximumWidth(110);
        m_metric = new ChoiceBox("publishedMetric", tr("Metric"), 10);
        m_n = new QLineEdit;
        m_n->setObjectName(QStringLiteral("publishedImages"));
        m_n->setAccessibleName(tr("Images it was measured on"));
        m_n->setPlaceholderText(tr("as many as here"));
        m_n->setValidator(new QIntValidator(1, std::numeric_limits<int>::max(), m_n));
        m_n->setMaximumWidth(140);
        row->addWidget(new QLabel(tr("Published")));
        row->addWidget(m_value);
        row->addWidget(m_metric);
        row->addWidget(new QLabel(tr("on")));
        row->addWidget(m_n);
        row->addWidget(new QLabel(tr("images")));
        row->addStretch(1);
        connect(m_value, &QLineEdit::textChanged, this, &PublishedView::check);
        connect(m_n, &QLineEdit::textChanged, this, &PublishedView::check);
        connect(m_metric, &QComboBox::activated, this, &PublishedView::check);
        return row;
    }

    QWidget* buildProtocols() {
        auto* host = new QWidget;
        auto* column = new QVBoxLayout(host);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(theme::kSmall);
        auto* row = new QHBoxLayout;
        auto* heading = new QLabel(tr("As others count"));
        theme::style(heading, theme::Text::Heading);
        m_count = button(tr("Count by other protocols"), "countProtocols");
        m_count->setToolTip(
            tr("On the embeddings that are kept; texts are encoded where their words differ"));
        m_better = button(tr("Show the better"), "protocolBetter");
        m_worse = button(tr("Show the worse"), "protocolWorse");
        row->addWidget(heading, 1);
        for (QPushButton* each : {m_count, m_better, m_worse})
            row->addWidget(each);
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("protocolTable"));
        m_table->setAccessibleName(tr("The run as others count it"));
        m_table->setSource(&m_rows);
        m_note = new QLabel;
        m_note->setObjectName(QStringLiteral("protocolNote"));
        m_note->setTextFormat(Qt::PlainText);
        m_note->setWordWrap(true);
        theme::style(m_note, theme::Text::Caption);
        column->addLayout(row);
        column->addWidget(m_table, 1);
        column->addWidget(m_note);
        connect(m_count, &QPushButton::clicked, this, &PublishedView::count);
        connect(m_better, &QPushButton::clicked, this, [this] { showFlips(&ProtocolResult::gained); });
        connect(m_worse, &QPushButton::clicked, this, [this] { showFlips(&ProtocolResult::lost); });
        connect(m_table, &TableView::currentSourceRowChanged, this, &PublishedView::showProtocol);
        return host;
    }

    static QPushButton* button(const QString& text, const char* name) {
        auto* made = new QPushButton(text);
        made->setObjectName(QString::fromLatin1(name));
        return made;
    }

    void check() {
        m_causeRows.setRows({});
        if (!m_run)
            return;
        if (m_value->text().trimmed().isEmpty()) {
            m_verdict->setText(
                tr("Type a published number, as it was printed, to see whether this run's is the "
                   "same, inside sampling error, or what may be the cause of the difference."));
            return;
        }
        const Metric* metric = findMetric(m_run->metrics, m_metric->currentData().toString().toStdString());
        if (!metric)
            return;
        try {
            PublishedNumber published = parsePublished(m_value->text().toStdString(), *metric);
            published.n = m_n->text().toULongLong();
            show(checkPublished(*m_run, published, m_protocols ? &*m_protocols : nullptr));
        } catch (const Error& error) {
            m_verdict->setText(QString::fromUtf8(error.what()));
        }
    }

    void show(const PublishedCheck& found) {
        QString text = toQString(found.verdict);
        if (const std::string smallest = smallestDifferenceText(found); !smallest.empty())
            text += QLatin1Char(' ') + toQString(smallest) + QLatin1Char('.');
        m_verdict->setText(text);
        m_causeRows.setRows(found.causes);
    }

    void count() {
        const auto session = context().state.session();
        if (!session || !m_run)
            return;
        m_count->setEnabled(false);
        m_note->setText(tr("Counting…"));
        m_counting.start(
            JobSpec(tr("Count by other protocols")).setFinally([this] { m_count->setEnabled(true); }),
            [session, id = m_run->id](const RunContext& running) {
                return runProtocols(*session, id, running);
            },
            [this](RunProtocols found) {
                m_protocols = std::move(found);
                showProtocols();
                check();
            },
            [this](const Error& error) { m_note->setText(QString::fromUtf8(error.what())); });
    }

    void showProtocols() {
        std::vector<ProtocolResult> rows;
        if (m_protocols) {
            ProtocolResult own;
            own.title = tr("This run").toStdString();
            own.metrics = m_run->metrics;
            rows.push_back(std::move(own));
            rows.insert(rows.end(), m_protocols->protocols.begin(), m_protocols->protocols.end());
        }
        m_rows.setRows({});
        m_rows.setMetrics(m_run ? m_run->metrics : std::vector<Metric>());
        m_rows.setRows(std::move(rows));
        m_table->setStretchColumn(0);
        m_count->setEnabled(true);
        m_better->setEnabled(false);
        m_worse->setEnabled(false);
        m_note->setText(m_protocols ? toQString(m_protocols->note) : QString());
    }

    const ProtocolResult* current() const {
        const int row = m_table->currentSourceRow();
        return row > 0 && row < m_rows.rowCount() ? &m_rows.row(row) : nullptr;
    }

    void showProtocol() {
        const ProtocolResult* protocol = current();
        m_better->setEnabled(protocol && !protocol->gained.empty());
        m_worse->setEnabled(protocol && !protocol->lost.empty());
        if (!protocol)
            return;
        QStringList words;
        for (const std::string& change : protocol->changes)
            words.append(toQString(change));
        QString text = words.isEmpty() ? tr("Counted as in this run.")
                                       : words.join(QStringLiteral("; ")) + QLatin1Char('.');
        text += QLatin1Char(' ') + tr("Source: %1.").arg(toQString(protocol->source));
        if (!protocol->remark.empty())
            text += QLatin1Char(' ') + toQString(protocol->remark);
        m_note->setText(text);
    }

    void showFlips(std::vector<SampleId> ProtocolResult::*which) {
        const ProtocolResult* protocol = current();
        if (!protocol)
            return;
        Q_EMIT samplesRequested(
            std::make_shared<const std::vector<SampleId>>((*protocol).*which),
            (which == &ProtocolResult::gained ? tr("Better as %1 counts") : tr("Worse as %1 counts"))
                .arg(toQString(protocol->title)));
    }

    std::shared_ptr<const RunRecord> m_run;
    std::optional<RunProtocols> m_protocols;
    LatestOnly m_counting;
    KnownCausesModel m_causeRows;
    ProtocolsModel m_rows;
    QLineEdit *m_value, *m_n;
    ChoiceBox* m_metric;
    QLabel *m_verdict, *m_note = nullptr;
    QWidget* m_others; ///< of tasks that others count otherwise
    TableView *m_causes, *m_table = nullptr;
    QPushButton *m_count = nullptr, *m_better = nullptr, *m_worse = nullptr;
};

} // namespace

ResultView* makePublishedView(const ResultContext& context) {
    return new PublishedView(context);
}

} // namespace diptych::ui
