// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Zero-shot classification (Radford et al. 2021, section 3.1 and their Prompt_Engineering_for_ImageNet
/// notebook): per class, the normalised embeddings of all filled-in templates are averaged and normalised
/// again; an image gets the class with the highest cosine. Probabilities are softmax(logit scale x cosine).
Task zeroShotTask();

} // namespace diptych
