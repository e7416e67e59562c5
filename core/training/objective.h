// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/families/clip.h"

#include <memory>
#include <string>
#include <vector>

namespace diptych {

/// A batch as the network takes it. Internal to training.
struct TrainingTensors {
    at::Tensor pixels; ///< [n, 3, imageSize, imageSize] float32
    at::Tensor ids;    ///< [n, contextLength] int64
    at::Tensor trueOf; ///< [n, n] bool: text j is true of image i; the diagonal is true
};

/// What is minimised. Stateless; adding one is a file and a line in objective.cpp.
class Objective {
public:
    virtual ~Objective() = default;
    /// -> scalar that records gradients
    virtual at::Tensor loss(const ClipNetwork& network, const TrainingTensors& batch) const = 0;
};

struct ObjectiveEntry {
    std::string id, title;
    std::unique_ptr<Objective> (*make)();
};
const std::vector<ObjectiveEntry>& trainingObjectives();
/// @throws Error NotFound that lists the ids
std::unique_ptr<Objective> makeObjective(const std::string& id);

/// Symmetric InfoNCE (van den Oord et al. 2018, as in figure 3 of Radford et al. 2021): the mean of the cross
/// entropies of exp(logitScale) * cos(image_i, text_j) over rows and over columns with the diagonal as
/// target. A pair off the diagonal that is true as well is left out of the sums: "a cube" is no
/// counter-example for the other cubes of the batch.
/// @param images, texts [n, d], not normalised  @param logitScale scalar  @param trueOf [n, n] bool, or
/// undefined if only the diagonal is true
at::Tensor contrastiveLoss(const at::Tensor& images, const at::Tensor& texts, const at::Tensor& logitScale,
                           const at::Tensor& trueOf);
std::unique_ptr<Objective> makeContrastive();

} // namespace diptych
