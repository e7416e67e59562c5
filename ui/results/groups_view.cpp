// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/results/group_models.h"
#include "ui/results/row_selection.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kCardColumns = 3;
constexpr int kCardWidth = 260;
constexpr int kPictureHeight = 190;

enum class GroupFilter { All, Wrong, Right, SameText, SameImage };

bool passes(const ConfounderGroup& group, GroupFilter filter) {
    switch (filter) {
    case GroupFilter::Wrong:
        return !group.allRight;
    case GroupFilter::Right:
        return group.allRight;
    case GroupFilter::SameText:
        return group.kind == ConfounderGroup::Kind::SameText;
    case GroupFilter::SameImage:
        return group.kind == ConfounderGroup::Kind::SameImage;
    case GroupFilter::All:
        break;
    }
    return true;
}

std::vector<SampleId> samplesOf(const ConfounderGroup& group) {
    std::vector<SampleId> samples;
    for (const GroupMember& member : group.members)
        samples.push_back(member.sample);
    return samples;
}

/// Confounder groups: what shares its text or its picture, side by side with label, score and verdict.
class GroupsView : public ResultView {
public:
    explicit GroupsView(const ResultContext& context) : ResultView(context), m_loading(context.jobs, this) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        layout->addLayout(buildBar());
        m_runFilter = new RunFilter(context);
        layout->addWidget(m_runFilter);
        connect(m_runFilter, &RunFilter::changed, this, &GroupsView::applyFilter);
        auto* splitter = new QSplitter(Qt::Horizontal);
        splitter->setChildrenCollapsible(false);
        splitter->setHandleWidth(theme::kLarge);
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("groupTable"));
        m_table->setAccessibleName(tr("Groups"));
        m_table->setSource(&m_shown);
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
        m_table->horizontalHeader()->setSectionResizeMode(GroupsModel::Shared, QHeaderView::Stretch);
        m_selection = new RowSelection(
            *m_table, [this](int row) { return samplesOf(m_shown.row(row)); },
            RowSelection::Follow::CurrentSample);
        m_scroll = new QScrollArea;
        m_scroll->setFrameShape(QFrame::NoFrame);
        m_scroll->setWidgetResizable(true);
        splitter->addWidget(m_table);
        splitter->addWidget(m_scroll);
        splitter->setSizes({420, 620});
        splitter->setStretchFactor(1, 1);
        layout->addWidget(splitter, 1);
        connect(m_table, &TableView::currentSourceRowChanged, this, &GroupsView::showGroup);
        connect(m_table, &TableView::sourceRowActivated, this, [this](int row) {
            if (row >= 0)
                inspect(m_shown.row(row).members.front().sample);
        });
        if (theme::notifier())
            connect(theme::notifier(), &theme::Notifier::changed, this,
                    [this] { showGroup(m_table->currentSourceRow()); });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_runFilter->setRun(*m_run);
        m_selection->bind(m_run->datasetId ? &context().state.selection(m_run->datasetId) : nullptr);
        m_groups.clear();
        applyFilter();
        const auto session = context().state.session();
        if (!session)
            return;
        m_loading.start(
            JobSpec(tr("Load groups")).setShown(false),
            [session, run = m_run](const RunContext&) { return groupsOf(session->workspace(), *run); },
            [this](std::vector<ConfounderGroup> groups) {
                m_groups = std::move(groups);
                applyFilter();
            });
    }

private:
    QHBoxLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        m_filter = new QComboBox;
        m_filter->setObjectName(QStringLiteral("groupFilter"));
        m_filter->setAccessibleName(tr("Which groups"));
        const std::pair<QString, GroupFilter> filters[] = {
            {tr("All groups"), GroupFilter::All},
            {tr("Not wholly right"), GroupFilter::Wrong},
            {tr("Wholly right"), GroupFilter::Right},
            {tr("Same text, other image"), GroupFilter::SameText},
            {tr("Same image, other text"), GroupFilter::SameImage},
        };
        for (const auto& [title, filter] : filters)
            m_filter->addItem(title, static_cast<int>(filter));
        m_count = new QLabel;
        m_count->setObjectName(QStringLiteral("groupCount"));
        theme::style(m_count, theme::Text::Caption);
        bar->addWidget(m_filter);
        bar->addStretch(1);
        bar->addWidget(m_count);
        connect(m_filter, &QComboBox::currentIndexChanged, this, &GroupsView::applyFilter);
        return bar;
    }

    void applyFilter() {
        const auto filter = static_cast<GroupFilter>(m_filter->currentData().toInt());
        std::vector<ConfounderGroup> shown;
        long long right = 0;
        size_t all = 0;
        for (const ConfounderGroup& group : m_groups) {
            right += group.allRight ? 1 : 0;
            if (!passes(group, filter))
                continue;
            ++all;
            if (m_runFilter->containsAny(samplesOf(group)))
                shown.push_back(group);
        }
        m_runFilter->setCount(shown.size(), all, tr("groups"));
        m_count->setText(tr("%1 of %2, %3 wholly right")
                             .arg(exactCountText(static_cast<long long>(shown.size())),
                                  countOf(static_cast<long long>(m_groups.size()), tr("group"), tr("groups")),
                                  exactCountText(right)));
        const bool any = !shown.empty();
        m_shown.setRows(std::move(shown));
        if (any)
            m_table->setCurrentIndex(m_table->model()->index(0, 0));
        else
            showGroup(-1);
        m_selection->rowsChanged();
    }

    void showGroup(int row) {
        auto* host = new QWidget;
        auto* grid = new QGridLayout(host);
        grid->setContentsMargins(0, 0, 0, 0);
        grid->setSpacing(theme::kLarge);
        if (row >= 0 && row < m_shown.rowCount()) {
            int place = 0;
            for (const GroupMember& member : m_shown.row(row).members) {
                grid->addWidget(card(member), place / kCardColumns, place % kCardColumns,
                                Qt::AlignTop | Qt::AlignLeft);
                ++place;
            }
        } else {
            auto* none = new QLabel(tr("No group is chosen."));
            theme::style(none, theme::Text::Caption);
            grid->addWidget(none, 0, 0);
        }
        grid->setRowStretch(grid->rowCount(), 1);
        grid->setColumnStretch(kCardColumns, 1);
        m_scroll->setWidget(host); // deletes the one before
    }

    QWidget* card(const GroupMember& member) {
        const theme::Colors& colors = theme::colors();
        auto* host = new QWidget;
        host->setFixedWidth(kCardWidth);
        auto* layout = new QVBoxLayout(host);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(theme::kTiny);
        auto* picture = new SamplePicture(context().thumbnails);
        picture->setObjectName(QStringLiteral("groupPicture"));
        picture->setSample(member.sample, member.name);
        picture->setFixedHeight(kPictureHeight);
        if (member.correct)
            picture->setFrameColor(*member.correct ? colors.success : colors.danger);
        connect(picture, &SamplePicture::clicked, this, [this, id = member.sample] { inspect(id); });
        context().actions.attach(
            picture, [this] { return m_run->id; }, [this] { return members(); });
        layout->addWidget(picture);
        const auto line = [&](const QString& text, const QColor& color) {
            auto* label = new QLabel(text);
            label->setObjectName(QStringLiteral("groupLine"));
            label->setTextFormat(Qt::PlainText);
            label->setWordWrap(true);
            QPalette palette = label->palette();
            palette.setColor(QPalette::WindowText, color);
            label->setPalette(palette);
            layout->addWidget(label);
        };
        if (!member.caption.isEmpty())
            line(tr("“%1”").arg(member.caption), colors.text);
        line(member.label.isEmpty() ? tr("Label: not known") : tr("Label: %1").arg(member.label),
             colors.text);
        if (!member.predicted.isEmpty())
            line(tr("Taken for: %1, score %2").arg(member.predicted, shareText(member.score)),
                 colors.mutedText);
        if (member.correct)
            line(*member.correct ? tr("✓ right") : tr("✗ wrong"),
                 *member.correct ? colors.success : colors.danger);
        return host;
    }

    /// The samples of the group that is shown.
    SampleList members() const {
        const int row = m_table->currentSourceRow();
        return std::make_shared<const std::vector<SampleId>>(row >= 0 ? samplesOf(m_shown.row(row))
                                                                      : std::vector<SampleId>());
    }

    void inspect(SampleId sample) { context().state.showSample(sample, m_run->id, members()); }

    std::shared_ptr<const RunRecord> m_run;
    std::vector<ConfounderGroup> m_groups;
    GroupsModel m_shown;
    LatestOnly m_loading;
    QComboBox* m_filter;
    QLabel* m_count;
    RunFilter* m_runFilter;
    RowSelection* m_selection; // Qt parent: m_table
    TableView* m_table;
    QScrollArea* m_scroll;
};

} // namespace

ResultView* makeGroupsView(const ResultContext& context) {
    return new GroupsView(context);
}

} // namespace diptych::ui
