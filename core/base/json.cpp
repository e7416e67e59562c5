// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json.h"

#include "core/base/encodings.h"
#include "core/base/file.h"
#include "core/base/json_stream.h"

#include <fmt/format.h>

#include <utility>

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

/// Copying and printing a value recurse.
constexpr int kMaxDepth = 512;

} // namespace

Json parseJson(std::string_view text, std::string_view where, JsonDialect dialect) {
    JsonStream in(text, std::string(where), dialect, kMaxDepth);
    Json value = in.value();
    in.finish();
    return value;
}

Json readJsonFile(const std::filesystem::path& path, uint64_t maxBytes, JsonDialect dialect) {
    std::string text = readTextFile(path, maxBytes);
    const EncodingGuess guess = guessEncoding(text);
    if (guess.encoding == TextEncoding::Utf16Little || guess.encoding == TextEncoding::Utf16Big) {
        Utf16Decoder decoder(guess.encoding == TextEncoding::Utf16Big);
        std::string decoded;
        decoder.append(std::string_view(text).substr(guess.markBytes), decoded);
        decoder.finish(decoded);
        text = std::move(decoded);
    }
    return parseJson(text, displayPath(path), dialect);
}

Json parseJson(std::string_view text, std::string_view where) {
    return parseJson(text, where, JsonDialect::Strict);
}

Json readJsonFile(const std::filesystem::path& path, uint64_t maxBytes) {
    return readJsonFile(path, maxBytes, JsonDialect::Strict);
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
