// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace diptych {
namespace {

constexpr const char* kNone = "–";

} // namespace

std::string shareText(double value) {
    return std::isfinite(value) ? fmt::format("{:.1f} %", 100 * value) : kNone;
}

std::string cosineText(double value) {
    return std::isfinite(value) ? fmt::format("{:.4f}", value) : kNone;
}

std::string numberText(double value) {
    if (!std::isfinite(value))
        return kNone;
    return std::abs(value) < 1e4 ? fmt::format("{:.4g}", value) : fmt::format("{:.0f}", value);
}

} // namespace diptych
