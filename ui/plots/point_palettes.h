// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRgb>

#include <vector>

namespace diptych::ui {

/// Colours of @p count categories on the theme's background: the program's eight first (Okabe and Ito), then
/// darker and paler forms of them, then hues a golden angle apart. The first eight are told apart with all
/// common colour deficiencies; more than that nobody tells apart by colour alone.
std::vector<QRgb> categoryColors(int count);

/// Ramps for values whose lightness rises evenly, so that they are read without colour vision: viridis
/// (Smith and van der Walt 2015), and cividis (Nuñez, Anderton and Renslow 2018), which looks alike to
/// everyone.
enum class Ramp { Viridis, Cividis };
inline constexpr int kRampColors = 256;
/// kRampColors colours; the end that would be lost on the theme's background is left out.
std::vector<QRgb> rampColors(Ramp ramp);

/// Of points about which nothing is known.
QRgb unknownColor();

} // namespace diptych::ui
