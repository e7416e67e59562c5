// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/pair_models.h"

#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"
#include "ui/theme/theme.h"

#include <QSet>

#include <algorithm>
#include <cmath>

namespace diptych::ui {
namespace {

QString mark(bool right) {
    return right ? QStringLiteral("✓") : QStringLiteral("✗");
}

std::optional<bool> optionalFlag(const Json& value) {
    return value.is_boolean() ? std::optional<bool>(value.get<bool>()) : std::nullopt;
}

PairInequality compare(const PairResult& pair, PairInequality::Kind kind, int right, int otherCaption,
                       int otherPicture) {
    PairInequality out;
    out.kind = kind;
    const int picture = pair.images.size() > 1 ? right : 0;
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
    out.words += PairsModel::tr(" (%1 to %2)").arg(cosineText(own), cosineText(other));
    return out;
}

} // namespace

std::optional<PairResult> PairResult::fromExample(const ExampleResult& example) {
    const Json& json = fieldOf(example.extras, "pair");
    PairResult pair;
    pair.id = json.is_object() && fieldOf(json, "id").is_number()
                  ? QString::number(toWhole(fieldOf(json, "id")))
                  : toText(fieldOf(json, "id"));
    pair.tag = toText(fieldOf(json, "tag"));
    for (const Json& image : listOf(json, "images"))
        pair.images.push_back(toSample(image));
    for (const Json& caption : listOf(json, "captions"))
        pair.captions.append(toText(caption));
    for (const Json& row : listOf(json, "scores")) {
        pair.scores.emplace_back();
        if (row.is_array())
            for (const Json& score : row)
                pair.scores.back().push_back(toNumber(score));
    }
    if (pair.images.empty() || pair.captions.size() < 2)
        return std::nullopt;
    pair.text = toFlag(fieldOf(json, "text"));
    pair.image = optionalFlag(fieldOf(json, "image"));
    pair.group = optionalFlag(fieldOf(json, "group"));
    return pair;
}

double PairResult::score(int caption, int picture) const {
    const auto row = static_cast<size_t>(caption), column = static_cast<size_t>(picture);
    return row < scores.size() && column < scores[row].size() ? scores[row][column] : std::nan("");
}

std::vector<PairInequality> PairResult::inequalities() const {
    using enum PairInequality::Kind;
    std::vector<PairInequality> out;
    if (images.size() == 1) {
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
    QSet<QString> seen;
    for (const ExampleResult& example : examples) {
        auto pair = PairResult::fromExample(example);
        if (!pair || seen.contains(pair->id))
            continue;
        seen.insert(pair->id);
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
        return !pair.text;
    case PairFilter::ImageWrong:
        return pair.image && !*pair.image;
    case PairFilter::OnlyImageWrong:
        return pair.text && pair.image && !*pair.image;
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
    const std::optional<bool> verdict = column == Text    ? std::optional<bool>(row.text)
                                        : column == Image ? row.image
                                        : column == Group ? row.group
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
        return row.tag;
    return verdict ? mark(*verdict) : QString();
}

} // namespace diptych::ui
