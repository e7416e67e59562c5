// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/text/bpe_model.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// What the readers of tokenizer files share. @p where names the file, and the key in it, in messages; all
// throw Error Corrupt unless said otherwise.
namespace diptych {

[[noreturn]] void corrupt(std::string_view where, const std::string& what);
/// Error Unsupported "<where>: <what>, which is not supported".
[[noreturn]] void unsupported(std::string_view where, const std::string& what);

/// A member that must be an object or, where @p optional, may be absent or null.
const Json* objectMember(const Json& object, const char* key, const std::string& where, bool optional = true);
const Json& arrayMember(const Json& object, const char* key, const std::string& where);
/// A step, or the steps of a Sequence; nested sequences are not flattened.
std::vector<const Json*> stepsOf(const Json& step, const char* listKey, const std::string& where);
/// The regular expression of a step's pattern; empty if it has none.
std::string regexOf(const Json& step, const std::string& where);

/// {"token": id}.
TokenIds readVocabulary(const Json& vocabulary, const std::string& where);
std::vector<BpeMerge> readMergesFile(const std::filesystem::path& path);
/// ["a b", ...] or [["a", "b"], ...].
std::vector<BpeMerge> readMergesList(const Json& merges, const std::string& where);

} // namespace diptych
