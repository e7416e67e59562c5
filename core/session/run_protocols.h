// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/results/ids.h"
#include "core/store/run_record.h"

#include <string>
#include <vector>

namespace diptych {

class Session;

/// A run as another protocol would count it.
struct ProtocolResult {
    std::string id, title, source, remark; ///< as in Protocol
    /// What it sets otherwise than the run, for people: "Templates: openai-imagenet-80 instead of simple".
    std::vector<std::string> changes;
    std::vector<Metric> metrics; ///< without intervals
    /// Examples that are right by it and not in the run, or score higher where there is no right and wrong;
    /// and the other way round. In the dataset's order.
    std::vector<SampleId> gained, lost;
};

struct RunProtocols {
    RunRecord run; ///< whole
    std::vector<ProtocolResult> protocols;
    std::string note; ///< what is to be known about all of them, in a sentence; may be empty
};

/// Counts a stored run again by each protocol that its task knows, on the embeddings that are kept: no image
/// is encoded, texts are where their words differ. Waits for a model that is busy.
/// @throws Error NotFound (no such run; its dataset or model is gone), InvalidArgument (its task has one
/// rule; images that are not encoded any more; another model or preprocessing than the run's), Cancelled
RunProtocols runProtocols(Session& session, RunId run, const RunContext& context);

} // namespace diptych
