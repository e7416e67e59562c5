// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"

#include <QString>

namespace diptych::ui {

/// What a run found for one example, in words, where that is no list of predicted classes: the scores and
/// comparisons of its pair, its places in retrieval, its candidate caption. A line each; empty where nothing
/// of the kind is kept.
QString outcomeText(const ExampleResult& example);

} // namespace diptych::ui
