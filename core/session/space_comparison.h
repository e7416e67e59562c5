// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/representation.h"
#include "core/session/evaluator.h"

#include <string>
#include <vector>

namespace diptych {

/// A model, and how it encodes.
struct SpaceSide {
    std::string model; ///< name in the workspace
    Device device = Device::Auto;
    Precision precision = Precision::Auto;
    Alpha alpha = Alpha::Drop;
};
/// What a run's embeddings came from. @throws Error NotFound if its model is no longer in the workspace
SpaceSide spaceSideOf(const Workspace& workspace, const RunRecord& run);

/// Two models' embeddings of the same pictures.
struct SpaceSpec {
    std::string dataset; ///< name in the workspace
    std::string split;   ///< only this split; empty = all samples
    SpaceSide first, second;
    size_t neighbours = 10;
    /// Waits for the models and encodes what the cache lacks first, which may take long; else the answer may
    /// be NotEncoded or Busy.
    bool encodeMissing = false;
    unsigned threads = 0;
};
/// Of the dataset that both runs are on. @throws Error NotFound (a model or the dataset is gone),
/// InvalidArgument for runs on different datasets
SpaceSpec spaceSpecOf(const Workspace& workspace, const RunRecord& first, const RunRecord& second);

struct SpaceComparison {
    Answer answer = Answer::Ready; ///< else there is nothing else but the model it is about
    std::string model;             ///< that lacks embeddings or is busy
    bool sameSpace = false;        ///< one model, encoding one way: there is nothing to compare
    std::vector<SampleId> samples; ///< pictures that both could read, in the dataset's order
    Cka cka;
    NeighbourOverlap overlap;   ///< by Euclidean distance of unit rows, which orders as the cosine does
    double neighbourRecall = 1; ///< share of the true neighbours that were found; 1 = all were compared
    std::vector<ItemFailure> failures; ///< could not be read
};

/// Session::compareSpaces().
SpaceComparison compareSpaces(Workspace& workspace, Catalog& catalog, ModelPool& models,
                              const SpaceSpec& spec, const RunContext& context);

/// A sentence or two: how alike the spaces are, and what that is beside chance.
std::string spaceText(const SpaceComparison& comparison);

} // namespace diptych
