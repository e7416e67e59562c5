// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_sheets.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace diptych {
namespace {

constexpr size_t kMostExamples = 500;

std::optional<uint64_t> wholeIn(std::string_view text) {
    uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuse(std::string_view text) {
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("An example sheet is chosen by {}, not '{}'", sheetRuleForms(), text));
}

size_t countIn(std::string_view part, std::string_view whole) {
    const auto count = wholeIn(part);
    if (!count || *count < 1 || *count > kMostExamples)
        refuse(whole);
    return static_cast<size_t>(*count);
}

/// "night:shift:12" -> name "night:shift", count 12; names may hold colons, the last number is the count.
void readName(SheetRule& rule, std::string_view rest, std::string_view whole) {
    if (const size_t colon = rest.rfind(':');
        colon != std::string_view::npos && wholeIn(rest.substr(colon + 1))) {
        rule.count = countIn(rest.substr(colon + 1), whole);
        rest = rest.substr(0, colon);
    }
    if (rest.empty())
        refuse(whole);
    rule.name = rest;
}

} // namespace

std::string sheetRuleForms() {
    return fmt::format(
        "wrong[:N], unsure[:N], random[:N[:SEED]], class[:N], tag:NAME[:N] or view:NAME[:N] with N "
        "from 1 to {}",
        kMostExamples);
}

SheetRule parseSheetRule(std::string_view text) {
    const size_t colon = text.find(':');
    const std::string_view word = text.substr(0, colon);
    const std::string_view rest =
        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    const bool more = colon != std::string_view::npos;
    SheetRule rule;
    if (word == "wrong" || word == "unsure") {
        rule.by = word == "wrong" ? SheetRule::By::Wrong : SheetRule::By::Unsure;
        if (more)
            rule.count = countIn(rest, text);
    } else if (word == "random") {
        rule.by = SheetRule::By::Random;
        const size_t second = rest.find(':');
        if (more)
            rule.count = countIn(rest.substr(0, second), text);
        if (second != std::string_view::npos) {
            const auto seed = wholeIn(rest.substr(second + 1));
            if (!seed)
                refuse(text);
            rule.seed = *seed;
        }
    } else if (word == "class") {
        rule.by = SheetRule::By::EachClass;
        rule.count = more ? countIn(rest, text) : 3;
    } else if (word == "tag" || word == "view") {
        rule.by = word == "tag" ? SheetRule::By::Tag : SheetRule::By::Samples;
        readName(rule, rest, text);
    } else {
        refuse(text);
    }
    return rule;
}

std::string sheetRuleText(const SheetRule& rule) {
    switch (rule.by) {
    case SheetRule::By::Wrong:
        return fmt::format("Wrong, the surest first: {} at most", rule.count);
    case SheetRule::By::Unsure:
        return fmt::format("Right, the least sure first: {} at most", rule.count);
    case SheetRule::By::Random:
        return fmt::format("Drawn at random with seed {}: {} at most", rule.seed, rule.count);
    case SheetRule::By::EachClass:
        return fmt::format("Of every class the first {}, in the data set's order", rule.count);
    case SheetRule::By::Tag:
        return fmt::format("Tagged '{}', in the data set's order: {} at most", rule.name, rule.count);
    case SheetRule::By::Samples:
        return fmt::format("Of {}, in the data set's order: {} at most", rule.name, rule.count);
    }
    return "";
}

} // namespace diptych
