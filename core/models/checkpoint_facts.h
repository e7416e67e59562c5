// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/models/checkpoint.h"

#include <string>

namespace diptych {

/// How the checkpoint prepares pictures, as imageSteps() (core/image/image_recipe.h) says it.
/// @throws Error as Checkpoint::imageProcessor()
Json imageFacts(const Checkpoint& checkpoint);
/// {"kind": "CLIPTokenizer", "hash": ...}: the name that the files give, which may be empty, and
/// Checkpoint::tokenizerFingerprint(). @throws Error
Json tokenizerFacts(const Checkpoint& checkpoint);

/// Of the LibTorch that the program was built with, e.g. "2.9.0".
std::string torchVersion();

} // namespace diptych
