// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QImage>
#include <QSizeF>
#include <QString>

#include <functional>
#include <vector>

class QPainter;

namespace diptych::ui::print {

/// Layout units in a point of paper. Letters are laid out ten times their size, so that no hinting for a
/// screen's pixels gets into what is printed.
inline constexpr qreal kUnit = 10;

enum class Role { Title, Heading, Subheading, Body, Soft, Code };

struct Column {
    QString title;
    bool right = false; ///< numbers
};

/// Words, or a drawing beside the words of other cells.
struct Cell {
    QString text;
    QByteArray svg = {};
    bool strong = false;
};

/// A line of a card, with a mark that needs no colour.
struct CardLine {
    QString text, value;
    enum class Mark { None, Right, Wrong, Heading } mark = Mark::None;
};

/// Pictures with what is said of them.
struct Card {
    std::vector<QImage> pictures; ///< a null image says that it was not found
    std::vector<CardLine> lines;
};

/// Puts words, tables, drawings and cards onto pages, one below the other. Nothing is cut: a row, a drawing
/// or a card stands on one page whole; heads of tables stand again on each page that the table goes on to; a
/// heading stands with what it heads. Needs a QGuiApplication; any one thread at a time.
class PageFlow {
public:
    /// @param page in units @param margin on each side, in units
    PageFlow(QSizeF page, qreal margin);

    void text(const QString& text, Role role);
    void space(qreal points);
    /// A line from side to side, above what follows.
    void rule();
    /// Starts a page, unless this one is empty.
    void pageBreak();
    void table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows);
    /// Beside each other where there is room, each as large as it says (CSS pixels, 96 an inch), or as the
    /// page.
    void drawings(const std::vector<QByteArray>& svgs);
    void cards(const std::vector<Card>& cards);
    /// Left and right of the foot of every page; "%p" and "%n" are its number and how many there are.
    void setFooter(const QString& left, const QString& right);

    int pageCount() const { return static_cast<int>(m_pages.size()); }
    QSizeF pageSize() const { return m_page; }
    /// In units; the page's upper left corner at the painter's origin.
    void paint(QPainter& painter, int page) const;

private:
    using Draw = std::function<void(QPainter&)>;
    struct Piece {
        qreal height = 0;
        std::function<Draw(qreal top)> at; ///< what to draw when it stands there
    };

    qreal width() const { return m_page.width() - 2 * m_margin; }
    qreal room() const { return m_bottom - m_margin; }
    void add(Piece piece, bool withNext = false);
    void place(const Piece& piece);
    void newPage();

    QSizeF m_page;
    qreal m_margin, m_bottom, m_top = 0;
    std::vector<std::vector<Draw>> m_pages;
    std::vector<Piece> m_waiting; ///< headings that stand with what comes next
    QString m_footerLeft, m_footerRight;
};

} // namespace diptych::ui::print
