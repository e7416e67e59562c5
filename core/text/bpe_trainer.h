// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Learns a CLIP-style byte-level BPE (end-of-word "</w>", same normalisation and word splitting as the CLIP
/// tokenizer; Sennrich et al. 2016) and writes vocab.json, merges.txt, tokenizer_config.json and
/// special_tokens_map.json that loadTokenizer and transformers' CLIPTokenizer both read.
/// Deterministic: ties go to the pair that is smaller by its token strings.
/// @param vocabularySize 512 byte tokens + merges + 2 specials; fewer if the text has no pair left that
/// occurs twice
void trainBpe(std::span<const std::string> texts, size_t vocabularySize,
              const std::filesystem::path& directory, const RunContext& context);

} // namespace diptych
