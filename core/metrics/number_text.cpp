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

std::string scoreText(double score, bool matching) {
    return matching ? numberText(score) : cosineText(score);
}

std::string pointsText(double difference) {
    if (!std::isfinite(difference))
        return kNone;
    const double points = std::round(1000 * difference) / 10;
    return points == 0 ? "0.0" : fmt::format("{:+.1f}", points);
}

std::string pValueText(double p) {
    if (!std::isfinite(p))
        return fmt::format("p = {}", kNone);
    return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

std::string countText(int64_t count) {
    std::string digits = std::to_string(count < 0 ? -count : count);
    for (size_t i = digits.size(); i > 3; i -= 3)
        digits.insert(i - 3, ",");
    return count < 0 ? "-" + digits : digits;
}

} // namespace diptych
