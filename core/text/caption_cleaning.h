// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace diptych {

/// A caption as LAVIS and BLIP (BlipCaptionProcessor.pre_caption) hand it to the model: small letters (A to Z
/// only), . ! " ( ) * # : ; ~ as blanks, blanks in a row as one, the first 50 words.
std::string lavisCaption(std::string_view caption);

} // namespace diptych
