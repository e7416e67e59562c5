// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

const Json* member(const Json& object, const char* key, std::string_view where) {
    if (!object.is_object())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: an object with '{}' is expected here", where, key));
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

[[noreturn]] void wrongType(const Json& value, const char* key, const char* expected,
                            std::string_view where) {
    std::string shown = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (shown.size() > 60)
        shown = shown.substr(0, 57) + "...";
    throw Error(ErrorCode::Corrupt,
                fmt::format("{}: '{}' should be {}, it is {}", where, key, expected, shown));
}

[[noreturn]] void missing(const char* key, std::string_view where) {
    throw Error(ErrorCode::Corrupt, fmt::format("{}: '{}' is missing", where, key));
}

/// Parsing and destroying any depth is safe, but copying and printing a value recurse.
constexpr size_t kMaxDepth = 512;

void checkDepth(std::string_view text, std::string_view where) {
    size_t depth = 0, line = 1;
    bool inString = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        line += c == '\n' ? 1 : 0;
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth)
                throw Error(ErrorCode::LimitExceeded,
                            fmt::format("{}:{}: nested more than {} levels deep", where, line, kMaxDepth));
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
}

} // namespace

Json parseJson(std::string_view text, std::string_view where) {
    checkDepth(text, where);
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        const size_t at = std::min(error.byte, text.size());
        const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}:{}: not valid JSON ({})", where, line, toValidUtf8(error.what())));
    } catch (const Json::exception& error) { // a number no double can hold
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: not usable JSON ({})", where, toValidUtf8(error.what())));
    }
}

Json readJsonFile(const std::filesystem::path& path, uint64_t maxBytes) {
    return parseJson(readTextFile(path, maxBytes), displayPath(path));
}

int64_t jsonInt(const Json& object, const char* key, std::string_view where) {
    const Json* value = member(object, key, where);
    if (!value)
        missing(key, where);
    return jsonInt(object, key, 0, where);
}

int64_t jsonInt(const Json& object, const char* key, int64_t fallback, std::string_view where) {
    const Json* value = member(object, key, where);
    if (!value)
        return fallback;
    if (value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
        wrongType(*value, key, "a whole number below 2^63", where);
    if (value->is_number_integer())
        return value->get<int64_t>();
    wrongType(*value, key, "a whole number", where);
}

double jsonNumber(const Json& object, const char* key, double fallback, std::string_view where) {
    const Json* value = member(object, key, where);
    if (!value)
        return fallback;
    if (!value->is_number())
        wrongType(*value, key, "a number", where);
    return value->get<double>();
}

bool jsonBool(const Json& object, const char* key, bool fallback, std::string_view where) {
    const Json* value = member(object, key, where);
    if (!value)
        return fallback;
    if (!value->is_boolean())
        wrongType(*value, key, "true or false", where);
    return value->get<bool>();
}

std::string jsonString(const Json& object, const char* key, std::string_view where) {
    if (!member(object, key, where))
        missing(key, where);
    return jsonString(object, key, std::string(), where);
}

std::string jsonString(const Json& object, const char* key, const std::string& fallback,
                       std::string_view where) {
    const Json* value = member(object, key, where);
    if (!value)
        return fallback;
    if (!value->is_string())
        wrongType(*value, key, "a text", where);
    return value->get<std::string>();
}

} // namespace diptych
