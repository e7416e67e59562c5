// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/json.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Deepest nesting taken: real files have a handful of levels, and walking a value takes stack for each.
inline constexpr int kMaxJsonDepth = 64;

/// Private to core/datasets: gives every object of the lists @p sections of a file {"section": [{...}, ...]}
/// to @p take, one at a time, so that the whole file never stands in memory as values.
/// @param take called with the section, the object (null for an item that is no object) and "file:line:
/// section[i]"
/// @throws Error Corrupt that names file and line, LimitExceeded; Cancelled
void forEachItem(const std::filesystem::path& path, const std::vector<std::string>& sections,
                 const std::function<void(const std::string&, const Json&, const std::string&)>& take,
                 const RunContext& context);

/// The same for the members of a file {"key": {...}, ...}, or the items of a list [{...}, ...] (their keys
/// are "0", "1", ...). @param take called with the key, the object and "file:line: key"
void forEachMember(const std::filesystem::path& path,
                   const std::function<void(const std::string&, const Json&, const std::string&)>& take,
                   const RunContext& context);

/// Whether brackets outside of strings nest deeper than kMaxJsonDepth.
bool nestsTooDeep(std::string_view json);
/// "'label' should be text, it is [1,2]", shortened.
std::string wrongType(const std::string& member, const char* expected, const Json& value);
/// A member that is an id, a number or text, as text (core/datasets/values.h); empty if it is neither.
std::string idText(const Json& object, const char* member);
/// What nlohmann says, without its prefix.
std::string parserMessage(const Json::exception& error);
/// True if the file ends in .json and its first megabyte mentions @p word.
bool jsonMentions(const std::filesystem::path& path, std::string_view word);

} // namespace diptych
