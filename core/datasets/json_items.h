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

/// Where an item of a JSON file stands.
struct JsonPlace {
    const std::string& file;  ///< for messages
    int64_t line;             ///< on which it begins
    const std::string& name;  ///< its section, or its key
    int64_t index = -1;       ///< in the section; -1 = it is a member
    std::string text() const; ///< "file:line: section[index]" or "file:line: key"
};
using TakeItem = std::function<void(const std::string& name, const Json& item, const JsonPlace& place)>;

/// Private to core/datasets: gives every object of the lists @p sections of a file {"section": [{...}, ...]}
/// to @p take, one at a time: neither the file nor its values ever stand in memory as a whole.
/// @param members of the objects that are wanted; others are passed over. Empty = all
/// @param take called with the section, the object (null for an item that is no object) and its place
/// @throws Error Corrupt that names file and line, LimitExceeded; Cancelled
void forEachItem(const std::filesystem::path& path, const std::vector<std::string>& sections,
                 const std::vector<std::string>& members, const TakeItem& take, const RunContext& context);

/// The same for the members of a file {"key": {...}, ...}, or the items of a list [{...}, ...] (their keys
/// are "0", "1", ...).
void forEachMember(const std::filesystem::path& path, const TakeItem& take, const RunContext& context);

/// "'label' should be text, it is [1,2]", shortened.
std::string wrongType(const std::string& member, const char* expected, const Json& value);
/// A member that is an id, a number or text, as text (core/datasets/values.h); empty if it is neither.
std::string idText(const Json& object, const char* member);
/// True if the file ends in .json and its first megabyte mentions @p word.
bool jsonMentions(const std::filesystem::path& path, std::string_view word);

} // namespace diptych
