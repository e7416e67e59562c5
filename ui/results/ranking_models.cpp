// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/ranking_models.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QStringList>

#include <algorithm>
#include <unordered_map>

namespace diptych::ui {

RankedImage RankedImage::fromExample(const ExampleResult& example) {
    return {RankingPart::read(example.parts).value_or(RankingPart{}), example.sample};
}

bool RankedImage::passes(RankFilter filter) const {
    const bool captionMissed =
        std::any_of(captionRanks.begin(), captionRanks.end(), [](int64_t place) { return place > 1; });
    switch (filter) {
    case RankFilter::ImageMissed:
        return rank > 1;
    case RankFilter::CaptionMissed:
        return captionMissed;
    case RankFilter::ImageBeyondFive:
        return rank > 5;
    case RankFilter::Right:
        return rank == 1 && !captionMissed;
    case RankFilter::All:
        break;
    }
    return true;
}

QString RankedImage::rankText() const {
    const auto tr = [](const char* text) { return FoundCaptionsModel::tr(text); };
    if (rank <= 0)
        return tr("no caption");
    return rank == 1 ? tr("✓ caption at 1") : tr("✗ caption at %1").arg(exactCountText(rank));
}

QString RankedImage::captionRankText() const {
    QStringList places;
    for (const int64_t place : captionRanks)
        places.append(exactCountText(place));
    return places.isEmpty() ? QString()
                            : FoundCaptionsModel::tr("found at %1").arg(places.join(QStringLiteral(", ")));
}

QVariant FoundCaptionsModel::header(int column) const {
    if (column == Score)
        return scoreName(rowCount() > 0 && row(0).matching);
    return column == Place ? tr("Place") : tr("Caption");
}

QVariant FoundCaptionsModel::cell(const FoundCaption& row, int column, int role) const {
    if (role == Qt::ForegroundRole && column == Caption && (row.right || row.marked))
        return row.right ? theme::colors().success : theme::colors().accent;
    if (role == Qt::ToolTipRole && column == Caption)
        return row.marked ? tr("%1\nMarked as right; the dataset does not say so").arg(row.caption)
                          : row.caption;
    if (role == kSortRole && column == Score)
        return row.score;
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Place)
        return row.place;
    if (column == Score)
        return scoreText(row.score, row.matching);
    return row.right ? tr("✓ %1").arg(row.caption) : row.marked ? tr("(✓) %1").arg(row.caption) : row.caption;
}

QVariant OwnCaptionsModel::header(int column) const {
    return column == Rank ? tr("Place") : tr("Caption");
}

QVariant OwnCaptionsModel::cell(const OwnCaption& row, int column, int role) const {
    if (role == Qt::ForegroundRole && column == Rank)
        return row.rank == 1 ? theme::colors().success : theme::colors().danger;
    if (role == Qt::ToolTipRole && column == Caption)
        return row.caption;
    if (role == kSortRole && column == Rank)
        return QVariant::fromValue<qlonglong>(row.rank);
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Rank)
        return tr("%1 %2").arg(row.rank == 1 ? QStringLiteral("✓") : QStringLiteral("✗"),
                               exactCountText(row.rank));
    return row.caption;
}

CaptionTables captionsOf(const Workspace& workspace, const RankedImage& image) {
    std::vector<SampleId> ids = {image.sample};
    for (const RankingPart::Caption& found : image.best)
        ids.push_back(found.sample);
    std::sort(ids.begin() + 1, ids.end());
    ids.erase(std::unique(ids.begin() + 1, ids.end()), ids.end());
    std::unordered_map<SampleId, std::vector<std::string>> captions;
    for (Sample& sample : workspace.samples(ids))
        captions.emplace(sample.id, std::move(sample.captions));
    const auto words = [&](SampleId sample, int number) {
        const auto found = captions.find(sample);
        const auto index = static_cast<size_t>(number);
        return found != captions.end() && number >= 0 && index < found->second.size() ? found->second[index]
                                                                                      : std::string();
    };
    const auto shown = [](const std::string& text) {
        return text.empty() ? FoundCaptionsModel::tr("(a caption that is no longer there)") : toQString(text);
    };
    CaptionTables tables;
    int place = 1;
    for (const RankingPart::Caption& found : image.best) {
        const std::string text = words(found.sample, found.number);
        tables.found.push_back({place++, found.sample, shown(text), found.score, found.sample == image.sample,
                                image.matching, text});
    }
    for (size_t i = 0; i < image.captionRanks.size(); ++i) {
        const std::string text = words(image.sample, static_cast<int>(i));
        tables.own.push_back(
            {shown(text), image.captionRanks[i],
             i < image.imagesBefore.size() ? image.imagesBefore[i] : std::vector<RankingPart::Image>(), text,
             image.matching});
    }
    return tables;
}

} // namespace diptych::ui
