// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Image-text retrieval by cosine similarity on captioned images: texts find their image and images one of
/// their captions (recall@k as CLIP_benchmark counts it: at least one match among the first k), median ranks,
/// mAP@R of the captions found by images. Ties count against the model. All captions of an image are one
/// cluster of the bootstrap. An image without captions is a candidate for texts, but no query. Captions of
/// images that cannot be read are left out.
Task retrievalTask();

} // namespace diptych
