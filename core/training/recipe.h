// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace diptych {

/// One transformer tower of the model to be trained.
struct TowerRecipe {
    int64_t width = 128, layers = 4, heads = 4;
};

/// Everything that decides what a training run makes; a JSON file, e.g. resources/recipes/blocks-tiny.json.
/// Two runs of one recipe on one machine with the same number of threads give the same weights bit for bit.
struct TrainingRecipe {
    std::string name = "blocks-tiny"; ///< of the model, as its card has it
    uint64_t seed = 1;
    std::string objective = "contrastive"; ///< id in trainingObjectives()

    int64_t imageSize = 64, patchSize = 8, contextLength = 32, embeddingDim = 128;
    int64_t vocabularySize = 1024; ///< at most; the tokenizer is learned from Blocks captions
    TowerRecipe vision{128, 4, 4}, text{128, 3, 4};

    int64_t steps = 12000, batchSize = 64;
    double learningRate = 1e-3; ///< after the warm-up
    int64_t warmUpSteps = 100;
    double finalLearningRate = 0.02; ///< of the last step, as a fraction of learningRate
    double weightDecay = 0.1;        ///< of matrices only
    double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-6;
    double clipNorm = 1.0;          ///< of all gradients together; 0 = off
    double maxLogitScale = 100;     ///< the factor on cosine similarities grows no larger
    std::string precision = "auto"; ///< of the products: "fp32", "bf16", "auto" (bf16 where the CPU has it)

    /// Shares of the kinds of scenes among the draws (a family counts once), in parts of their sum.
    double singleShare = 33, pairShare = 32, countShare = 22, severalShare = 13;
    /// How many of the draws (Several apart) are families: a scene and up to four more in the same batch that
    /// differ from it in one thing each (shape, size, material, place; who has which colour or place; the
    /// number), with captions that differ as little.
    double familyShare = 0.75;

    /// Captions of one word ("a cube", "four objects"): all there are at first, then fewer with every step
    /// down to simpleShare at step simpleSteps. What a short run finds hardest to see, shapes, it learns
    /// several times sooner when little else is spoken of.
    double simpleShare = 0.2;
    int64_t simpleSteps = 2000;

    int64_t validateEvery = 250, validationScenes = 192; ///< scenes per classification problem
    int64_t checkpointEvery = 250;

    /// @param where names the source in messages. @throws Error: unknown key, wrong type, out of range
    static TrainingRecipe fromJson(const Json& json, std::string_view where);
    static TrainingRecipe fromFile(const std::filesystem::path& path);
    OrderedJson toJson() const;
};

/// Learning rate of step @p step (1-based): linear from 0 over the warm-up, then half a cosine down to
/// learningRate * finalLearningRate at the last step.
double learningRateAt(const TrainingRecipe& recipe, int64_t step);
/// Share of one-word captions at step @p step (1-based; what is below 1 counts as after the beginning).
double simpleShareAt(const TrainingRecipe& recipe, int64_t step);

} // namespace diptych
