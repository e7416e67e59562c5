// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/optimizer.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <cmath>

namespace diptych {

AdamW::AdamW(const TrainingRecipe& recipe, const ParameterMap& parameters)
    : m_beta1(recipe.beta1), m_beta2(recipe.beta2), m_epsilon(recipe.epsilon), m_clipNorm(recipe.clipNorm) {
    m_decayed.weightDecay = recipe.weightDecay;
    for (const auto& [name, parameter] : parameters) {
        Group& group = parameter.dim() >= 2 ? m_decayed : m_free;
        group.names.push_back(name);
        group.parameters.push_back(parameter);
        group.first.push_back(at::zeros_like(parameter.detach()));
        group.second.push_back(at::zeros_like(parameter.detach()));
        group.steps.push_back(at::zeros({}, at::kFloat));
    }
}

double AdamW::step(double learningRate) {
    const at::NoGradGuard noGradients;
    std::vector<at::Tensor> lengths;
    for (const Group* group : {&m_decayed, &m_free}) {
        for (const at::Tensor& parameter : group->parameters) {
            if (parameter.grad().defined())
                lengths.push_back(parameter.grad().norm());
        }
    }
    const double length = lengths.empty() ? 0 : at::stack(lengths).norm().item<double>();
    if (!std::isfinite(length))
        throw Error(
            ErrorCode::Internal,
            "Training diverged: the gradients are no longer finite numbers. A smaller learning rate or "
            "a longer warm-up helps");
    if (m_clipNorm > 0 && length > m_clipNorm) {
        for (const Group* group : {&m_decayed, &m_free}) {
            for (const at::Tensor& parameter : group->parameters) {
                if (parameter.grad().defined())
                    parameter.grad().mul_(m_clipNorm / length);
            }
        }
    }
    stepGroup(m_decayed, learningRate);
    stepGroup(m_free, learningRate);
    return length;
}

void AdamW::stepGroup(Group& group, double learningRate) {
    if (group.parameters.empty())
        return;
    std::vector<at::Tensor> gradients;
    for (at::Tensor& parameter : group.parameters) {
        gradients.push_back(parameter.grad().defined() ? parameter.grad() : at::zeros_like(parameter));
        parameter.mutable_grad().reset();
    }
    for (at::Tensor& steps : group.steps)
        steps += 1;
    at::_fused_adamw_(group.parameters, gradients, group.first, group.second, {}, group.steps, learningRate,
                      m_beta1, m_beta2, group.weightDecay, m_epsilon, false, false);
}

ParameterMap AdamW::state() const {
    ParameterMap out;
    for (const Group* group : {&m_decayed, &m_free}) {
        for (size_t i = 0; i < group->names.size(); ++i) {
            out["first/" + group->names[i]] = group->first[i];
            out["second/" + group->names[i]] = group->second[i];
        }
    }
    return out;
}

void AdamW::restore(const ParameterMap& state, int64_t steps) {
    const at::NoGradGuard noGradients;
    for (Group* group : {&m_decayed, &m_free}) {
        for (size_t i = 0; i < group->names.size(); ++i) {
            for (const auto& [key, target] : {std::pair{"first/" + group->names[i], group->first[i]},
                                              std::pair{"second/" + group->names[i], group->second[i]}}) {
                const auto found = state.find(key);
                if (found == state.end() || found->second.sizes() != target.sizes())
                    throw Error(ErrorCode::Corrupt,
                                fmt::format("The training state lacks '{}' in the shape needed", key));
                target.copy_(found->second);
            }
            group->steps[i].fill_(static_cast<double>(steps));
        }
    }
}

} // namespace diptych
