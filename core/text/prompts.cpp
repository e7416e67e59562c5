// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/prompts.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPlaceholder = "{}";
constexpr uint64_t kMaxPromptFileBytes = uint64_t{1} << 20;
/// These come first, as people choose from the top; the others follow by name.
constexpr std::string_view kFirst[] = {"none", "simple", "openai-imagenet-80", "openai-imagenet-7"};

size_t countPlaceholders(std::string_view text) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find(kPlaceholder, at)) != std::string_view::npos;
         at += kPlaceholder.size())
        ++count;
    return count;
}

std::vector<std::string> templatesOf(const Json& value, const std::string& where) {
    const Json* list = &value;
    if (value.is_object()) {
        const auto found = value.find("templates");
        if (found == value.end())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: 'templates' is missing", where));
        list = &*found;
    }
    if (!list->is_array())
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{}: a list of templates, or an object with 'templates', is expected", where));
    std::vector<std::string> out;
    for (const Json& text : *list) {
        if (!text.is_string())
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: template {} is not a text", where, out.size() + 1));
        out.push_back(text.get<std::string>());
    }
    return out;
}

PromptSet readJsonPromptSet(const fs::path& path) {
    const std::string where = displayPath(path);
    const Json value = readJsonFile(path, kMaxPromptFileBytes);
    PromptSet set;
    set.title = displayPath(path.filename());
    set.source = where;
    set.templates = templatesOf(value, where);
    if (value.is_object()) {
        set.title = jsonString(value, "title", set.title, where);
        set.source = jsonString(value, "source", set.source, where);
    }
    return set;
}

PromptSet readTextPromptSet(const fs::path& path) {
    const std::string text = readTextFile(path, kMaxPromptFileBytes);
    PromptSet set;
    set.title = displayPath(path.filename());
    set.source = displayPath(path);
    size_t number = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        ++number;
        constexpr std::string_view kBlanks = " \t\r";
        line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
        line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
        if (line.empty() || line.front() == '#')
            continue;
        if (!isValidUtf8(line))
            throw Error(ErrorCode::Corrupt, fmt::format("{}:{}: not UTF-8 text", set.source, number));
        set.templates.emplace_back(line);
    }
    return set;
}

PromptSet readPromptSet(const fs::path& path) {
    PromptSet set = path.extension() == ".json" ? readJsonPromptSet(path) : readTextPromptSet(path);
    set.id = displayPath(path);
    try {
        checkPromptTemplates(set.templates);
    } catch (const Error& error) {
        throw error.withContext(displayPath(path));
    }
    return set;
}

size_t placeOf(const std::string& id) {
    return static_cast<size_t>(std::find(std::begin(kFirst), std::end(kFirst), id) - std::begin(kFirst));
}

} // namespace

std::vector<std::string> PromptSet::expand(const std::string& className) const {
    std::vector<std::string> out;
    out.reserve(templates.size());
    for (const std::string& text : templates) {
        std::string filled = text;
        if (const size_t at = filled.find(kPlaceholder); at != std::string::npos)
            filled.replace(at, kPlaceholder.size(), className);
        out.push_back(std::move(filled));
    }
    return out;
}

std::vector<PromptSet> builtInPromptSets() {
    const fs::path folder = resourceDirectory() / "prompts";
    std::vector<PromptSet> sets;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (entry->path().extension() != ".json")
            continue;
        sets.push_back(readPromptSet(entry->path()));
        sets.back().id = displayPath(entry->path().stem());
    }
    if (failure)
        throw errnoError(failure.value(), "Cannot list the prompt sets in", displayPath(folder));
    std::sort(sets.begin(), sets.end(), [](const PromptSet& a, const PromptSet& b) {
        return std::pair(placeOf(a.id), std::string_view(a.id)) <
               std::pair(placeOf(b.id), std::string_view(b.id));
    });
    return sets;
}

PromptSet loadPromptSet(const std::string& idOrPath) {
    std::string ids;
    for (PromptSet& set : builtInPromptSets()) {
        if (set.id == idOrPath)
            return std::move(set);
        ids += (ids.empty() ? "" : ", ") + set.id;
    }
    std::error_code ignored;
    if (!fs::exists(idOrPath, ignored))
        throw Error(ErrorCode::NotFound,
                    fmt::format("'{}' is neither a file nor one of the built-in prompt sets: {}",
                                toValidUtf8(idOrPath), ids));
    return readPromptSet(idOrPath);
}

void checkPromptTemplates(const std::vector<std::string>& templates) {
    if (templates.empty())
        throw Error(ErrorCode::InvalidArgument, "There are no prompt templates");
    for (const std::string& text : templates)
        if (const size_t count = countPlaceholders(text); count != 1)
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format(
                    "The template '{}' holds {{}} {} times; it should hold it exactly once, where the "
                    "class name goes",
                    toValidUtf8(text.substr(0, 200)), count));
}

} // namespace diptych
