// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace diptych {

/// Non-linearity of an MLP block, by the names config.json uses.
enum class Activation {
    QuickGelu, ///< "quick_gelu": x · sigmoid(1.702 x)
    Gelu,      ///< "gelu": exact, with erf
    GeluTanh   ///< "gelu_pytorch_tanh", "gelu_new": tanh approximation
};
std::string_view activationName(Activation activation); ///< the first of its names

} // namespace diptych
