// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"

// Private to core/models: one function per family, each in the file of its name; registry.cpp lists them.
namespace diptych {

ModelFamily alignFamily();
ModelFamily altClipFamily();
ModelFamily chineseClipFamily();
ModelFamily clipFamily();
ModelFamily clipVisionFamily();
ModelFamily flavaFamily();
ModelFamily openClipFamily();
ModelFamily openClipSiglipFamily();
ModelFamily siglipFamily();
ModelFamily siglip2Family();
ModelFamily vitFamily();
ModelFamily xClipFamily();

} // namespace diptych
