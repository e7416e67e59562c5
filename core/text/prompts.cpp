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
constexpr uint64_t kMaxTextBytes = uint64_t{1} << 20;
constexpr uint64_t kMaxJsonBytes = uint64_t{1} << 26; // a thousand classes with 50 prompts each are 5 MB
/// These come first, as people choose from the top; the others follow by name.
constexpr std::string_view kFirst[] = {"none", "simple", "openai-imagenet-80", "openai-imagenet-7"};

size_t countPlaceholders(std::string_view text) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find(kPlaceholder, at)) != std::string_view::npos;
         at += kPlaceholder.size())
        ++count;
    return count;
}

std::vector<std::string> textsOf(const Json& list, std::string_view what, const std::string& where) {
    if (!list.is_array())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: {} should be a list of texts", where, what));
    std::vector<std::string> out;
    for (const Json& text : list) {
        if (!text.is_string())
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: {}, entry {} is not a text", where, what, out.size() + 1));
        out.push_back(text.get<std::string>());
    }
    return out;
}

ClassWords wordsOf(const Json& value, const std::string& name, const std::string& where) {
    const std::string what = fmt::format("class '{}'", name);
    if (!value.is_object())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: {} should be an object with 'names' and 'prompts'", where, what));
    ClassWords words;
    for (const auto& [key, list] : value.items()) {
        if (key != "names" && key != "prompts")
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: {} has an unknown member '{}'", where, what, toValidUtf8(key)));
        (key == "names" ? words.names : words.prompts) =
            textsOf(list, fmt::format("{}, '{}'", what, key), where);
    }
    return words;
}

PromptSet readJsonPromptSet(const fs::path& path) {
    const std::string where = displayPath(path);
    PromptSet set = promptSetFromJson(readJsonFile(path, kMaxJsonBytes), where);
    if (set.title.empty())
        set.title = displayPath(path.filename());
    if (set.source.empty())
        set.source = where;
    return set;
}

PromptSet readTextPromptSet(const fs::path& path) {
    const std::string text = readTextFile(path, kMaxTextBytes);
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

/// checkPromptSet(), in words that say where.
void checkRead(const PromptSet& set, const std::string& where) {
    try {
        checkPromptSet(set);
    } catch (const Error& error) {
        throw error.withContext(where);
    }
}

PromptSet readPromptSet(const fs::path& path) {
    PromptSet set = path.extension() == ".json" ? readJsonPromptSet(path) : readTextPromptSet(path);
    set.id = displayPath(path);
    checkRead(set, set.id);
    return set;
}

size_t placeOf(const std::string& id) {
    return static_cast<size_t>(std::find(std::begin(kFirst), std::end(kFirst), id) - std::begin(kFirst));
}

} // namespace

std::string fillTemplate(const std::string& text, const std::string& name) {
    std::string filled = text;
    if (const size_t at = filled.find(kPlaceholder); at != std::string::npos)
        filled.replace(at, kPlaceholder.size(), name);
    return filled;
}

std::vector<std::string> PromptSet::namesOf(const std::string& className) const {
    const auto found = classes.find(className);
    return found == classes.end() || found->second.names.empty() ? std::vector{className}
                                                                 : found->second.names;
}

std::vector<std::string> PromptSet::expand(const std::string& className) const {
    const std::vector<std::string> names = namesOf(className);
    std::vector<std::string> out;
    out.reserve(names.size() * templates.size());
    for (const std::string& name : names)
        for (const std::string& text : templates)
            out.push_back(fillTemplate(text, name));
    const auto found = classes.find(className);
    if (found == classes.end())
        return out;
    for (const std::string& prompt : found->second.prompts) {
        const size_t fills = prompt.find(kPlaceholder) == std::string::npos ? 1 : names.size();
        for (size_t i = 0; i < fills; ++i)
            out.push_back(fillTemplate(prompt, names[i]));
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

void checkPromptSet(const PromptSet& set) {
    bool anyPrompts = false;
    const auto isBlank = [](const std::string& text) {
        return text.find_first_not_of(" \t\r\n") == std::string::npos;
    };
    for (const auto& [name, words] : set.classes) {
        anyPrompts = anyPrompts || !words.prompts.empty();
        if (std::ranges::any_of(words.names, isBlank) || std::ranges::any_of(words.prompts, isBlank))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Class '{}' has an empty name or prompt", toValidUtf8(name)));
        for (const std::string& prompt : words.prompts)
            if (countPlaceholders(prompt) > 1)
                throw Error(ErrorCode::InvalidArgument,
                            fmt::format("The prompt '{}' of class '{}' holds {{}} {} times; once is the most",
                                        toValidUtf8(prompt.substr(0, 200)), toValidUtf8(name),
                                        countPlaceholders(prompt)));
    }
    if (!set.templates.empty() || !anyPrompts)
        checkPromptTemplates(set.templates);
}

Json promptSetJson(const PromptSet& set) {
    Json json{{"templates", set.templates}};
    if (!set.title.empty())
        json["title"] = set.title;
    if (!set.source.empty())
        json["source"] = set.source;
    for (const auto& [name, words] : set.classes) {
        Json entry = Json::object();
        if (!words.names.empty())
            entry["names"] = words.names;
        if (!words.prompts.empty())
            entry["prompts"] = words.prompts;
        if (!entry.empty())
            json["classes"][name] = std::move(entry);
    }
    return json;
}

PromptSet promptSetFromJson(const Json& json, const std::string& where) {
    PromptSet set;
    if (!json.is_object() && !json.is_array())
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{}: a list of templates, or an object with 'templates', is expected", where));
    if (json.is_object()) {
        set.title = jsonString(json, "title", "", where);
        set.source = jsonString(json, "source", "", where);
        const Json classes = json.value("classes", Json::object());
        if (!classes.is_object())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: 'classes' should be an object", where));
        for (const auto& [name, words] : classes.items())
            set.classes[name] = wordsOf(words, name, where);
        if (!json.contains("templates") && set.classes.empty())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: 'templates' is missing", where));
    }
    const Json none = Json::array();
    const Json& templates = json.is_array() ? json : json.contains("templates") ? json["templates"] : none;
    set.templates = textsOf(templates, "'templates'", where);
    checkRead(set, where);
    return set;
}

} // namespace diptych
