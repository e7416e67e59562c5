// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/outcome_text.h"

#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"
#include "ui/results/pair_models.h"
#include "ui/results/ranking_models.h"

#include <QCoreApplication>
#include <QStringList>

#include <cmath>
#include <utility>

namespace diptych::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::Outcome", text);
}

QString pairText(const PairResult& pair) {
    QStringList lines;
    for (int i = 0; i < pair.captions.size(); ++i)
        lines.append(tr("Caption %1: “%2”").arg(i + 1).arg(pair.captions[i]));
    for (const PairInequality& inequality : pair.inequalities())
        lines.append((inequality.holds ? QStringLiteral("✓ ") : QStringLiteral("✗ ")) + inequality.words);
    return lines.join(QLatin1Char('\n'));
}

QString candidateText(const ExampleResult& example, const QString& candidate) {
    QStringList lines = {tr("Candidate: “%1”").arg(candidate)};
    for (const auto& [key, name] : {std::pair{"clipscore", "CLIPScore"}, {"refclipscore", "RefCLIPScore"}})
        if (const double score = toNumber(fieldOf(example.extras, key)); std::isfinite(score))
            lines.append(QStringLiteral("%1: %2").arg(QLatin1String(name), numberText(score)));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

QString outcomeText(const ExampleResult& example) {
    if (const auto pair = PairResult::fromExample(example))
        return pairText(*pair);
    if (const QString candidate = toText(fieldOf(example.extras, "candidate")); !candidate.isEmpty())
        return candidateText(example, candidate);
    const RankedImage image = RankedImage::fromExample(example);
    QStringList lines;
    if (image.rank > 0)
        lines.append(
            tr("Its own caption stands at place %1 of all captions.").arg(exactCountText(image.rank)));
    QStringList places;
    for (const long long place : image.captionRanks)
        places.append(exactCountText(place));
    if (!places.isEmpty())
        lines.append(tr("Its captions find it at place %1.").arg(places.join(QStringLiteral(", "))));
    return lines.join(QLatin1Char('\n'));
}

} // namespace diptych::ui
