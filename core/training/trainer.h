// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/training/recipe.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace diptych {

/// One line of a training run's log.
struct TrainingPoint {
    int64_t step = 0;
    double loss = 0; ///< mean since the last point
    double learningRate = 0, gradientNorm = 0, logitScale = 0;
    /// Zero-shot accuracy on held-out scenes of Split::Validation by class set id; empty where none was
    /// measured.
    std::map<std::string, double> accuracy;
};

struct TrainingResult {
    std::filesystem::path directory;
    int64_t steps = 0;      ///< done in all
    bool resumed = false;   ///< went on from a saved state
    double seconds = 0;     ///< of this call
    int64_t parameters = 0; ///< of the network
    std::vector<TrainingPoint> history;
    const TrainingPoint& last() const { return history.back(); }
};

/// Trains a CLIP on Blocks and writes it to @p outputDirectory as a Hugging Face checkpoint (config.json,
/// model.safetensors in fp16, tokenizer and preprocessor files, README.md) with training.json, the recipe and
/// its log. While it runs, training_state.safetensors beside them holds what is needed to go on: call it
/// again with the same recipe and folder after a crash or a cancel, and the weights come out as if nothing
/// had happened. A finished folder is left as it is and its result returned. Reports the loss and the
/// accuracies as progress messages. Synchronous; data is made on a second thread.
/// @throws Error (InvalidArgument if the folder holds another recipe's run), Cancelled after the state has
/// been saved and a loadable checkpoint written
TrainingResult train(const TrainingRecipe& recipe, const std::filesystem::path& outputDirectory,
                     const RunContext& context);

} // namespace diptych
