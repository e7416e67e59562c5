// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Pairs as Winoground has them (Thrush et al. 2022): two images and two captions of the same words. Text
/// score: for each image its own caption scores higher than the other; image score: for each caption its own
/// image does; group score: both. Inequalities are strict, so ties are wrong. Scores are cosines.
///
/// One image with a right and wrong captions (SugarCrepe, Hsieh et al. 2023; ARO, Yuksekgonul et al. 2023):
/// text score only, right where the right caption scores higher than every wrong one.
///
/// Samples say by their attributes what belongs together: "pair" (an id) with "side" 0 or 1, or with
/// "wrong_captions"; "tag", "collapsed_tag", "secondary_tag" and "num_main_preds" group the scores.
Task winogroundTask();

} // namespace diptych
