// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diptych {

/// A part of a report that can be left out and commented.
struct ReportSection {
    std::string_view id;    ///< "confusion"
    std::string_view title; ///< "Confusion"
    std::string_view help;  ///< what it holds, for people
};

/// In the order in which reports have them.
std::span<const ReportSection> reportSections();
/// @return null if there is none of that id
const ReportSection* findReportSection(std::string_view id);

/// "summary,map" -> {"summary", "map"}, in the order reports have them. @throws Error InvalidArgument that
/// lists those there are
std::vector<std::string> parseReportSections(std::string_view list);

/// "summary=It is worse at night" -> the two. @throws Error InvalidArgument: no "=", no such section
std::pair<std::string, std::string> parseReportComment(std::string_view text);

} // namespace diptych
