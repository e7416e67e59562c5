// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/page_flow.h"
#include "ui/print/text_block.h"

#include <QPainter>

#include <algorithm>
#include <memory>

namespace diptych::ui::print {
namespace {

constexpr qreal kGap = 8 * kUnit, kInside = 5 * kUnit, kPicture = 92 * kUnit;
const QColor kRight(0x2c, 0x8a, 0x5b), kWrong(0xc8, 0x55, 0x3d), kPanel(0xf6, 0xf7, 0xf9);

struct LaidLine {
    TextBlock text, value;
    qreal top = 0;
    QColor color;
};

struct LaidCard {
    std::vector<QImage> pictures;
    std::vector<LaidLine> lines;
    qreal height = 0, width = 0;

    void drawPictures(QPainter& painter, QPointF corner) const {
        const auto count = static_cast<qreal>(pictures.size());
        const qreal each = (width - 2 * kInside - kInside * (count - 1)) / std::max(1.0, count);
        QPointF at = corner + QPointF(kInside, kInside);
        for (const QImage& picture : pictures) {
            const QRectF box(at, QSizeF(each, kPicture));
            if (picture.isNull()) {
                TextBlock(QObject::tr("image not found"), fontOf(Role::Soft), each, Qt::AlignHCenter)
                    .draw(painter, box.topLeft() + QPointF(0, kPicture / 2), colorOf(Role::Soft));
            } else {
                const QSizeF size = QSizeF(picture.size()).scaled(box.size(), Qt::KeepAspectRatio);
                painter.drawImage(QRectF(box.center() - QPointF(size.width(), size.height()) / 2, size),
                                  picture);
            }
            at.rx() += each + kInside;
        }
    }
    void draw(QPainter& painter, QPointF corner, qreal rowHeight) const {
        painter.setPen(Qt::NoPen);
        painter.setBrush(kPanel);
        painter.drawRoundedRect(QRectF(corner, QSizeF(width, rowHeight)), 4 * kUnit, 4 * kUnit);
        drawPictures(painter, corner);
        for (const LaidLine& line : lines) {
            const QPointF at = corner + QPointF(kInside, line.top);
            line.text.draw(painter, at, line.color);
            line.value.draw(painter, at, colorOf(Role::Soft));
        }
    }
};

LaidCard layOut(const Card& card, qreal width) {
    LaidCard laid;
    laid.pictures = card.pictures;
    laid.width = width;
    qreal top = kInside + (card.pictures.empty() ? 0 : kPicture + 4 * kUnit);
    const qreal inside = width - 2 * kInside;
    for (const CardLine& line : card.lines) {
        const bool judged = line.mark == CardLine::Mark::Right || line.mark == CardLine::Mark::Wrong;
        const QString mark = line.mark == CardLine::Mark::Right   ? QStringLiteral("✓ ")
                             : line.mark == CardLine::Mark::Wrong ? QStringLiteral("✗ ")
                                                                  : QString();
        QFont font = fontOf(Role::Body, judged || line.mark == CardLine::Mark::Heading);
        font.setPixelSize(static_cast<int>(7.5 * kUnit));
        const qreal value =
            line.value.isEmpty() ? 0 : QFontMetricsF(font).horizontalAdvance(line.value) + 4 * kUnit;
        const QString words = line.text.size() > 160 ? line.text.left(160) + QChar(0x2026) : line.text;
        laid.lines.push_back({TextBlock(mark + words, font, std::max(20 * kUnit, inside - value)),
                              TextBlock(line.value, font, inside, Qt::AlignRight), top,
                              line.mark == CardLine::Mark::Right     ? kRight
                              : line.mark == CardLine::Mark::Wrong   ? kWrong
                              : line.mark == CardLine::Mark::Heading ? colorOf(Role::Soft)
                                                                     : colorOf(Role::Body)});
        top += std::max(laid.lines.back().text.height(), laid.lines.back().value.height());
    }
    laid.height = top + kInside;
    return laid;
}

} // namespace

void PageFlow::cards(const std::vector<Card>& cards) {
    const bool wide = std::ranges::any_of(
        cards, [](const Card& card) { return card.pictures.size() > 1 || card.lines.size() > 6; });
    const size_t beside = wide ? 2 : 4;
    const qreal each = (width() - kGap * static_cast<qreal>(beside - 1)) / static_cast<qreal>(beside);
    for (size_t first = 0; first < cards.size(); first += beside) {
        auto row = std::make_shared<std::vector<LaidCard>>();
        qreal height = 0;
        for (size_t i = first; i < std::min(first + beside, cards.size()); ++i) {
            row->push_back(layOut(cards[i], each));
            height = std::max(height, row->back().height);
        }
        add({height + kGap, [this, row, height, each](qreal top) -> Draw {
                 const QPointF at(m_margin, top);
                 return [row, at, height, each](QPainter& painter) {
                     QPointF corner = at;
                     for (const LaidCard& card : *row) {
                         card.draw(painter, corner, height);
                         corner.rx() += each + kGap;
                     }
                 };
             }});
    }
}

} // namespace diptych::ui::print
