// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_processor.h"
#include "core/models/families/clip.h"
#include "core/text/tokenizer.h"
#include "core/training/recipe.h"

#include <map>
#include <string>
#include <vector>

namespace diptych {

/// Zero-shot accuracy of a network in training on scenes of Split::Validation, one number per Blocks class
/// set, with the set's first template as the only prompt. Internal to training.
class Validator {
public:
    Validator(const TrainingRecipe& recipe, const Tokenizer& tokenizer, const ImageProcessor& processor,
              unsigned threads);
    std::map<std::string, double> accuracies(const ClipNetwork& network) const;

private:
    struct Problem {
        std::string id;
        at::Tensor pixels, prompts, labels; ///< [n, 3, h, w], [classes, length], [n]
    };
    std::vector<Problem> m_problems;
};

} // namespace diptych
