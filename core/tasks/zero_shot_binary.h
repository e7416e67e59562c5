// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Zero-shot decision between two sides, each described by prompts: the score of an image is the share of the
/// positive side in the softmax over both, sigmoid(logit scale (cos positive - cos negative)). ROC and
/// precision-recall curves and their areas, accuracy at 0.5 and at a threshold that is given, or chosen for
/// the best accuracy on the training split, whose images then take no part in the numbers; without such a
/// split on the images measured, which flatters and is said.
Task zeroShotBinaryTask();

} // namespace diptych
