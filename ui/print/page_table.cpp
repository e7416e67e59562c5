// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/page_flow.h"
#include "ui/print/text_block.h"

#include <QPainter>
#include <QRegularExpression>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace diptych::ui::print {
namespace {

constexpr qreal kGap = 9 * kUnit, kAbove = 2.2 * kUnit, kBelow = 2.2 * kUnit, kPixel = 0.75 * kUnit;
constexpr qreal kNarrowest = 26 * kUnit;

/// The widths that the columns' words want, and what they get of the page's.
std::vector<qreal> widthsOf(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows,
                            qreal page) {
    const QFontMetricsF metrics(fontOf(Role::Body)), strong(fontOf(Role::Body, true));
    std::vector<qreal> wanted;
    for (size_t i = 0; i < columns.size(); ++i) {
        qreal most = 0; // heads may break between words, cells should not
        for (const QString& word : columns[i].title.split(QRegularExpression(QStringLiteral("\\s"))))
            most = std::max(most, strong.horizontalAdvance(word));
        for (const auto& row : rows) {
            if (!row[i].svg.isEmpty())
                most = std::max(most, QSvgRenderer(row[i].svg).viewBoxF().width() * kPixel * 0.75);
            for (const QString& line : shortened(row[i].text).split(QLatin1Char('\n')))
                most = std::max(most, (row[i].strong ? strong : metrics).horizontalAdvance(line));
        }
        wanted.push_back(std::max(kNarrowest, std::ceil(most) + kUnit));
    }
    const qreal room = page - kGap * static_cast<qreal>(columns.size() - 1);
    // The widest give way, all to one width, until the rest fits.
    for (int round = 0; round < 64 && std::accumulate(wanted.begin(), wanted.end(), 0.0) > room; ++round) {
        const qreal widest = *std::ranges::max_element(wanted);
        const auto count = static_cast<qreal>(std::ranges::count(wanted, widest));
        qreal second = 0;
        for (const qreal width : wanted)
            if (width < widest)
                second = std::max(second, width);
        const qreal over = std::accumulate(wanted.begin(), wanted.end(), 0.0) - room;
        const qreal target = std::max({second, widest - over / count, 1.0});
        std::ranges::replace(wanted, widest, target);
        if (target == widest)
            break;
    }
    return wanted;
}

/// One row laid out; draws itself anywhere.
struct Row {
    std::vector<TextBlock> blocks;
    std::vector<std::shared_ptr<QSvgRenderer>> drawings;
    std::vector<QPointF> at;
    std::vector<qreal> widths;
    qreal height = 0;
    QColor color;
    bool lineBelow = true;

    void draw(QPainter& painter, QPointF corner, qreal width) const {
        for (size_t i = 0; i < blocks.size(); ++i) {
            blocks[i].draw(painter, corner + at[i], color);
            if (drawings[i]) {
                const QSizeF size = QSizeF(drawings[i]->viewBoxF().size()) * kPixel;
                const qreal scale = std::min(1.0, widths[i] / size.width());
                drawings[i]->render(&painter, QRectF(corner + at[i], size * scale));
            }
        }
        painter.setPen(QPen(QColor(0xd5, 0xd9, 0xdf), 0.5 * kUnit));
        const qreal below = corner.y() + height - 0.3 * kUnit;
        painter.drawLine(QLineF(corner.x(), below, corner.x() + width, below));
    }
};

Row layOut(const std::vector<Cell>& cells, const std::vector<Column>& columns,
           const std::vector<qreal>& widths, bool head) {
    Row row;
    row.color = colorOf(head ? Role::Soft : Role::Body);
    row.widths = widths;
    qreal left = 0;
    for (size_t i = 0; i < cells.size(); ++i) {
        const Qt::Alignment side = columns[i].right ? Qt::AlignRight : Qt::AlignLeft;
        row.blocks.emplace_back(shortened(cells[i].text), fontOf(Role::Body, head || cells[i].strong),
                                widths[i], side);
        row.drawings.push_back(cells[i].svg.isEmpty() ? nullptr
                                                      : std::make_shared<QSvgRenderer>(cells[i].svg));
        row.at.emplace_back(left, kAbove);
        row.height = std::max(row.height, row.blocks.back().height());
        left += widths[i] + kGap;
    }
    row.height += kAbove + kBelow;
    return row;
}

} // namespace

void PageFlow::table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows) {
    if (columns.empty() || rows.empty())
        return;
    const std::vector<qreal> widths = widthsOf(columns, rows, width());
    const qreal whole =
        std::accumulate(widths.begin(), widths.end(), kGap * static_cast<qreal>(widths.size() - 1));
    std::vector<Cell> titles;
    bool named = false;
    for (const Column& column : columns) {
        titles.push_back({column.title});
        named = named || !column.title.isEmpty();
    }
    const auto pieceOf = [this, whole](Row row) {
        const qreal height = row.height;
        return Piece{height,
                     [this, whole, shared = std::make_shared<const Row>(std::move(row))](qreal top) -> Draw {
                         const QPointF at(m_margin, top);
                         return [shared, at, whole](QPainter& painter) { shared->draw(painter, at, whole); };
                     }};
    };
    std::optional<Piece> head;
    if (named) {
        head = pieceOf(layOut(titles, columns, widths, true));
        add(*head, true);
    }
    for (const auto& cells : rows) {
        const Piece piece = pieceOf(layOut(cells, columns, widths, false));
        if (head && m_waiting.empty() && m_top + piece.height > m_bottom) {
            newPage();
            place(*head);
        }
        add(piece);
    }
    space(4);
}

} // namespace diptych::ui::print
