// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"
#include "tests/support/error_code.h"

#include <cmath>
#include <string>

namespace diptych::test {

/// NaN where the output has no such metric.
inline double metricValue(const TaskOutput& output, std::string_view name) {
    const Metric* metric = findMetric(output.metrics, name);
    return metric ? metric->value : std::nan("");
}

/// Mean of the examples' scores; NaN where none has one.
inline double meanScore(const TaskOutput& output) {
    double sum = 0, count = 0;
    for (const ExampleResult& example : output.examples)
        if (example.score) {
            sum += *example.score;
            ++count;
        }
    return sum / count;
}

} // namespace diptych::test
