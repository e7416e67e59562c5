// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"
#include "ui/models/sample_card_model.h"
#include "ui/models/table_model.h"
#include "ui/results/positive_marks.h"
#include "ui/results/ranking_models.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <unordered_map>

namespace diptych::ui {
namespace {

constexpr int kThumbnailSide = 112;
constexpr int kPictureSide = 132;
constexpr int kBeforeSide = 96;
constexpr int kTableHeight = 84; ///< at least a row and the header

/// Retrieval: every image with the captions it found, its place, and the place its captions find it at.
class RankingView : public ResultView {
public:
    explicit RankingView(const ResultContext& context)
        : ResultView(context), m_loading(context.jobs, this), m_captionLoading(context.jobs, this) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, 0);
        layout->setSpacing(theme::kMedium);
        layout->addLayout(buildBar());
        m_runFilter = new RunFilter(context);
        layout->addWidget(m_runFilter);
        connect(m_runFilter, &RunFilter::changed, this, &RankingView::applyFilter);
        auto* splitter = new QSplitter(Qt::Horizontal);
        splitter->setChildrenCollapsible(false);
        splitter->setHandleWidth(theme::kLarge);
        m_grid = new ThumbnailGrid(context.thumbnails);
        m_grid->setObjectName(QStringLiteral("rankingGrid"));
        m_grid->setAccessibleName(tr("Images"));
        m_grid->setModel(&m_cards);
        m_grid->setThumbnailSide(kThumbnailSide);
        splitter->addWidget(m_grid);
        splitter->addWidget(buildDetails());
        splitter->setStretchFactor(0, 1);
        splitter->setSizes({480, 560});
        layout->addWidget(splitter, 1);
        m_marks = new PositiveMarks(context, this);
        m_marks->setContentsMargins(0, 0, 0, theme::kMedium);
        layout->addWidget(m_marks);
        connect(m_marks, &PositiveMarks::changed, this, &RankingView::showMarks);
        connect(m_grid->selectionModel(), &QItemSelectionModel::currentChanged, this,
                [this](const QModelIndex& index) { showImage(index.row()); });
        context.actions.attach(m_grid, [this] { return m_run->id; });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        m_runFilter->setRun(*m_run);
        Selection* selection = m_run->datasetId ? &context().state.selection(m_run->datasetId) : nullptr;
        m_grid->bindSelection(selection); // the others are looked at beside the chosen one
        m_images.clear();
        m_cards.setCards({});
        showImage(-1);
        m_marks->setRun(m_run);
        const auto session = context().state.session();
        if (!session)
            return;
        m_loading.start(
            JobSpec(tr("Load ranks")).setShown(false),
            [session, id = m_run->id](const RunContext&) {
                std::vector<RankedImage> images;
                for (const ExampleResult& example : session->workspace().examples(id))
                    if (example.status == ExampleStatus::Ok)
                        images.push_back(RankedImage::fromExample(example));
                return images;
            },
            [this](std::vector<RankedImage> images) {
                m_images = std::move(images);
                applyFilter();
            });
    }

private:
    QHBoxLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        m_filter = new QComboBox;
        m_filter->setObjectName(QStringLiteral("rankFilter"));
        m_filter->setAccessibleName(tr("Which images"));
        m_filter->addItem(tr("All images"), static_cast<int>(RankFilter::All));
        m_filter->addItem(tr("The best caption is another image's"),
                          static_cast<int>(RankFilter::ImageMissed));
        m_filter->addItem(tr("A caption finds another image first"),
                          static_cast<int>(RankFilter::CaptionMissed));
        m_filter->addItem(tr("No caption of its own among the first 5"),
                          static_cast<int>(RankFilter::ImageBeyondFive));
        m_filter->addItem(tr("All right, both ways"), static_cast<int>(RankFilter::Right));
        m_count = new QLabel;
        m_count->setObjectName(QStringLiteral("rankCount"));
        theme::style(m_count, theme::Text::Caption);
        bar->addWidget(m_filter);
        bar->addStretch(1);
        bar->addWidget(m_count);
        connect(m_filter, &QComboBox::currentIndexChanged, this, &RankingView::applyFilter);
        return bar;
    }

    QWidget* buildDetails() {
        auto* side = new QWidget;
        auto* row = new QHBoxLayout(side);
        row->setContentsMargins(0, 0, 0, theme::kLarge);
        row->setSpacing(theme::kLarge);
        m_picture = new SamplePicture(context().thumbnails);
        m_picture->setObjectName(QStringLiteral("rankedPicture"));
        m_picture->setFixedSize(kPictureSide, kPictureSide);
        connect(m_picture, &SamplePicture::clicked, this, [this] { inspect(m_picture->sample()); });
        context().actions.attach(
            m_picture, [this] { return m_run->id; }, [this] { return m_cards.samples(); });
        auto* left = new QVBoxLayout;
        left->setSpacing(theme::kSmall);
        left->addWidget(m_picture);
        m_beforeTitle = new QLabel;
        m_beforeTitle->setObjectName(QStringLiteral("imagesBeforeTitle"));
        m_beforeTitle->setWordWrap(true);
        theme::style(m_beforeTitle, theme::Text::Caption);
        left->addWidget(m_beforeTitle);
        m_before = new ThumbnailGrid(context().thumbnails);
        m_before->setObjectName(QStringLiteral("imagesBefore"));
        m_before->setAccessibleName(tr("Images that the caption finds first"));
        m_before->setModel(&m_beforeCards);
        m_before->setThumbnailSide(kBeforeSide);
        m_before->setSubtitleShown(false);
        m_before->setFixedWidth(kPictureSide);
        context().actions.attach(m_before, [this] { return m_run->id; });
        connect(m_before->selectionModel(), &QItemSelectionModel::currentChanged, this,
                [this](const QModelIndex& index) { offerBefore(index.row()); });
        connect(m_before, &QAbstractItemView::clicked, this,
                [this](const QModelIndex& index) { offerBefore(index.row()); });
        left->addWidget(m_before, 1);
        row->addLayout(left);
        auto* layout = new QVBoxLayout;
        layout->setSpacing(theme::kSmall);
        row->addLayout(layout, 1);
        const auto addTable = [&](TableView*& table, QAbstractItemModel* model, const QString& heading,
                                  const char* name) {
            auto* label = new QLabel(heading);
            theme::style(label, theme::Text::Heading);
            layout->addWidget(label);
            table = new TableView;
            table->setObjectName(QString::fromLatin1(name));
            table->setAccessibleName(heading);
            table->setSource(model);
            table->setWordWrap(true);
            table->setMinimumHeight(kTableHeight);
            table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
            layout->addWidget(table, 1);
        };
        addTable(m_foundTable, &m_found, tr("Captions this image found"), "foundCaptions");
        m_foundTable->horizontalHeader()->setSectionResizeMode(FoundCaptionsModel::Caption,
                                                               QHeaderView::Stretch);
        addTable(m_ownTable, &m_own, tr("Its captions, and the place they find it at"), "ownCaptions");
        m_ownTable->horizontalHeader()->setSectionResizeMode(OwnCaptionsModel::Caption, QHeaderView::Stretch);
        connect(m_ownTable, &TableView::currentSourceRowChanged, this, &RankingView::showBefore);
        connect(m_foundTable, &TableView::currentSourceRowChanged, this, &RankingView::offerFound);
        connect(m_foundTable, &QAbstractItemView::clicked, this,
                [this] { offerFound(m_foundTable->currentSourceRow()); });
        connect(m_foundTable, &TableView::sourceRowActivated, this, [this](int row) {
            if (row >= 0)
                inspect(m_found.row(row).sample);
        });
        return side;
    }

    void inspect(SampleId sample) {
        if (sample)
            context().state.showSample(sample, m_run->id, m_cards.samples());
    }

    /// The mark that would make a caption right for an image; none where it is right anyway or not there.
    static std::optional<PositivePair> pairOf(SampleId image, SampleId captionOf, const std::string& words) {
        if (!image || !captionOf || image == captionOf || words.empty())
            return std::nullopt;
        return PositivePair{image, captionOf, words, {}};
    }
    void offerFound(int row) {
        const bool any = row >= 0 && row < m_found.rowCount();
        m_ofBefore = m_ofBefore && !any;
        m_marks->setCandidate(any ? pairOf(m_image, m_found.row(row).sample, m_found.row(row).words)
                                  : std::nullopt);
    }
    void offerBefore(int row) {
        const int caption = m_ownTable->currentSourceRow();
        const bool any =
            row >= 0 && row < m_beforeCards.rowCount() && caption >= 0 && caption < m_own.rowCount();
        m_ofBefore = m_ofBefore || any;
        m_marks->setCandidate(any ? pairOf(m_beforeCards.card(row).sample, m_image, m_own.row(caption).words)
                                  : std::nullopt);
    }

    /// Shows which hits are marked as right; what is chosen stays chosen.
    void showMarks() {
        const int found = m_foundTable->currentSourceRow(), before = m_before->currentIndex().row();
        const bool ofBefore = m_ofBefore;
        setFound(m_tables.found);
        m_foundTable->setCurrentSourceRow(found);
        showBefore(m_ownTable->currentSourceRow());
        m_before->setCurrentIndex(m_beforeCards.index(before));
        if (ofBefore)
            offerBefore(before);
        else
            offerFound(found);
    }
    void setFound(std::vector<FoundCaption> rows) {
        for (FoundCaption& row : rows)
            if (const auto pair = pairOf(m_image, row.sample, row.words))
                row.marked = m_marks->isMarked(*pair);
        m_found.setRows(std::move(rows));
        m_foundTable->resizeRowsToContents();
    }

    /// The images that stand before this one for its caption in that row.
    void showBefore(int row) {
        std::vector<SampleCard> cards;
        const bool any = row >= 0 && row < m_own.rowCount();
        if (any)
            for (const RankingPart::Image& image : m_own.row(row).before) {
                const auto pair = pairOf(image.sample, m_image, m_own.row(row).words);
                const QString score = scoreText(image.score, m_own.row(row).matching);
                cards.push_back({image.sample,
                                 pair && m_marks->isMarked(*pair) ? tr("(✓) %1").arg(score) : score,
                                 QString()});
            }
        m_beforeTitle->setText(!any                       ? QString()
                               : m_own.row(row).rank == 1 ? tr("This caption finds its image first.")
                               : cards.empty()            ? tr("This run kept no images that it finds first.")
                                                          : tr("Its caption %1 finds first:").arg(row + 1));
        m_beforeCards.setCards(std::move(cards));
    }

    /// Of the captions of an image, the first that finds another.
    int firstMissed() const {
        for (int row = 0; row < m_own.rowCount(); ++row)
            if (m_own.row(row).rank > 1)
                return row;
        return m_own.rowCount() > 0 ? 0 : -1;
    }

    void applyFilter() {
        const auto filter = static_cast<RankFilter>(m_filter->currentData().toInt());
        std::vector<SampleCard> cards;
        m_shown.clear();
        size_t all = 0;
        for (size_t i = 0; i < m_images.size(); ++i) {
            const RankedImage& image = m_images[i];
            if (!image.passes(filter))
                continue;
            ++all;
            if (!m_runFilter->contains(image.sample))
                continue;
            m_shown.push_back(i);
            cards.push_back({image.sample, image.rankText(), image.captionRankText()});
        }
        m_count->setText(
            tr("%1 of %2")
                .arg(exactCountText(static_cast<long long>(cards.size())),
                     countOf(static_cast<long long>(m_images.size()), tr("image"), tr("images"))));
        m_runFilter->setCount(m_shown.size(), all, tr("images"));
        m_cards.setCards(std::move(cards));
        m_grid->scrollToTop();
        if (m_shown.empty())
            showImage(-1);
        else if (m_grid->currentIndex().isValid()) // what is looked at in every view
            showImage(m_grid->currentIndex().row());
        else if (m_grid->hasFocus()) // there it would be somebody's choice, for every view
            showImage(0);
        else
            m_grid->setCurrentIndex(m_cards.index(0));
    }

    void showImage(int row) {
        m_tables = {};
        m_found.setRows({});
        m_own.setRows({});
        showBefore(-1);
        m_image = {};
        m_marks->setCandidate(std::nullopt);
        const auto session = context().state.session();
        if (row < 0 || row >= static_cast<int>(m_shown.size()) || !session) {
            m_picture->setSample({}, QString());
            m_captionLoading.cancel();
            return;
        }
        const RankedImage& image = m_images[m_shown[static_cast<size_t>(row)]];
        m_image = image.sample;
        m_picture->setSample(image.sample, image.rankText());
        m_captionLoading.start(
            JobSpec(tr("Load captions")).setShown(false),
            [session, image](const RunContext&) { return captionsOf(session->workspace(), image); },
            [this](CaptionTables tables) {
                m_tables = std::move(tables);
                setFound(m_tables.found);
                m_own.setRows(m_tables.own);
                m_ownTable->resizeRowsToContents();
                m_ownTable->setCurrentSourceRow(firstMissed());
            });
    }

    std::shared_ptr<const RunRecord> m_run;
    std::vector<RankedImage> m_images;
    std::vector<size_t> m_shown; ///< index into m_images of each card
    SampleCardModel m_cards, m_beforeCards;
    SampleId m_image;        ///< that is looked at
    CaptionTables m_tables;  ///< of it
    bool m_ofBefore = false; ///< the hit to mark is an image that a caption finds first, not a found caption
    FoundCaptionsModel m_found;
    OwnCaptionsModel m_own;
    LatestOnly m_loading, m_captionLoading;
    RunFilter* m_runFilter;
    QComboBox* m_filter;
    QLabel *m_count, *m_beforeTitle;
    ThumbnailGrid *m_grid, *m_before;
    SamplePicture* m_picture;
    PositiveMarks* m_marks;
    TableView *m_foundTable, *m_ownTable;
};

} // namespace

ResultView* makeRankingView(const ResultContext& context) {
    return new RankingView(context);
}

} // namespace diptych::ui
