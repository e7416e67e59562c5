// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/json_read.h"

#include <QString>

namespace diptych::ui {

// Beside core/results/json_read.h, for the window: reading never throws; what is absent or of another type
// comes back as the fallback.

inline QString toText(const Json& value) {
    return value.is_string() ? QString::fromStdString(value.get_ref<const std::string&>()) : QString();
}

inline long long toWhole(const Json& value, long long fallback = 0) {
    return value.is_number_integer() ? value.get<long long>() : fallback;
}

inline bool toFlag(const Json& value, bool fallback = false) {
    return value.is_boolean() ? value.get<bool>() : fallback;
}

} // namespace diptych::ui
