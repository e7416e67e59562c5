// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/optimizer.h"
#include "core/training/trainer.h"

#include <optional>

namespace diptych {

/// Files of a training run's folder. Internal to training.
inline constexpr const char* kStateFile = "training_state.safetensors";
inline constexpr const char* kLogFile = "training.json";

/// What training.json says.
struct TrainingRecord {
    TrainingRecipe recipe;
    int64_t steps = 0;
    bool finished = false;
    int64_t parameters = 0;
    std::vector<TrainingPoint> history;
};
void writeRecord(const std::filesystem::path& directory, const TrainingRecord& record);
/// Nothing if the folder has none. @throws Error if it can't be understood
std::optional<TrainingRecord> readRecord(const std::filesystem::path& directory);

/// Weights, moments, step and log in one file, written atomically: a run goes on from exactly one moment.
void saveState(const std::filesystem::path& directory, const ParameterMap& parameters, const AdamW& optimizer,
               const TrainingRecord& record);
/// Copies the weights and moments in place. @return the record as it was saved
/// @throws Error Corrupt if the file is not a state of this network
TrainingRecord restoreState(const std::filesystem::path& directory, const ParameterMap& parameters,
                            AdamW& optimizer);

} // namespace diptych
