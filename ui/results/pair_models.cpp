// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/pair_models.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <set>

namespace diptych::ui {
namespace {

QString mark(bool right) {
    return right ? QStringLiteral("✓") : QStringLiteral("✗");
}

PairInequality compare(const PairResult& pair, PairInequality::Kind kind, int right, int otherCaption,
                       int otherPicture) {
    PairInequality out;
    out.kind = kind;
    const int picture = pair.part.images.size() > 1 ? right : 0;
    out.right[0] = right;
    out.right[1] = picture;
    out.other[0] = otherCaption;
    out.other[1] = otherPicture;
    const double own = pair.score(right, picture), other = pair.score(otherCaption, otherPicture);
    out.holds = own > other;
    if (kind == PairInequality::Kind::Text) {
        const QString text =
            out.holds ? PairsModel::tr("Picture %1 fits its caption %2 better than caption %3")
                      : PairsModel::tr("Picture %1 does not fit its caption %2 better than caption %3");
        out.words = text.arg(picture + 1).arg(right + 1).arg(otherCaption + 1);
    } else {
        const QString text =
            out.holds ? PairsModel::tr("Caption %1 fits its picture %2 better than picture %3")
                      : PairsModel::tr("Caption %1 does not fit its picture %2 better than picture %3");
        out.words = text.arg(right + 1).arg(picture + 1).arg(otherPicture + 1);
    }
    const bool matching = pair.part.matching;
    out.words += (matching ? PairsModel::tr(" (match logits %1 to %2)") : PairsModel::tr(" (%1 to %2)"))
                     .arg(scoreText(own, matching), scoreText(other, matching));
    return out;
}

} // namespace

std::optional<PairResult> PairResult::fromExample(const ExampleResult& example) {
    auto part = PairPart::read(example.parts);
    if (!part || part->images.empty() || part->captions.size() < 2)
        return std::nullopt;
    PairResult pair;
    pair.part = std::move(*part);
    for (const std::string& caption : pair.part.captions)
        pair.captions.append(toQString(caption));
    return pair;
}

double PairResult::score(int caption, int picture) const {
    return part.score(static_cast<size_t>(caption), static_cast<size_t>(picture));
}

std::vector<PairInequality> PairResult::inequalities() const {
    using enum PairInequality::Kind;
    std::vector<PairInequality> out;
    if (part.images.size() == 1) {
        for (int wrong = 1; wrong < captions.size(); ++wrong)
            out.push_back(compare(*this, Text, 0, wrong, 0));
        return out;
    }
    out.push_back(compare(*this, Text, 0, 1, 0));
    out.push_back(compare(*this, Text, 1, 0, 1));
    out.push_back(compare(*this, Image, 0, 0, 1));
    out.push_back(compare(*this, Image, 1, 1, 0));
    return out;
}

std::vector<PairResult> pairsOf(const std::vector<ExampleResult>& examples) {
    std::vector<PairResult> pairs;
    std::set<std::string> seen;
    for (const ExampleResult& example : examples) {
        auto pair = PairResult::fromExample(example);
        if (!pair || !seen.insert(pair->part.id).second)
            continue;
        pairs.push_back(std::move(*pair));
    }
    return pairs;
}

bool passes(const PairResult& pair, PairFilter filter) {
    const auto misled = [&](PairInequality::Kind kind, int which) {
        int seen = 0;
        for (const PairInequality& inequality : pair.inequalities())
            if (inequality.kind == kind && seen++ == which)
                return !inequality.holds;
        return false;
    };
    switch (filter) {
    case PairFilter::Right:
        return pair.right();
    case PairFilter::Wrong:
        return !pair.right();
    case PairFilter::TextWrong:
        return !pair.part.text;
    case PairFilter::ImageWrong:
        return pair.part.image && !*pair.part.image;
    case PairFilter::OnlyImageWrong:
        return pair.part.text && pair.part.image && !*pair.part.image;
    case PairFilter::Picture1Misled:
        return misled(PairInequality::Kind::Text, 0);
    case PairFilter::Picture2Misled:
        return misled(PairInequality::Kind::Text, 1);
    case PairFilter::Caption1Misled:
        return misled(PairInequality::Kind::Image, 0);
    case PairFilter::Caption2Misled:
        return misled(PairInequality::Kind::Image, 1);
    case PairFilter::All:
        break;
    }
    return true;
}

QVariant PairsModel::header(int column) const {
    const QString titles[] = {tr("First caption"), tr("Tag"), tr("Text"), tr("Image"), tr("Group")};
    return titles[column];
}

QVariant PairsModel::cell(const PairResult& row, int column, int role) const {
    const std::optional<bool> verdict = column == Text    ? std::optional<bool>(row.part.text)
                                        : column == Image ? row.part.image
                                        : column == Group ? row.part.group
                                                          : std::nullopt;
    if (role == Qt::ForegroundRole && verdict)
        return *verdict ? theme::colors().success : theme::colors().danger;
    if (role == Qt::ToolTipRole && column == Caption)
        return row.captions.join(QLatin1Char('\n'));
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Caption)
        return row.captions.front();
    if (column == Tag)
        return toQString(row.part.tag);
    return verdict ? mark(*verdict) : QString();
}

} // namespace diptych::ui
