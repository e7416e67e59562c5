// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <functional>
#include <string>

namespace diptych::test {

/// The code of the Error that @p call throws, and its message; -1 if it throws none.
inline ErrorCode errorCodeOf(const std::function<void()>& call, std::string* message = nullptr) {
    try {
        call();
    } catch (const Error& error) {
        if (message)
            *message = error.what();
        return error.code();
    }
    return static_cast<ErrorCode>(-1);
}

} // namespace diptych::test
