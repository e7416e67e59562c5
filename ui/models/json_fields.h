// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/ids.h"

#include <QString>

#include <limits>

namespace diptych::ui {

// What is stored with a run may have been written by another version: reading it never throws. What is absent
// or of another type comes back as the fallback.

inline const Json& fieldOf(const Json& object, const char* key) {
    static const Json none;
    if (!object.is_object())
        return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

/// The member if it is a list, else an empty list.
inline const Json& listOf(const Json& object, const char* key) {
    static const Json none = Json::array();
    const Json& found = fieldOf(object, key);
    return found.is_array() ? found : none;
}

/// Item @p index of a list, null if there is none.
inline const Json& itemOf(const Json& list, size_t index) {
    static const Json none;
    return list.is_array() && index < list.size() ? list[index] : none;
}

inline QString toText(const Json& value) {
    return value.is_string() ? QString::fromStdString(value.get_ref<const std::string&>()) : QString();
}

/// NaN where it is no number.
inline double toNumber(const Json& value) {
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

inline long long toWhole(const Json& value, long long fallback = 0) {
    return value.is_number_integer() ? value.get<long long>() : fallback;
}

inline bool toFlag(const Json& value, bool fallback = false) {
    return value.is_boolean() ? value.get<bool>() : fallback;
}

inline SampleId toSample(const Json& value) {
    return SampleId{toWhole(value)};
}

} // namespace diptych::ui
