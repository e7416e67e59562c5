// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/ids.h"

#include <limits>
#include <string>

// Details and parts come from a database that other versions write too: reading them never throws; what is
// absent or of another type comes back empty.
namespace diptych {

/// A member of an object; null if there is none.
inline const Json& memberOf(const Json& object, const char* key) {
    static const Json kNone;
    if (!object.is_object())
        return kNone;
    const auto found = object.find(key);
    return found != object.end() ? *found : kNone;
}

/// A list member of an object; an empty list if it is none.
inline const Json& listOf(const Json& object, const char* key) {
    static const Json kEmpty = Json::array();
    const Json& found = memberOf(object, key);
    return found.is_array() ? found : kEmpty;
}

/// Item @p index of a list; null if there is none.
inline const Json& itemOf(const Json& list, size_t index) {
    static const Json kNone;
    return list.is_array() && index < list.size() ? list[index] : kNone;
}

inline std::string textOf(const Json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// NaN where it is no number.
inline double numberOf(const Json& value) {
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

inline int64_t wholeOf(const Json& value) {
    return value.is_number_integer() ? value.get<int64_t>() : 0;
}

inline SampleId sampleOf(const Json& value) {
    return SampleId{wholeOf(value)};
}

} // namespace diptych
