// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/deviation.h"
#include "core/store/run_record.h"

#include <string>
#include <vector>

namespace diptych {

struct ProtocolRow {
    std::string name, value; ///< "not recorded" where the run is older than what it asks for
};

struct ProtocolGroup {
    std::string title;
    std::vector<ProtocolRow> rows;
};

/// What a number is the number of: everything that could make another program, or this one another time, get
/// a different one. Made from what is stored with the run alone, so it stays true when model and pictures are
/// gone.
struct ProtocolCard {
    std::vector<ProtocolGroup> groups;
    std::vector<std::string> prompts; ///< templates or texts; empty where there are none, or not recorded
    /// The task of CLIP_benchmark that reports the same numbers; empty = none does, or it is not recorded.
    std::string clipBenchmark;
    std::vector<Deviation> differs; ///< from CLIP_benchmark as published (48de38c, June 2025), for certain
    std::vector<Deviation> check;   ///< what may differ from it, by how it is called there
    bool recorded = false;          ///< false: a run of an earlier version, or an imported one
};

/// @param run whole, with its details
ProtocolCard protocolCard(const RunRecord& run);

/// "differs from CLIP_benchmark in: precision, equal scores"; what can be said where nothing is recorded, or
/// where it has no such task.
std::string clipBenchmarkSentence(const ProtocolCard& card);

/// The card in one paragraph, for a title page: "CLIP, quick_gelu; bicubic, ...; fp32 on cpu".
std::string compactText(const ProtocolCard& card);

/// {"groups": [{"title", "rows": {...}}], "prompts", "clip_benchmark": {"task", "differs", "check"}}
OrderedJson protocolJson(const ProtocolCard& card);

} // namespace diptych
