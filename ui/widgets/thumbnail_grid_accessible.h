// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QModelIndex;

namespace diptych::ui {

class ThumbnailGrid;

/// Lets assistive programs see a ThumbnailGrid as a list of pictures, each with name, description, place and
/// selection, that can be focused and opened. Any number of calls; the first does it.
void makeThumbnailGridsAccessible();
/// Tells them that another picture has the focus.
void announceCurrent(ThumbnailGrid& grid, const QModelIndex& current);

} // namespace diptych::ui
