// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_sections.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

constexpr std::array<ReportSection, 11> kSections = {{
    {"summary", "Summary", "the numbers with their intervals, warnings, the command that repeats the run"},
    {"protocol", "Protocol", "what the numbers are the numbers of, and where CLIP_benchmark does otherwise"},
    {"tables", "Tables", "the task's own tables: scores by tag, average precision by class, thresholds"},
    {"classes", "Classes", "recall, precision and F1 of every class, worst first"},
    {"confusion", "Confusion", "what was taken for what"},
    {"calibration", "Calibration", "how often predictions of one confidence are right"},
    {"curves", "Curves", "ROC, precision and recall, learning curves"},
    {"slices", "Slices", "where the run is worse than elsewhere, by the keys given"},
    {"map", "Map", "the data set's embeddings, by class and by what was right"},
    {"examples", "Examples", "pictures with what the run says of them, chosen by a stated rule"},
    {"compare", "Comparison", "pairs of the report's runs on the examples they share"},
}};

std::vector<std::string_view> sectionIds() {
    std::vector<std::string_view> ids;
    for (const ReportSection& section : kSections)
        ids.push_back(section.id);
    return ids;
}

[[noreturn]] void refuse(std::string_view id) {
    throw Error(ErrorCode::InvalidArgument, fmt::format("Reports have no section '{}'; there are: {}", id,
                                                        fmt::join(sectionIds(), ", ")));
}

} // namespace

std::span<const ReportSection> reportSections() {
    return kSections;
}

const ReportSection* findReportSection(std::string_view id) {
    const auto found = std::ranges::find(kSections, id, &ReportSection::id);
    return found == kSections.end() ? nullptr : &*found;
}

std::vector<std::string> parseReportSections(std::string_view list) {
    std::vector<std::string_view> given;
    for (size_t from = 0; from <= list.size();) {
        const size_t comma = std::min(list.find(',', from), list.size());
        std::string_view id = list.substr(from, comma - from);
        while (id.starts_with(' '))
            id.remove_prefix(1);
        while (id.ends_with(' '))
            id.remove_suffix(1);
        if (!findReportSection(id))
            refuse(id);
        given.push_back(id);
        from = comma + 1;
    }
    std::vector<std::string> sections;
    for (const ReportSection& section : kSections)
        if (std::ranges::find(given, section.id) != given.end())
            sections.emplace_back(section.id);
    return sections;
}

std::pair<std::string, std::string> parseReportComment(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("A comment is SECTION=TEXT, not '{}'; sections are: {}", text,
                                fmt::join(sectionIds(), ", ")));
    const std::string_view id = text.substr(0, equals);
    if (!findReportSection(id))
        refuse(id);
    return {std::string(id), std::string(text.substr(equals + 1))};
}

} // namespace diptych
