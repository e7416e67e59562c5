// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/json_items.h"

#include "core/base/file.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace diptych {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;
constexpr size_t kGlanceBytes = size_t{1} << 20;

/// Walks over characters and counts the lines it leaves behind.
class LineCounter {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    LineCounter(const char* at, int64_t* line) : m_at(at), m_line(line) {}
    reference operator*() const { return *m_at; }
    LineCounter& operator++() {
        *m_line += *m_at == '\n';
        ++m_at;
        return *this;
    }
    LineCounter operator++(int) {
        LineCounter before = *this;
        ++*this;
        return before;
    }
    bool operator==(const LineCounter& other) const { return m_at == other.m_at; }

private:
    const char* m_at;
    int64_t* m_line;
};

using Event = Json::parse_event_t;
/// Decides at depth, event and value whether the value is kept; the last is the line reached.
using OnEvent = std::function<bool(int depth, Event event, Json& value, int64_t line)>;

/// What is left of the file once @p onEvent has taken what it wants. @throws Error as forEachItem
Json walk(const std::filesystem::path& path, const OnEvent& onEvent) {
    const std::string text = readTextFile(path, kMaxFileBytes);
    const std::string shown = displayPath(path);
    int64_t line = 1;
    const auto guarded = [&](int depth, Event event, Json& value) {
        if (depth > kMaxJsonDepth)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("{}:{}: nested deeper than {} levels", shown, line, kMaxJsonDepth));
        return onEvent(depth, event, value, line);
    };
    try {
        return Json::parse(LineCounter(text.data(), &line), LineCounter(text.data() + text.size(), &line),
                           guarded);
    } catch (const Json::exception& error) {
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}:{}: not valid JSON ({})", shown, line, parserMessage(error)));
    }
}

bool isValueEnd(Event event) {
    return event == Event::object_end || event == Event::array_end || event == Event::value;
}

} // namespace

void forEachItem(const std::filesystem::path& path, const std::vector<std::string>& sections,
                 const std::function<void(const std::string&, const Json&, const std::string&)>& take,
                 const RunContext& context) {
    const std::string shown = displayPath(path);
    std::string section;
    std::map<std::string, int64_t> counts;
    context.begin("Reading " + displayPath(path.filename()), 0);
    const Json rest = walk(path, [&](int depth, Event event, Json& value, int64_t line) {
        if (depth == 1 && event == Event::key)
            section = value.get<std::string>();
        const bool wanted = std::find(sections.begin(), sections.end(), section) != sections.end();
        if (depth == 1 && event == Event::key)
            return wanted;
        if (depth != 2 || !wanted || !isValueEnd(event))
            return true;
        context.throwIfCancelled();
        context.advance();
        take(section, event == Event::object_end ? value : Json(),
             fmt::format("{}:{}: {}[{}]", shown, line, section, counts[section]++));
        return false;
    });
    if (!rest.is_object())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: the file should be one JSON object, it is {}", shown, rest.type_name()));
    context.end();
}

void forEachMember(const std::filesystem::path& path,
                   const std::function<void(const std::string&, const Json&, const std::string&)>& take,
                   const RunContext& context) {
    const std::string shown = displayPath(path);
    std::string key;
    int64_t count = 0;
    bool inObject = false;
    context.begin("Reading " + displayPath(path.filename()), 0);
    const Json rest = walk(path, [&](int depth, Event event, Json& value, int64_t line) {
        if (depth == 0 && event == Event::object_start)
            inObject = true;
        if (depth == 1 && event == Event::key)
            key = value.get<std::string>();
        if (depth != 1 || !isValueEnd(event))
            return true;
        context.throwIfCancelled();
        context.advance();
        if (!inObject)
            key = std::to_string(count++);
        take(key, event == Event::object_end ? value : Json(), fmt::format("{}:{}: {}", shown, line, key));
        return false;
    });
    if (!rest.is_structured())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: the file should be a JSON object or list, it is {}",
                                                    shown, rest.type_name()));
    context.end();
}

bool nestsTooDeep(std::string_view json) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > kMaxJsonDepth)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
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

std::string parserMessage(const Json::exception& error) {
    const std::string text = toValidUtf8(error.what());
    const auto prefix = text.find("] ");
    return prefix == std::string::npos ? text : text.substr(prefix + 2);
}

bool jsonMentions(const std::filesystem::path& path, std::string_view word) {
    std::error_code failed;
    if (path.extension() != ".json" || !std::filesystem::is_regular_file(path, failed))
        return false;
    std::ifstream file(path, std::ios::binary);
    std::string head(kGlanceBytes, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return std::string_view(head.data(), static_cast<size_t>(file.gcount())).find(word) !=
           std::string_view::npos;
}

} // namespace diptych
