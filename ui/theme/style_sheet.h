// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QString>

namespace diptych::ui::theme {

/// What the palette cannot say: corners, hairlines, hover. Used by apply().
QString styleSheet(const Colors& colors);

} // namespace diptych::ui::theme
