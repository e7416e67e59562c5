// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/state.h"

namespace diptych {

/// README.md of a trained model: licence, what it was trained on and how, how it does, what it can't do.
std::string modelCard(const TrainingRecord& record);

} // namespace diptych
