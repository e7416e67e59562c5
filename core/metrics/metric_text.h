// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/metric.h"

#include <string>
#include <string_view>

namespace diptych {

/// "top1" -> "Top-1 accuracy"; a name that is not known with blanks for underscores.
std::string metricTitle(std::string_view name);
/// "93.1 %", "0.0421"; "undefined" where it is not finite. For English text.
std::string metricValueText(const Metric& metric);
/// "91.0 – 95.1 %"; empty where there is no interval.
std::string metricIntervalText(const Metric& metric);
/// What guessing gets, as the value is written; empty where that is not known.
std::string metricChanceText(const Metric& metric);

} // namespace diptych
