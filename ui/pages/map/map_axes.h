// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/embedding_map.h"
#include "core/session/session.h"

#include <QString>

#include <string>

namespace diptych::ui {

/// A direction given by words: how near images are to a text, or by how much nearer than to another one.
struct TextAxis {
    std::string text;
    std::string minus; ///< empty = nothing is subtracted
    friend bool operator==(const TextAxis&, const TextAxis&) = default;
    QString title() const; ///< "“a cat” − “a dog”"
};

/// Two of them span a map.
struct TextAxes {
    TextAxis x, y;
    friend bool operator==(const TextAxes&, const TextAxes&) = default;
    bool complete() const { return !x.text.empty() && !y.text.empty(); }
};

/// Every image at its cosines with the texts, or their differences. What the map has beside points and
/// positions is empty, and of @p spec only dataset, model, split and whether to encode count. Waits for the
/// model, encodes and throws as Session::search() does.
EmbeddingMap textAxesMap(Session& session, const MapSpec& spec, const TextAxes& axes,
                         const RunContext& context);

} // namespace diptych::ui
