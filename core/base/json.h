// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace diptych {

using Json = nlohmann::json;
/// Keeps the order in which keys were added; for output people read.
using OrderedJson = nlohmann::ordered_json;

/// Parses a file; the error names the file, the line and what the parser found. @throws Error
Json readJsonFile(const std::filesystem::path& path, uint64_t maxBytes = uint64_t{1} << 30);
/// @param where names the source in messages, e.g. a file with a line. @throws Error Corrupt; LimitExceeded
/// for nesting so deep that walking the value could overflow the stack
Json parseJson(std::string_view text, std::string_view where);

/// A member with its type checked: messages read "config.json: 'hidden_size' should be a whole number, it is
/// \"x\"". The overload with a fallback returns it where the member is absent or null.
int64_t jsonInt(const Json& object, const char* key, std::string_view where);
int64_t jsonInt(const Json& object, const char* key, int64_t fallback, std::string_view where);
double jsonNumber(const Json& object, const char* key, double fallback, std::string_view where);
bool jsonBool(const Json& object, const char* key, bool fallback, std::string_view where);
std::string jsonString(const Json& object, const char* key, std::string_view where);
std::string jsonString(const Json& object, const char* key, const std::string& fallback,
                       std::string_view where);

} // namespace diptych
