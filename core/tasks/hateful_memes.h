// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Two classes of image and text together, as the Hateful Memes Challenge evaluates them (Kiela et al.,
/// NeurIPS 2020): area under the ROC curve and accuracy on one split, with the threshold of the highest
/// accuracy on the split "train" (a choice of this program; the challenge leaves it open). Chosen: the
/// method by which the second class is told (core/tasks/meme_scores.h); the others stand beside it in a
/// table. Where the split has no labels there are predictions only.
Task hatefulMemesTask();

} // namespace diptych
