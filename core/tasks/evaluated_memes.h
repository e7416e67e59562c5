// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/meme_groups.h"
#include "core/tasks/meme_scores.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <string>
#include <vector>

namespace diptych {

// What of a dataset of memes is evaluated, and what a model makes of it.

/// Memes of one split that could be read, and where they stand in the dataset.
struct MemePart {
    Memes memes;
    std::vector<const TaskSample*> samples;
    std::vector<MemeContent> contents;
};

/// Everything a run works on: the split that is evaluated, and the one that is learned from.
struct EvaluatedMemes {
    std::string split, trainSplit;
    MemePart train, eval;
    std::vector<ItemFailure> failures; ///< of the evaluated split
    MemeScoring scoring;
    std::vector<ConfounderGroup> groups; ///< of eval
    std::vector<int64_t> clusters;       ///< of eval
};

/// Why there is nothing to evaluate, for people; empty = there is.
std::string memesUnsuitable(const TaskDataset& dataset);
/// The chosen one.
const MemeMethod& methodOf(const Json& params);
/// What is asked of a model. Matching asks for embeddings too where the other methods are to stand beside it.
Faces memeFaces(const Json& params);
/// @throws Error InvalidArgument (no such split), Unreadable; Cancelled
EvaluatedMemes readMemes(const TaskInput& input, const RunContext& context);

} // namespace diptych
