// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// CLIPScore of candidate captions and, where there are reference captions, RefCLIPScore (Hessel et al. 2021;
/// core/metrics/caption_score.h): means over the candidates. The candidate is a sample's attribute
/// "candidate", its references are the sample's captions. As in the authors' program, a prefix stands before
/// candidates and references.
Task clipScoreTask();

} // namespace diptych
