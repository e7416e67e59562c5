// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/protocol_text.h"

#include "core/report/protocol_card.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

void printDeviations(Console& console, const char* title, const std::vector<Deviation>& list) {
    if (list.empty())
        return;
    console.print(title);
    for (const Deviation& each : list)
        console.print(oneLine(fmt::format("  {}: here {}; there {}", each.what, each.here, each.there)));
}

} // namespace

void printProtocol(Console& console, const RunRecord& run) {
    const ProtocolCard card = protocolCard(run);
    if (console.json()) {
        console.printJson(protocolJson(card));
        return;
    }
    for (const ProtocolGroup& group : card.groups) {
        console.print(group.title);
        for (const ProtocolRow& row : group.rows)
            console.print(oneLine(fmt::format("  {}: {}", row.name, row.value)));
    }
    if (!card.prompts.empty())
        console.print("Prompts");
    for (const std::string& prompt : card.prompts)
        console.print("  " + oneLine(prompt));
    if (card.clipBenchmark.empty()) {
        console.print(clipBenchmarkSentence(card));
        return;
    }
    printDeviations(console, "Differs from CLIP_benchmark in", card.differs);
    printDeviations(console, "To be checked against CLIP_benchmark", card.check);
}

} // namespace diptych::cli
