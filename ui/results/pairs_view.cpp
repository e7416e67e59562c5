// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/results/pair_models.h"
#include "ui/results/pair_panel.h"
#include "ui/results/row_selection.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include <set>

namespace diptych::ui {
namespace {

constexpr int kVerdictWidth = 62; ///< a mark below "Image"

/// Pairs of captions and pictures: which comparison failed, in a list and one pair at a time.
class PairsView : public ResultView {
public:
    explicit PairsView(const ResultContext& context) : ResultView(context), m_loading(context.jobs, this) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        layout->addLayout(buildBar());
        m_filter = new RunFilter(context);
        layout->addWidget(m_filter);
        connect(m_filter, &RunFilter::changed, this, &PairsView::applyFilter);
        auto* splitter = new QSplitter(Qt::Horizontal);
        splitter->setChildrenCollapsible(false);
        splitter->setHandleWidth(theme::kLarge);
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("pairTable"));
        m_table->setAccessibleName(tr("Pairs"));
        m_table->setSource(&m_shown);
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
        m_table->horizontalHeader()->setSectionResizeMode(PairsModel::Caption, QHeaderView::Stretch);
        for (const int column : {PairsModel::Text, PairsModel::Image, PairsModel::Group}) {
            m_table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::Fixed);
            m_table->setColumnWidth(column, kVerdictWidth);
        }
        m_selection = new RowSelection(
            *m_table, [this](int row) { return m_shown.row(row).part.images; },
            RowSelection::Follow::CurrentSample);
        m_panel = new PairPanel(context.thumbnails);
        auto* scroll = new QScrollArea;
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setWidgetResizable(true);
        scroll->setWidget(m_panel);
        splitter->addWidget(m_table);
        splitter->addWidget(scroll);
        splitter->setSizes({420, 620});
        splitter->setStretchFactor(1, 1);
        layout->addWidget(splitter, 1);
        connect(m_table, &TableView::currentSourceRowChanged, this, [this](int row) {
            m_panel->setPair(row >= 0 && row < m_shown.rowCount() ? std::optional(m_shown.row(row))
                                                                  : std::nullopt);
        });
        connect(m_table, &TableView::sourceRowActivated, this, [this](int row) {
            if (row >= 0)
                inspect(m_shown.row(row).part.images.front());
        });
        connect(m_panel, &PairPanel::pictureClicked, this, &PairsView::inspect);
        connect(m_panel, &PairPanel::pictureMade, this, [this](SamplePicture* picture) {
            this->context().actions.attach(
                picture, [this] { return m_run->id; }, [this] { return pictures(); });
        });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_filter->setRun(*m_run);
        m_selection->bind(m_run->datasetId ? &context().state.selection(m_run->datasetId) : nullptr);
        m_pairs.clear();
        applyFilter();
        const auto session = context().state.session();
        if (!session)
            return;
        m_loading.start(
            JobSpec(tr("Load pairs")).setShown(false),
            [session, id = m_run->id](const RunContext&) {
                return pairsOf(session->workspace().examples(id));
            },
            [this](std::vector<PairResult> pairs) {
                m_pairs = std::move(pairs);
                fillTags();
                applyFilter();
            });
    }

private:
    QHBoxLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        bar->setSpacing(theme::kSmall);
        m_verdict = new QComboBox;
        m_verdict->setObjectName(QStringLiteral("pairFilter"));
        m_verdict->setAccessibleName(tr("Which pairs"));
        m_verdict->setMaxVisibleItems(16);
        const std::pair<QString, PairFilter> filters[] = {
            {tr("All pairs"), PairFilter::All},
            {tr("All comparisons right"), PairFilter::Right},
            {tr("Some comparison wrong"), PairFilter::Wrong},
            {tr("Text wrong: the captions of a picture"), PairFilter::TextWrong},
            {tr("Image wrong: the pictures of a caption"), PairFilter::ImageWrong},
            {tr("Text right, image wrong"), PairFilter::OnlyImageWrong},
            {tr("Picture 1 does not fit its caption better"), PairFilter::Picture1Misled},
            {tr("Picture 2 does not fit its caption better"), PairFilter::Picture2Misled},
            {tr("Caption 1 does not fit its picture better"), PairFilter::Caption1Misled},
            {tr("Caption 2 does not fit its picture better"), PairFilter::Caption2Misled},
        };
        for (const auto& [title, filter] : filters)
            m_verdict->addItem(title, static_cast<int>(filter));
        m_tag = new QComboBox;
        m_tag->setObjectName(QStringLiteral("pairTag"));
        m_tag->setAccessibleName(tr("Tag"));
        m_tag->setMaxVisibleItems(24);
        m_tag->addItem(tr("Any tag"));
        m_count = new QLabel;
        m_count->setObjectName(QStringLiteral("pairCount"));
        theme::style(m_count, theme::Text::Caption);
        bar->addWidget(m_verdict);
        bar->addWidget(m_tag);
        bar->addStretch(1);
        bar->addWidget(m_count);
        connect(m_verdict, &QComboBox::currentIndexChanged, this, &PairsView::applyFilter);
        connect(m_tag, &QComboBox::currentIndexChanged, this, &PairsView::applyFilter);
        return bar;
    }

    void fillTags() {
        std::set<QString> tags;
        for (const PairResult& pair : m_pairs)
            if (!pair.part.tag.empty())
                tags.insert(toQString(pair.part.tag));
        const QString before = m_tag->currentIndex() > 0 ? m_tag->currentText() : QString();
        const QSignalBlocker quiet(m_tag);
        m_tag->clear();
        m_tag->addItem(tr("Any tag"));
        for (const QString& tag : tags)
            m_tag->addItem(tag);
        m_tag->setCurrentIndex(before.isEmpty() ? 0 : std::max(0, m_tag->findText(before)));
        m_tag->setVisible(!tags.empty());
    }

    void applyFilter() {
        const auto filter = static_cast<PairFilter>(m_verdict->currentData().toInt());
        const QString tag = m_tag->currentIndex() > 0 ? m_tag->currentText() : QString();
        std::vector<PairResult> shown;
        size_t all = 0;
        for (const PairResult& pair : m_pairs) {
            if (!passes(pair, filter) || (!tag.isEmpty() && toQString(pair.part.tag) != tag))
                continue;
            ++all;
            if (m_filter->containsAny(pair.part.images))
                shown.push_back(pair);
        }
        m_filter->setCount(shown.size(), all, tr("pairs"));
        m_count->setText(tr("%1 of %2")
                             .arg(exactCountText(static_cast<long long>(shown.size())),
                                  countOf(static_cast<long long>(m_pairs.size()), tr("pair"), tr("pairs"))));
        const bool any = !shown.empty();
        m_shown.setRows(std::move(shown));
        m_panel->setPair(std::nullopt);
        if (any)
            m_table->setCurrentIndex(m_table->model()->index(0, 0));
        m_selection->rowsChanged();
    }

    /// Those of all pairs that are listed.
    SampleList pictures() const {
        auto samples = std::make_shared<std::vector<SampleId>>();
        for (int row = 0; row < m_shown.rowCount(); ++row) {
            const std::vector<SampleId>& images = m_shown.row(row).part.images;
            samples->insert(samples->end(), images.begin(), images.end());
        }
        return samples;
    }

    void inspect(SampleId sample) { context().state.showSample(sample, m_run->id, pictures()); }

    std::shared_ptr<const RunRecord> m_run;
    std::vector<PairResult> m_pairs;
    PairsModel m_shown;
    LatestOnly m_loading;
    QComboBox *m_verdict, *m_tag;
    QLabel* m_count;
    RunFilter* m_filter;
    RowSelection* m_selection; // Qt parent: m_table
    TableView* m_table;
    PairPanel* m_panel;
};

} // namespace

ResultView* makePairsView(const ResultContext& context) {
    return new PairsView(context);
}

} // namespace diptych::ui
