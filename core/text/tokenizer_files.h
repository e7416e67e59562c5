// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace diptych {

/// Larger files are refused; the largest vocabularies in use take about 40 MB.
inline constexpr uint64_t kMaxTokenizerFileBytes = uint64_t{256} << 20;

/// A JSON file of a checkpoint, and how to name it in messages.
struct TokenizerFile {
    std::string where;
    Json value;
};

/// The files of a checkpoint that say how to tokenize; each may be absent.
struct TokenizerFiles {
    std::filesystem::path directory;
    std::optional<TokenizerFile> tokenizer;     ///< tokenizer.json
    std::optional<TokenizerFile> config;        ///< tokenizer_config.json
    std::optional<TokenizerFile> specialTokens; ///< special_tokens_map.json
    std::optional<TokenizerFile> addedTokens;   ///< added_tokens.json
    std::optional<TokenizerFile> model;         ///< config.json
    std::optional<TokenizerFile> openClip;      ///< open_clip_config.json, where it is the folder's only one
};

/// Byte-level BPE with CLIP's normaliser and words. @throws Error Unsupported where tokenizer.json asks for
/// other steps, and names them; Corrupt names the file with the line or key
std::shared_ptr<const Tokenizer> loadClipTokenizer(const TokenizerFiles& files);

/// Any other tokenizer of the kinds that the tokenizers library has, from tokenizer.json or the vocabulary
/// files of its class. @param tokenizerClass as tokenizerClass() gives it
/// @throws Error Unsupported for a step, an option or a pattern that is not known, and names it; Corrupt
/// names the file with the line or key
std::shared_ptr<const Tokenizer> loadPipelineTokenizer(const TokenizerFiles& files,
                                                       const std::string& tokenizerClass);

/// SigLIP's, from spiece.model and the special tokens of the other files. @throws Error as the others
std::shared_ptr<const Tokenizer> loadSiglipTokenizer(const TokenizerFiles& files);

/// Whether OpenCLIP takes one of transformers' tokenizers for a model, not its own for CLIP.
/// @throws Error that names the key
bool namesHuggingFaceTokenizer(const TokenizerFile& openClip);
/// What open_clip_config.json says of tokenizing, to hash.
std::string openClipTokenizing(const TokenizerFile& openClip);
/// A folder's tokenizer with what OpenCLIP does around it. @throws Error Unsupported for an option of
/// open_clip_config.json that is not known; Corrupt
std::shared_ptr<const Tokenizer> asOpenClipUses(std::shared_ptr<const Tokenizer> tokenizer,
                                                const TokenizerFiles& files);

/// What a tokenizer.json calls its model; what its keys say for files from before that was
/// written.
std::string tokenizerModelType(const Json& model, const std::string& where);

} // namespace diptych
