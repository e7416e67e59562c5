// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/labels.h"

#include "core/datasets/class_names.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace {

using ClassList = std::vector<std::string>;

/// Which class each distinct text is; -1 = none, without a word.
struct Assignment {
    ClassList names;
    std::map<std::string, int> indexOf;
};

class Resolver {
public:
    Resolver(LabelTable& table, std::optional<ClassList> list, ProblemList& problems)
        : m_rows(table.rows),
          m_namesCertain(table.namesCertain),
          m_list(std::move(list)),
          m_problems(problems) {
        if (m_list)
            m_listed.insert(m_list->begin(), m_list->end());
    }
    ResolvedLabels resolve();

private:
    struct Seen {
        std::string where; ///< first row with it
        int64_t rows = 0;
    };
    bool isListed(const std::string& text) const { return m_listed.contains(text); }
    void splitAtBars();
    void useNames();
    void collect();
    void dropMissing();
    bool readNumbers();
    void dropNegatives();

    Assignment assign();
    Assignment byLines() const;
    std::optional<Assignment> byFirstWords() const;
    std::optional<Assignment> byListedNumbers() const;
    Assignment byPosition();
    Assignment byOwnNumbers();
    Assignment byText() const;
    bool nameByColumn(Assignment& assigned);
    void reportUnknown(const Assignment& assigned);

    std::vector<RawLabel>& m_rows;
    const bool m_namesCertain;
    const std::optional<ClassList> m_list;
    std::unordered_set<std::string> m_listed; ///< the lines of m_list
    ProblemList& m_problems;
    bool m_several = false;
    std::map<std::string, Seen> m_seen;       ///< distinct texts
    std::map<std::string, int64_t> m_numbers; ///< the texts as numbers, where all are
    bool m_allNumbers = false;
    std::set<std::string> m_dropped; ///< texts that are no label, about which all is said
};

void Resolver::splitAtBars() {
    for (RawLabel& row : m_rows) {
        std::vector<std::string> parts;
        for (const auto& value : row.values) {
            if (value.find('|') == std::string::npos || isListed(value)) {
                parts.push_back(value);
                continue;
            }
            if (!m_several)
                m_problems.note(
                    "labels of several classes", row.where,
                    fmt::format("'{}' is read as a list of classes, so every image has one", value));
            m_several = true;
            for (size_t at = 0; at <= value.size();) {
                const size_t end = std::min(value.find('|', at), value.size());
                if (auto part = plainText(std::string_view(value).substr(at, end - at)); !part.empty())
                    parts.push_back(std::move(part));
                at = end + 1;
            }
        }
        row.values = std::move(parts);
        m_several = m_several || (row.said && row.values.size() != 1);
    }
}

/// Names stand for labels where there is no label at all, and where the class list knows every one of them.
void Resolver::useNames() {
    const bool said = std::any_of(m_rows.begin(), m_rows.end(), [](const auto& row) { return row.said; });
    const bool listed = said && m_list && !m_several && m_namesCertain &&
                        std::all_of(m_rows.begin(), m_rows.end(),
                                    [&](const auto& row) { return !row.said || isListed(row.name); });
    if (said && !listed)
        return;
    for (RawLabel& row : m_rows) {
        row.said = said ? row.said : !row.name.empty();
        if (row.said)
            row.values = {row.name};
    }
}

void Resolver::collect() {
    for (const RawLabel& row : m_rows) {
        for (const auto& value : row.values) {
            Seen& seen = m_seen[value];
            if (seen.rows++ == 0)
                seen.where = row.where;
        }
    }
}

void Resolver::dropMissing() {
    for (auto text = m_seen.begin(); text != m_seen.end();) {
        const Missing missing = isListed(text->first) ? Missing::No : missingness(text->first);
        if (missing == Missing::Maybe)
            m_problems.add("labels taken for missing", text->second.where,
                           fmt::format("label '{}' is read as a missing one, as pandas does ({} rows). To "
                                       "make it a class, list all classes in classes.txt",
                                       text->first, text->second.rows));
        if (missing == Missing::No) {
            ++text;
        } else {
            m_dropped.insert(text->first);
            text = m_seen.erase(text);
        }
    }
}

/// Whether all texts are whole numbers, or true, false, 0 and 1.
bool Resolver::readNumbers() {
    bool truths = false, others = false;
    for (const auto& [text, seen] : m_seen) {
        const auto truth = truthValue(text);
        const auto number = truth ? std::optional<int64_t>(*truth) : wholeNumber(text);
        if (!number)
            return false;
        truths = truths || truth;
        others = others || (*number != 0 && *number != 1);
        m_numbers[text] = *number;
    }
    return !(truths && others);
}

/// -1 is how many write "none"; beside nothing but 1 it is the other of two classes.
void Resolver::dropNegatives() {
    std::set<int64_t> values;
    for (const auto& [text, number] : m_numbers)
        values.insert(number);
    if (!m_list && values == std::set<int64_t>{-1, 1})
        return;
    for (auto entry = m_numbers.begin(); entry != m_numbers.end();) {
        const auto& [text, number] = *entry;
        if (number >= 0) {
            ++entry;
            continue;
        }
        m_problems.add(
            "negative labels", m_seen[text].where,
            fmt::format("label {} is read as none: {} images have no label", text, m_seen[text].rows));
        m_dropped.insert(text);
        m_seen.erase(text);
        entry = m_numbers.erase(entry);
    }
}

/// Texts that are no line are left without a class.
Assignment Resolver::byLines() const {
    Assignment assigned{*m_list, {}};
    std::unordered_map<std::string, int> lines;
    for (size_t i = 0; i < m_list->size(); ++i)
        lines.emplace((*m_list)[i], static_cast<int>(i));
    for (const auto& [text, seen] : m_seen) {
        const auto line = lines.find(text);
        if (line != lines.end())
            assigned.indexOf[text] = line->second;
    }
    return assigned;
}

std::optional<Assignment> Resolver::byFirstWords() const {
    Assignment assigned;
    std::unordered_map<std::string, int> words;
    for (const auto& line : *m_list) {
        const size_t gap = line.find_first_of(" \t");
        const std::string word = line.substr(0, gap);
        // Keys such as n01440764 or 17; the first word of "tabby cat" is none.
        if (gap == std::string::npos || word.find_first_of("0123456789") == std::string::npos ||
            !words.emplace(word, static_cast<int>(words.size())).second)
            return std::nullopt;
        assigned.names.push_back(trimmed(line.substr(gap)));
    }
    for (const auto& [text, seen] : m_seen) {
        auto word = words.find(text);
        if (word == words.end() && m_allNumbers)
            word = words.find(std::to_string(m_numbers.at(text)));
        if (word == words.end())
            return std::nullopt;
        assigned.indexOf[text] = word->second;
    }
    return assigned;
}

/// A list of nothing but numbers names them; it does not count them.
std::optional<Assignment> Resolver::byListedNumbers() const {
    std::map<int64_t, int> lines;
    for (const auto& line : *m_list) {
        const auto number = wholeNumber(line);
        if (!number)
            return std::nullopt;
        lines.emplace(*number, static_cast<int>(lines.size()));
    }
    if (lines.size() != m_list->size())
        return std::nullopt;
    Assignment assigned{*m_list, {}};
    for (const auto& [text, number] : m_numbers) {
        if (const auto line = lines.find(number); line != lines.end())
            assigned.indexOf[text] = line->second;
    }
    return assigned;
}

Assignment Resolver::byPosition() {
    const auto count = static_cast<int64_t>(m_list->size());
    int64_t lowest = INT64_MAX, highest = -1;
    for (const auto& [text, number] : m_numbers) {
        lowest = std::min(lowest, number);
        highest = std::max(highest, number);
    }
    const int64_t first = highest == count && lowest >= 1 ? 1 : 0;
    if (first == 1)
        m_problems.note(
            "labels counted from 1", m_seen.begin()->second.where,
            fmt::format("labels are counted from 1, since they go up to {} and the class list has "
                        "as many lines: 1 is '{}'",
                        count, m_list->front()));
    Assignment assigned{*m_list, {}};
    for (const auto& [text, number] : m_numbers) {
        if (number - first < count)
            assigned.indexOf[text] = static_cast<int>(number - first);
    }
    return assigned;
}

Assignment Resolver::byOwnNumbers() {
    std::map<int64_t, std::string> texts; ///< as the class is shown
    for (const auto& [text, number] : m_numbers) {
        const bool digits = text.find_first_not_of("-0123456789") == std::string::npos;
        const std::string shown = digits || truthValue(text) ? text : std::to_string(number);
        const auto [known, fresh] = texts.emplace(number, shown);
        if (!fresh && known->second != shown)
            m_problems.note("labels of one number", m_seen[text].where,
                            fmt::format("label '{}' is the same number as '{}'; they are one class", shown,
                                        known->second));
    }
    Assignment assigned;
    std::map<int64_t, int> indices;
    for (const auto& [number, shown] : texts) {
        indices[number] = static_cast<int>(assigned.names.size());
        assigned.names.push_back(shown);
    }
    for (const auto& [text, number] : m_numbers)
        assigned.indexOf[text] = indices[number];
    return assigned;
}

Assignment Resolver::byText() const {
    Assignment assigned;
    for (const auto& [text, seen] : m_seen) {
        assigned.indexOf[text] = static_cast<int>(assigned.names.size());
        assigned.names.push_back(text);
    }
    return assigned;
}

Assignment Resolver::assign() {
    if (!m_list)
        return m_allNumbers ? byOwnNumbers() : byText();
    Assignment lines = byLines();
    if (lines.indexOf.size() == m_seen.size())
        return lines;
    if (auto words = byFirstWords())
        return *words;
    if (m_allNumbers) {
        auto listed = byListedNumbers();
        return listed ? *listed : byPosition();
    }
    return lines;
}

/// Gives classes the names that stand beside them. @return whether it did
bool Resolver::nameByColumn(Assignment& assigned) {
    struct Name {
        std::string text, where;
    };
    std::map<int, Name> nameOf;
    std::map<std::pair<int, std::string>, std::string> others; ///< where a class is called otherwise
    for (const RawLabel& row : m_rows) {
        const auto found = row.values.empty() ? assigned.indexOf.end() : assigned.indexOf.find(row.values[0]);
        if (found == assigned.indexOf.end() || row.name.empty())
            continue;
        const auto [known, fresh] = nameOf.emplace(found->second, Name{row.name, row.where});
        if (!fresh && known->second.text != row.name)
            others.emplace(std::pair(found->second, row.name), row.where);
    }
    std::set<std::string> distinct;
    for (const auto& [index, name] : nameOf)
        distinct.insert(name.text);
    const bool oneToOne = others.empty() && distinct.size() == nameOf.size();
    // Two numbers, or two ids such as n02012849, may have one name; "tabby" and "siamese" are not both "cat".
    const bool labelsAreIds =
        m_allNumbers || (others.empty() && std::all_of(m_seen.begin(), m_seen.end(), [](const auto& seen) {
                             return seen.first.find_first_of("0123456789") != std::string::npos;
                         }));
    if (nameOf.empty() || !(oneToOne || (m_namesCertain && labelsAreIds)))
        return false;
    for (const auto& [other, where] : others)
        m_problems.add("contradicting class names", where,
                       fmt::format("calls label {} '{}'; it is '{}' in {}, which is kept",
                                   assigned.names[static_cast<size_t>(other.first)], other.second,
                                   nameOf[other.first].text, nameOf[other.first].where));
    for (const auto& [index, name] : nameOf)
        assigned.names[static_cast<size_t>(index)] = name.text;
    return true;
}

void Resolver::reportUnknown(const Assignment& assigned) {
    for (const RawLabel& row : m_rows) {
        for (const auto& value : row.values) {
            if (assigned.indexOf.contains(value) || m_dropped.contains(value))
                continue;
            m_problems.add(
                "labels out of range", row.where,
                m_allNumbers
                    ? fmt::format("label {} is out of range (0 to {}); kept without a label", value,
                                  assigned.names.empty() ? 0 : assigned.names.size() - 1)
                    : fmt::format("label '{}' is not in the class list; kept without a label", value));
        }
    }
}

ResolvedLabels Resolver::resolve() {
    splitAtBars();
    useNames();
    collect();
    dropMissing();
    m_allNumbers = readNumbers();
    if (m_allNumbers)
        dropNegatives();
    Assignment assigned = assign();
    ResolvedLabels resolved;
    resolved.several = m_several;
    resolved.namesUsed = !m_list && !m_several && nameByColumn(assigned);
    reportUnknown(assigned);
    for (const RawLabel& row : m_rows) {
        std::set<int> classes;
        for (const auto& value : row.values) {
            if (const auto found = assigned.indexOf.find(value); found != assigned.indexOf.end())
                classes.insert(found->second);
        }
        const bool said =
            row.said && (row.values.empty() ||
                         std::any_of(row.values.begin(), row.values.end(),
                                     [&](const auto& value) { return !m_dropped.contains(value); }));
        resolved.classes.push_back(said ? std::optional(std::vector<int>(classes.begin(), classes.end()))
                                        : std::nullopt);
    }
    resolved.classNames = std::move(assigned.names);
    return resolved;
}

} // namespace

ResolvedLabels resolveLabels(LabelTable table, const std::filesystem::path& folder, ProblemList& problems) {
    return Resolver(table, readClassList(folder), problems).resolve();
}

} // namespace diptych
