// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace diptych {

/// Where two programs do not do the same: what, how it is here, how it is there.
struct Deviation {
    std::string what, here, there;
    friend bool operator==(const Deviation&, const Deviation&) = default;
};

} // namespace diptych
