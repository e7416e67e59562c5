// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/added_tokens.h"
#include "core/text/bpe_model.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/unigram_model.h"

namespace diptych {

/// The vocabulary of a unigram model file as transformers arranges it for XLMRobertaTokenizer (fairseq's
/// order of the special tokens) or T5Tokenizer (@p sentinels behind it).
std::vector<UnigramPiece> convertedPieces(const SentencePieceFile& file, const std::string& tokenizerClass,
                                          int64_t sentinels);

/// Ids of a BPE model file's pieces, and merges for all ways in which a piece is two others, by id.
TokenIds convertedVocabulary(const SentencePieceFile& file);
std::vector<BpeMerge> convertedMerges(const SentencePieceFile& file, const std::string& where);

/// Control pieces, which are special, and user-defined ones, both looked for in texts as given.
std::vector<AddedToken> convertedAddedTokens(const SentencePieceFile& file);

/// "<extra_id_0>", ... of T5. @param descending as its vocabulary has them
std::vector<std::string> sentinelTokens(int64_t count, bool descending);

} // namespace diptych
