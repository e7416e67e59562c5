// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/example_result.h"

namespace diptych {

std::string_view exampleStatusName(ExampleStatus status) {
    switch (status) {
    case ExampleStatus::Ok:
        return "ok";
    case ExampleStatus::Unreadable:
        return "unreadable";
    case ExampleStatus::Skipped:
        return "skipped";
    }
    return "ok";
}

ExampleResult exampleOf(SampleId sample) {
    ExampleResult example;
    example.sample = sample;
    return example;
}

void setVerdict(ExampleResult& example, bool correct) {
    example.correct = correct;
    example.score = correct ? 1 : 0;
}

} // namespace diptych
