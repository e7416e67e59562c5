// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tag_badges.h"

#include "ui/models/sample_facts.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace diptych::ui {

namespace {

constexpr int kInset = 5;     // of a badge's text
constexpr int kSmallest = 28; // a cut tag narrower than this says nothing
constexpr int kRounding = 2;  // eliding adds up parts of pixels that the advance has rounded away

void paintBadge(QPainter& painter, const QRect& box, const QString& text) {
    const theme::Colors& c = theme::colors();
    painter.setPen(QPen(c.border, 1));
    painter.setBrush(c.accentSoft);
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setPen(c.text);
    painter.drawText(box, Qt::AlignCenter | Qt::TextSingleLine, text);
    painter.setPen(Qt::NoPen);
}

} // namespace

void paintTagBadges(QPainter& painter, const QRect& picture, const SampleFact& fact) {
    QStringList texts = fact.tags;
    if (!fact.note.isEmpty())
        texts.prepend(QStringLiteral("✎"));
    if (texts.isEmpty())
        return;
    const QFontMetrics metrics = painter.fontMetrics();
    const int height = metrics.height() + 2;
    const int gap = 3;
    int left = picture.left() + gap;
    const int right = picture.right() - gap;
    for (qsizetype i = 0; i < texts.size(); ++i) {
        const qsizetype rest = texts.size() - i - 1;
        const int reserved =
            rest > 0 ? metrics.horizontalAdvance(QStringLiteral("+%1").arg(rest)) + 2 * kInset + gap : 0;
        const int room = right - left - reserved;
        int width = metrics.horizontalAdvance(texts[i]) + kRounding + 2 * kInset;
        if (width > room && room < kSmallest + 2 * kInset) {
            const QString more = QStringLiteral("+%1").arg(rest + 1);
            width = metrics.horizontalAdvance(more) + 2 * kInset;
            paintBadge(painter,
                       {left, picture.bottom() - gap - height, std::min(width, right - left), height}, more);
            return;
        }
        width = std::min(width, room);
        paintBadge(painter, {left, picture.bottom() - gap - height, width, height},
                   metrics.elidedText(texts[i], Qt::ElideRight, width - 2 * kInset));
        left += width + gap;
    }
}

} // namespace diptych::ui
