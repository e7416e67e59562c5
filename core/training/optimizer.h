// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/nn/weights.h"
#include "core/training/recipe.h"

namespace diptych {

/// AdamW (Loshchilov and Hutter 2019): decoupled weight decay on matrices; none on biases, norms, the class
/// token and the logit scale. Updates the network's parameters in place. Internal to training.
class AdamW {
public:
    AdamW(const TrainingRecipe& recipe, const ParameterMap& parameters);
    /// One step with the gradients that lie in the parameters, which are cleared. Gradients longer than
    /// clipNorm all together are shortened to it. @return their length before
    /// @throws Error Internal if the length is not a finite number; nothing is changed then
    double step(double learningRate);

    /// Moments by "first/NAME" and "second/NAME", for saving; the same tensors, not copies.
    ParameterMap state() const;
    void restore(const ParameterMap& state, int64_t steps);

private:
    struct Group {
        double weightDecay = 0;
        std::vector<std::string> names;
        std::vector<at::Tensor> parameters, first, second, steps;
    };
    void stepGroup(Group& group, double learningRate);

    double m_beta1, m_beta2, m_epsilon, m_clipNorm;
    Group m_decayed, m_free;
};

} // namespace diptych
