// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/json_items.h"

#include "core/base/file.h"
#include "core/base/json_stream.h"
#include "core/datasets/names.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

namespace diptych {
namespace {

constexpr size_t kGlanceBytes = size_t{1} << 20;

/// The item that comes next; null for one that is no object.
Json takeObject(JsonStream& in, const std::vector<std::string>& members) {
    if (in.kind() != JsonStream::Kind::Object) {
        in.skip();
        return {};
    }
    if (members.empty())
        return in.value();
    Json object = Json::object();
    std::string key;
    in.enterObject();
    while (in.nextMember(key)) {
        if (std::find(members.begin(), members.end(), key) != members.end())
            object[key] = in.value();
        else
            in.skip();
    }
    return object;
}

/// Passes over the whole file, which may say more of what is wrong with it.
[[noreturn]] void failAtRoot(JsonStream& in, const std::string& shown, const char* expected) {
    const Json root = in.value();
    in.finish();
    throw Error(ErrorCode::Corrupt,
                fmt::format("{}: the file should be {}, it is {}", shown, expected, root.type_name()));
}

} // namespace

std::string JsonPlace::text() const {
    return index < 0 ? fmt::format("{}:{}: {}", file, line, name)
                     : fmt::format("{}:{}: {}[{}]", file, line, name, index);
}

void forEachItem(const std::filesystem::path& path, const std::vector<std::string>& sections,
                 const std::vector<std::string>& members, const TakeItem& take, const RunContext& context) {
    TextSource source(path, context);
    JsonStream in(source, JsonDialect::Python, kMaxJsonDepth);
    context.begin("Reading " + displayPath(path.filename()), 0);
    if (in.kind() != JsonStream::Kind::Object)
        failAtRoot(in, source.shown(), "one JSON object");
    std::string section;
    std::map<std::string, int64_t> counts;
    in.enterObject();
    while (in.nextMember(section)) {
        if (std::find(sections.begin(), sections.end(), section) == sections.end() ||
            in.kind() != JsonStream::Kind::Array) {
            in.skip();
            continue;
        }
        int64_t& count = counts[section];
        in.enterArray();
        while (in.nextItem()) {
            context.throwIfCancelled();
            context.advance();
            in.kind(); // goes to the line on which the item begins
            const JsonPlace place{source.shown(), in.line(), section, count++};
            take(section, takeObject(in, members), place);
        }
    }
    in.finish();
    context.end();
}

void forEachMember(const std::filesystem::path& path, const TakeItem& take, const RunContext& context) {
    TextSource source(path, context);
    JsonStream in(source, JsonDialect::Python, kMaxJsonDepth);
    context.begin("Reading " + displayPath(path.filename()), 0);
    const auto root = in.kind();
    if (root == JsonStream::Kind::Other)
        failAtRoot(in, source.shown(), "a JSON object or list");
    const bool isObject = root == JsonStream::Kind::Object;
    std::string key;
    int64_t count = 0;
    isObject ? in.enterObject() : in.enterArray();
    while (isObject ? in.nextMember(key) : in.nextItem()) {
        context.throwIfCancelled();
        context.advance();
        if (!isObject)
            key = std::to_string(count++);
        in.kind();
        const JsonPlace place{source.shown(), in.line(), key};
        take(key, takeObject(in, {}), place);
    }
    in.finish();
    context.end();
}

std::string wrongType(const std::string& member, const char* expected, const Json& value) {
    std::string shown = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (shown.size() > 60)
        shown = toValidUtf8(std::string_view(shown).substr(0, 57)) + "...";
    return fmt::format("'{}' should be {}, it is {}", member, expected, shown);
}

std::string idText(const Json& object, const char* member) {
    const auto found = object.find(member);
    return found == object.end() ? std::string() : jsonId(*found);
}

bool jsonMentions(const std::filesystem::path& path, std::string_view word) {
    std::error_code failed;
    if (lowerExtension(path) != ".json" || !std::filesystem::is_regular_file(path, failed))
        return false;
    try {
        TextSource source(path);
        std::string head;
        while (head.size() < kGlanceBytes && source.read(head)) {
        }
        return std::string_view(head).substr(0, kGlanceBytes).find(word) != std::string_view::npos;
    } catch (const Error&) { // whoever reads it says why it cannot be read
        return false;
    }
}

} // namespace diptych
