// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/prompt_files.h"

#include "core/base/file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace diptych {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxBytes = uint64_t{1} << 26;
constexpr std::string_view kTheirs = "{c}", kOurs = "{}";
constexpr std::string_view kKindNames[] = {"set", "templates", "classnames", "prompts"};

/// CLIP_benchmark's place for the class name as ours.
std::string withOurPlace(std::string text) {
    for (size_t at = 0; (at = text.find(kTheirs, at)) != std::string::npos; at += kOurs.size())
        text.replace(at, kTheirs.size(), kOurs);
    return text;
}

std::string withTheirPlace(const std::string& text) {
    return fillTemplate(text, std::string(kTheirs));
}

bool isTemplate(const std::string& text) {
    return text.find(kTheirs) != std::string::npos || text.find(kOurs) != std::string::npos;
}

/// A list of texts. @param what names it in messages
std::vector<std::string> listOf(const Json& json, const std::string& where, const std::string& what) {
    if (!json.is_array())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: {} should be a list of texts", where, what));
    std::vector<std::string> out;
    for (const Json& entry : json) {
        if (!entry.is_string())
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: {}, entry {} is not a text", where, what, out.size() + 1));
        out.push_back(entry.get<std::string>());
    }
    return out;
}

std::string keysOf(const Json& object) {
    constexpr size_t kMostNamed = 12;
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) {
        if (keys.size() == kMostNamed) {
            keys.emplace_back("…");
            break;
        }
        keys.push_back(toValidUtf8(key));
    }
    return fmt::format("{}", fmt::join(keys, ", "));
}

/// How many of the members are classes of the dataset.
size_t knownClasses(const Json& object, const std::vector<std::string>& classNames) {
    const std::set<std::string> names(classNames.begin(), classNames.end());
    size_t count = 0;
    for (const auto& [key, value] : object.items())
        count += names.contains(key);
    return count;
}

/// The member that is asked for, or the only one there is.
const Json& memberOf(const Json& object, const std::string& key, const std::string& where) {
    if (!key.empty()) {
        const auto found = object.find(key);
        if (found == object.end())
            throw Error(ErrorCode::NotFound, fmt::format("{}: there is no '{}'; it has: {}", where,
                                                         toValidUtf8(key), keysOf(object)));
        return *found;
    }
    if (object.size() != 1)
        throw Error(ErrorCode::InvalidArgument, fmt::format("{}: it holds {} datasets; say which (key): {}",
                                                            where, object.size(), keysOf(object)));
    return object.front();
}

PromptFileKind kindOf(const Json& json, const PromptImport& import) {
    if (json.is_object() && (json.contains("templates") || json.contains("classes")) &&
        knownClasses(json, import.classNames) == 0)
        return PromptFileKind::Set;
    if (json.is_object() && import.key.empty() && knownClasses(json, import.classNames) * 2 >= json.size())
        return PromptFileKind::ClassPrompts;
    const Json* list = &json;
    if (json.is_object() && !json.empty()) {
        const auto found = json.find(import.key);
        list = found == json.end() ? &json.front() : &*found;
    }
    if (list->is_object())
        return PromptFileKind::ClassPrompts;
    const bool anyTemplate = list->is_array() && std::ranges::any_of(*list, [](const Json& entry) {
                                 return entry.is_string() && isTemplate(entry.get<std::string>());
                             });
    return anyTemplate ? PromptFileKind::Templates : PromptFileKind::ClassNames;
}

void takeNames(PromptSet& set, const std::vector<std::string>& names, const PromptImport& import,
               const std::string& where) {
    if (names.size() != import.classNames.size())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}: it names {} classes, and the dataset has {}; names go by their place",
                                where, names.size(), import.classNames.size()));
    for (size_t c = 0; c < names.size(); ++c) {
        std::vector<std::string>& own = set.classes[import.classNames[c]].names;
        own.clear();
        if (names[c] != import.classNames[c])
            own.push_back(names[c]);
    }
}

/// Keys are the dataset's names of the classes, or the names that @p set gives them.
void takeClassPrompts(PromptSet& set, const Json& object, const PromptImport& import,
                      const std::string& where) {
    if (!object.is_object())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: an object of lists, one a class, is expected", where));
    std::map<std::string, std::string> classOf;
    for (const std::string& name : import.classNames)
        for (const std::string& alias : set.namesOf(name))
            classOf.emplace(alias, name);
    for (const std::string& name : import.classNames)
        classOf[name] = name;
    std::vector<std::string> unknown;
    for (const auto& [key, prompts] : object.items()) {
        std::vector<std::string> texts = listOf(prompts, where, fmt::format("'{}'", toValidUtf8(key)));
        std::ranges::transform(texts, texts.begin(), withOurPlace);
        const auto found = classOf.find(key);
        if (found != classOf.end() || import.classNames.empty())
            set.classes[found == classOf.end() ? key : found->second].prompts = std::move(texts);
        else
            unknown.push_back(key);
    }
    if (unknown.size() == object.size() && !unknown.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("{}: none of its keys is a class of the dataset: {}", where, keysOf(object)));
    if (!unknown.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("{}: '{}' is no class of the dataset", where, toValidUtf8(unknown.front())));
}

PromptSet fromJson(const Json& json, const PromptImport& import, const PromptSet& base,
                   const std::string& where) {
    const PromptFileKind kind = import.kind.value_or(kindOf(json, import));
    PromptSet set = base;
    const auto list = [&](const char* what) {
        const Json& member = json.is_object() ? memberOf(json, import.key, where) : json;
        return listOf(member, where, import.key.empty() ? what : fmt::format("'{}'", import.key));
    };
    switch (kind) {
    case PromptFileKind::Set:
        return promptSetFromJson(json, where);
    case PromptFileKind::Templates:
        set.templates = list("the templates");
        std::ranges::transform(set.templates, set.templates.begin(), withOurPlace);
        break;
    case PromptFileKind::ClassNames:
        takeNames(set, list("the class names"), import, where);
        break;
    case PromptFileKind::ClassPrompts: {
        const bool nested = json.is_object() && !json.empty() && json.front().is_object();
        takeClassPrompts(set, nested ? memberOf(json, import.key, where) : json, import, where);
        break;
    }
    }
    return set;
}

PromptSet fromText(const std::string& text, const PromptImport& import, const PromptSet& base,
                   const std::string& where) {
    std::vector<std::string> lines;
    size_t number = 0, templates = 0, firstPlain = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        line.erase(0, std::min(line.find_first_not_of(" \t\r"), line.size()));
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.empty() || line.front() == '#')
            continue;
        if (!isValidUtf8(line))
            throw Error(ErrorCode::Corrupt, fmt::format("{}:{}: not UTF-8 text", where, number));
        if (isTemplate(line))
            ++templates;
        else if (firstPlain == 0)
            firstPlain = number;
        lines.push_back(std::move(line));
    }
    PromptSet set = base;
    const auto kind =
        import.kind.value_or(templates > 0 ? PromptFileKind::Templates : PromptFileKind::ClassNames);
    if (kind == PromptFileKind::Templates && firstPlain > 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}:{}: this line has no {{}} where the class name goes", where, firstPlain));
    if (kind == PromptFileKind::Templates) {
        std::ranges::transform(lines, lines.begin(), withOurPlace);
        set.templates = std::move(lines);
    } else if (kind == PromptFileKind::ClassNames) {
        takeNames(set, lines, import, where);
    } else {
        throw Error(ErrorCode::InvalidArgument, fmt::format("{}: a text file holds templates or class names; "
                                                            "this kind is read from JSON",
                                                            where));
    }
    return set;
}

std::string dump(const OrderedJson& json) {
    return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string linesOf(const std::vector<std::string>& entries) {
    return fmt::format("{}\n", fmt::join(entries, "\n"));
}

} // namespace

std::string_view promptFileKindName(PromptFileKind kind) {
    return kKindNames[static_cast<size_t>(kind)];
}

PromptFileKind parsePromptFileKind(std::string_view name) {
    for (size_t i = 0; i < std::size(kKindNames); ++i)
        if (kKindNames[i] == name)
            return static_cast<PromptFileKind>(i);
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("A file holds a {}, not '{}'", fmt::join(kKindNames, ", "), name));
}

PromptSet importPrompts(const fs::path& file, const PromptImport& import, const PromptSet& base) {
    const std::string where = displayPath(file);
    PromptSet set = file.extension() == ".json"
                        ? fromJson(readJsonFile(file, kMaxBytes), import, base, where)
                        : fromText(readTextFile(file, kMaxBytes), import, base, where);
    std::erase_if(set.classes, [](const auto& entry) { return entry.second == ClassWords(); });
    try {
        checkPromptSet(set);
    } catch (const Error& error) {
        throw error.withContext(where);
    }
    set.source = where;
    return set;
}

std::string exportPrompts(const PromptSet& prompts, PromptFileKind kind,
                          const std::vector<std::string>& classNames, const std::string& key, bool asText,
                          std::vector<std::string>& lost) {
    size_t synonyms = 0, own = 0;
    std::vector<std::string> names;
    for (const std::string& name : classNames) {
        names.push_back(prompts.namesOf(name).front());
        synonyms += prompts.namesOf(name).size() > 1;
        const auto found = prompts.classes.find(name);
        own += found != prompts.classes.end() && !found->second.prompts.empty();
    }
    if (kind == PromptFileKind::ClassNames && synonyms > 0)
        lost.push_back(fmt::format("{} classes have several names; the first of each is written", synonyms));
    if ((kind == PromptFileKind::ClassNames || kind == PromptFileKind::Templates) && own > 0)
        lost.push_back(fmt::format("{} classes have prompts of their own, which this form cannot hold", own));
    OrderedJson json;
    switch (kind) {
    case PromptFileKind::Set:
        return promptSetJson(prompts).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    case PromptFileKind::Templates: {
        if (asText)
            return linesOf(prompts.templates);
        std::vector<std::string> templates;
        std::ranges::transform(prompts.templates, std::back_inserter(templates), withTheirPlace);
        json[key] = templates;
        break;
    }
    case PromptFileKind::ClassNames:
        if (asText)
            return linesOf(names);
        json[key] = names;
        break;
    case PromptFileKind::ClassPrompts:
        for (size_t c = 0; c < classNames.size(); ++c) {
            const auto texts = prompts.expand(classNames[c]);
            if (texts.empty())
                throw Error(ErrorCode::InvalidArgument,
                            fmt::format("Class '{}' has no prompts at all", toValidUtf8(classNames[c])));
            json[key][names[c]] = texts;
        }
        break;
    }
    return dump(json);
}

} // namespace diptych
