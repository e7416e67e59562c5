// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Linear probe (Radford et al. 2021, section 3.2 and appendix A.3): multinomial logistic regression on
/// frozen image features, before or after the projection, with L-BFGS and at most 1000 iterations; C given
/// (0.316 on raw features, as the sample script of the CLIP repository has it) or searched on validation
/// images over 1e-6 to 1e6 and then refitted on training and validation images together. Metrics have
/// CLIP_benchmark's names. Few-shot: some training images of every class, drawn several times; metrics are
/// then means over the draws of the most images asked for, everything by example is that count's first draw,
/// and a learning curve stands beside the zero-shot accuracy on the same test images. Test images of a class
/// that was not trained count as wrong.
Task linearProbeTask();

} // namespace diptych
