// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

namespace diptych {

/// Zero-shot recognition of several classes an image, e.g. COCO's objects: every class ranks the images by
/// the cosine of image and prompts (or by the softmax over all classes), which average precision judges; mean
/// over the classes that occur (core/metrics/multilabel.h). What an image shows is its attribute "labels", a
/// list of class indexes; images without that attribute have predictions, but count nowhere.
Task zeroShotMultilabelTask();

} // namespace diptych
