// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/checkpoint_facts.h"

#include <torch/version.h>

namespace diptych {

std::string torchVersion() {
    return TORCH_VERSION;
}

} // namespace diptych
