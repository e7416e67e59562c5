// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QPainter;
class QRect;

namespace diptych::ui {

struct SampleFact;

/// Draws the sample's tags, and a mark if it has a note, along the lower edge of @p picture; those for which
/// there is no room are counted. The painter's font is used.
void paintTagBadges(QPainter& painter, const QRect& picture, const SampleFact& fact);

} // namespace diptych::ui
