// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"
#include "core/report/protocol_card.h"

#include <fmt/format.h>

namespace diptych::html {
namespace {

std::string deviations(const char* title, const std::vector<Deviation>& list) {
    if (list.empty())
        return "";
    std::string out = fmt::format(
        "<h4>{}</h4><div class=\"scroll\"><table class=\"small\"><thead><tr><th>What</th><th>Here</th>"
        "<th>There</th></tr></thead><tbody>",
        title);
    for (const Deviation& each : list)
        out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", escape(each.what), escape(each.here),
                           escape(each.there));
    return out + "</tbody></table></div>";
}

} // namespace

std::string protocolSection(const RunRecord& run) {
    const ProtocolCard card = protocolCard(run);
    std::string out = "<h3>Protocol</h3><div class=\"protocol\">";
    for (const ProtocolGroup& group : card.groups) {
        out += "<div><h4>" + escape(group.title) + "</h4><dl>";
        for (const ProtocolRow& row : group.rows)
            out += "<dt>" + escape(row.name) + "</dt><dd>" + escape(row.value) + "</dd>";
        out += "</dl></div>";
    }
    out += "</div>";
    if (!card.prompts.empty()) {
        out += fmt::format("<details><summary>{} prompt template{}</summary><ul>", card.prompts.size(),
                           card.prompts.size() == 1 ? "" : "s");
        for (const std::string& text : card.prompts)
            out += "<li><code>" + escape(text) + "</code></li>";
        out += "</ul></details>";
    }
    if (card.clipBenchmark.empty())
        return out + "<p class=\"soft\">" + escape(clipBenchmarkSentence(card)) + ".</p>";
    return out + deviations("Differs from CLIP_benchmark in", card.differs) +
           deviations("To be checked against CLIP_benchmark", card.check);
}

} // namespace diptych::html
