// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"

#include <QColor>
#include <QString>

#include <optional>

namespace diptych::ui {

/// A value of a patch or word, in three figures.
QString relevanceText(double value);
/// The patch at a pixel of the picture, from 0, row by row; none beyond the last whole patch.
/// @param enlarge HeatStyle::enlarge
std::optional<size_t> patchAt(const Relevance& relevance, int x, int y, int enlarge);
/// "Row 2, column 5: 0.0123"
QString patchText(const Relevance& relevance, size_t patch);
/// The most relevant patch, as patchText().
size_t highestPatch(const Relevance& relevance);
/// The words of the text on grounds of @p tint, strong where they are relevant, as rich text; the tokenizer's
/// own marks (<|startoftext|>, [CLS], ...) are left out. Empty without tokens.
QString tintedWords(const Relevance& relevance, const QColor& tint);
/// The same for those who do not see them: "red 0.12, cube 0.31".
QString spokenWords(const Relevance& relevance);

} // namespace diptych::ui
