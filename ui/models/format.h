// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>

namespace diptych::ui {

/// 1234567 as "1,234,567" (the language's own separator).
QString countText(int64_t count);
/// "1 image", "12 images"
QString countText(int64_t count, const QString& one, const QString& many);
/// "42 s", "3 min 20 s", "2 h 5 min"
QString durationText(double seconds);
/// "0.42", "7.5", "340": items a second, three figures
QString rateText(double perSecond);
/// "612 MB"
QString bytesText(uint64_t bytes);

} // namespace diptych::ui
