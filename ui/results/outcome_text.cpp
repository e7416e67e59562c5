// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/outcome_text.h"

#include "ui/models/formatting.h"
#include "ui/results/pair_models.h"
#include "ui/results/ranking_models.h"

#include <QCoreApplication>
#include <QStringList>

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

QString candidateText(const CaptionScorePart& part) {
    QStringList lines = {tr("Candidate: “%1”").arg(toQString(part.candidate)),
                         QStringLiteral("CLIPScore: %1").arg(numberText(part.clipScore))};
    if (part.refClipScore)
        lines.append(QStringLiteral("RefCLIPScore: %1").arg(numberText(*part.refClipScore)));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

QString outcomeText(const ExampleResult& example) {
    if (const auto pair = PairResult::fromExample(example))
        return pairText(*pair);
    if (const auto part = CaptionScorePart::read(example.parts))
        return candidateText(*part);
    const RankedImage image = RankedImage::fromExample(example);
    QStringList lines;
    if (image.rank > 0)
        lines.append(
            tr("Its own caption stands at place %1 of all captions.").arg(exactCountText(image.rank)));
    QStringList places;
    for (const int64_t place : image.captionRanks)
        places.append(exactCountText(place));
    if (!places.isEmpty())
        lines.append(tr("Its captions find it at place %1.").arg(places.join(QStringLiteral(", "))));
    return lines.join(QLatin1Char('\n'));
}

} // namespace diptych::ui
