// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_reading.h"

#include "core/base/file.h"
#include "core/text/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

BpeMerge parseMerge(std::string_view line, std::string where) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string_view::npos)
        corrupt(where,
                fmt::format("two tokens with one space between are expected, not {}", shownToken(line)));
    return {std::string(line.substr(0, space)), std::string(line.substr(space + 1)), std::move(where)};
}

} // namespace

void corrupt(std::string_view where, const std::string& what) {
    throw Error(ErrorCode::Corrupt, fmt::format("{}: {}", where, what));
}

void unsupported(std::string_view where, const std::string& what) {
    throw Error(ErrorCode::Unsupported, fmt::format("{}: {}, which is not supported", where, what));
}

const Json* objectMember(const Json& object, const char* key, const std::string& where, bool optional) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) {
        if (optional)
            return nullptr;
        corrupt(where, fmt::format("'{}' is missing", key));
    }
    if (!found->is_object())
        corrupt(where, fmt::format("'{}' should be an object", key));
    return &*found;
}

const Json& arrayMember(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array())
        corrupt(where, fmt::format("'{}' should be a list", key));
    return *found;
}

TokenIds readVocabulary(const Json& vocabulary, const std::string& where) {
    if (!vocabulary.is_object())
        corrupt(where, "an object of tokens and ids is expected");
    TokenIds out;
    out.reserve(vocabulary.size());
    for (const auto& [token, id] : vocabulary.items()) {
        if (!id.is_number_integer() || (id.is_number_unsigned() && id.get<uint64_t>() > INT64_MAX))
            corrupt(where, fmt::format("the id of {} should be a whole number", shownToken(token)));
        out.emplace_back(token, id.get<int64_t>());
    }
    return out;
}

std::vector<BpeMerge> readMergesFile(const std::filesystem::path& path) {
    const std::string text = readTextFile(path, kMaxTokenizerFileBytes);
    const std::string name = displayPath(path);
    std::vector<BpeMerge> out;
    size_t number = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const bool header = number == 1 && line.find("#version") != std::string_view::npos;
        if (!line.empty() && !header)
            out.push_back(parseMerge(line, fmt::format("{}:{}", name, number)));
    }
    return out;
}

std::vector<BpeMerge> readMergesList(const Json& merges, const std::string& where) {
    std::vector<BpeMerge> out;
    out.reserve(merges.size());
    for (size_t i = 0; i < merges.size(); ++i) {
        const Json& merge = merges[i];
        std::string place = fmt::format("{}.merges[{}]", where, i);
        if (merge.is_string())
            out.push_back(parseMerge(merge.get_ref<const std::string&>(), std::move(place)));
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            out.push_back({merge[0].get<std::string>(), merge[1].get<std::string>(), std::move(place)});
        else
            corrupt(place, "\"a b\" or [\"a\", \"b\"] is expected");
    }
    return out;
}

std::vector<const Json*> stepsOf(const Json& step, const char* listKey, const std::string& where) {
    if (jsonString(step, "type", "", where) != "Sequence")
        return {&step};
    std::vector<const Json*> out;
    for (const Json& inner : arrayMember(step, listKey, where)) {
        if (!inner.is_object())
            corrupt(where, fmt::format("'{}' should hold objects", listKey));
        out.push_back(&inner);
    }
    return out;
}

std::string regexOf(const Json& step, const std::string& where) {
    const Json* pattern = objectMember(step, "pattern", where);
    return pattern ? jsonString(*pattern, "Regex", "", where) : "";
}

} // namespace diptych
