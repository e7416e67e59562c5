// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace diptych {

// How numbers are written for people, in reports, in the terminal and in the window alike. English text; what
// is not finite is "–".

/// A share of 1 or a probability: 0.934 as "93.4 %".
std::string shareText(double value);
/// A cosine similarity: "0.2431", "-0.0310".
std::string cosineText(double value);
/// Any other number, in four significant digits: "0.0421", "1.025", "12"; all digits before the point.
std::string numberText(double value);
/// How well an image and a text fit: a cosine as above, or a matcher's logit as any other number.
std::string scoreText(double score, bool matching);
/// A difference of two shares in percentage points, with its sign: 0.125 as "+12.5", -0.03 as "-3.0", "0.0".
std::string pointsText(double difference);
/// "p = 0.012"; "p < 0.001" for what is smaller.
std::string pValueText(double p);

/// 1234567 -> "1,234,567"
std::string countText(int64_t count);

} // namespace diptych
