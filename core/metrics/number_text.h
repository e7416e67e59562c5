// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

} // namespace diptych
