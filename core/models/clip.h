// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/dual_encoder.h"

namespace diptych {

/// CLIP (Radford et al. 2021) in Hugging Face's CLIPModel layout: OpenAI's, LAION's and its like.
ModelFamily clipFamily();

} // namespace diptych
