// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Nearest-neighbour probe: the nearest training images by cosine vote on a test image's class, each counting
/// 1 or exp(cosine / temperature) (Wu et al. 2018; Caron et al. 2021 take k = 20 and 0.07). The share of the
/// votes stands for a confidence. Classes are ordered by votes, equal ones and those without any by number;
/// a class without votes is never among the first k. Sets as in the linear probe.
Task knnProbeTask();

} // namespace diptych
