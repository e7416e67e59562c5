// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/protocol_card.h"

namespace diptych::clip_benchmark {

/// Fills ProtocolCard::differs and check from details["protocol"], by what CLIP_benchmark does with models of
/// open_clip, which it takes unless told otherwise. @param run whole
void compare(const RunRecord& run, ProtocolCard& card);

} // namespace diptych::clip_benchmark
