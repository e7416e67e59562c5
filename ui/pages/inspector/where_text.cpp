// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/where_text.h"

#include "ui/models/formatting.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <vector>

namespace diptych::ui {
namespace {

/// A part of a word as people read it.
struct Piece {
    QString text;
    bool beginsWord = true;
    double value = 0;
};

bool isMark(const QString& token) {
    return token.size() > 2 && ((token.startsWith(u'<') && token.endsWith(u'>')) ||
                                (token.startsWith(u'[') && token.endsWith(u']')));
}

/// Tokenizers say in four ways where words begin or end: "cube</w>", "▁cube", "Ġcube", "##s".
std::vector<Piece> piecesOf(const Relevance& relevance) {
    const QString wordEnd = QStringLiteral("</w>");
    std::vector<Piece> pieces;
    bool begins = true;
    for (size_t i = 0; i < relevance.tokens.size(); ++i) {
        QString token = toQString(relevance.tokens[i]);
        if (isMark(token))
            continue;
        Piece piece{{}, begins, static_cast<double>(relevance.tokenValues[i])};
        begins = true;
        if (token.startsWith(QStringLiteral("##"))) {
            token.remove(0, 2);
            piece.beginsWord = false;
        } else if (token.startsWith(QChar(0x2581)) || token.startsWith(QChar(0x120))) {
            token.remove(0, 1);
            piece.beginsWord = true;
        } else if (token.endsWith(wordEnd)) {
            token.chop(wordEnd.size());
        } else if (std::any_of(relevance.tokens.begin(), relevance.tokens.end(),
                               [](const std::string& each) { return each.ends_with("</w>"); })) {
            begins = false; // the word goes on
        }
        piece.text = token;
        if (!token.isEmpty())
            pieces.push_back(std::move(piece));
    }
    return pieces;
}

} // namespace

QString relevanceText(double value) {
    return QString::number(value, 'g', 3);
}

std::optional<size_t> patchAt(const Relevance& relevance, int x, int y, int enlarge) {
    const int side = relevance.patchSize * enlarge;
    if (x < 0 || y < 0 || side <= 0 || x / side >= relevance.gridWidth || y / side >= relevance.gridHeight)
        return std::nullopt;
    return static_cast<size_t>(y / side * relevance.gridWidth + x / side);
}

QString patchText(const Relevance& relevance, size_t patch) {
    const auto width = static_cast<size_t>(relevance.gridWidth);
    return QCoreApplication::translate("diptych::ui::WherePanel", "Row %1, column %2: %3")
        .arg(patch / width + 1)
        .arg(patch % width + 1)
        .arg(relevanceText(static_cast<double>(relevance.patches[patch])));
}

size_t highestPatch(const Relevance& relevance) {
    return static_cast<size_t>(std::max_element(relevance.patches.begin(), relevance.patches.end()) -
                               relevance.patches.begin());
}

QString tintedWords(const Relevance& relevance, const QColor& tint) {
    constexpr double kStrongest = 0.75; // the word has to be read on it
    const std::vector<Piece> pieces = piecesOf(relevance);
    double most = 0;
    for (const Piece& piece : pieces)
        most = std::max(most, piece.value);
    QString html;
    for (const Piece& piece : pieces) {
        if (piece.beginsWord && !html.isEmpty())
            html += u' ';
        const double share = most > 0 ? std::max(piece.value, 0.0) / most : 0;
        html += QStringLiteral("<span style=\"background-color: rgba(%1, %2, %3, %4);\">%5</span>")
                    .arg(tint.red())
                    .arg(tint.green())
                    .arg(tint.blue())
                    .arg(static_cast<int>(255 * kStrongest * share))
                    .arg(piece.text.toHtmlEscaped());
    }
    return html;
}

QString spokenWords(const Relevance& relevance) {
    QStringList words;
    for (const Piece& piece : piecesOf(relevance))
        words.append(piece.text + u' ' + relevanceText(piece.value));
    return words.join(QStringLiteral(", "));
}

} // namespace diptych::ui
