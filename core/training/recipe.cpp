// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace diptych {

namespace {

/// Reads the members of one object and refuses what it does not know: a misspelt key must not go unnoticed.
class Reader {
public:
    Reader(const Json& object, std::string where) : m_object(object), m_where(std::move(where)) {
        if (!object.is_object())
            throw Error(ErrorCode::InvalidArgument, m_where + ": a recipe is a JSON object");
    }
    void whole(const char* key, int64_t& value, int64_t low, int64_t high) {
        m_known.insert(key);
        value = jsonInt(m_object, key, value, m_where);
        if (value < low || value > high)
            throw Error(ErrorCode::InvalidArgument, fmt::format("{}: '{}' is {}; it must be from {} to {}",
                                                                m_where, key, value, low, high));
    }
    void number(const char* key, double& value, double low, double high) {
        m_known.insert(key);
        value = jsonNumber(m_object, key, value, m_where);
        if (!(value >= low && value <= high))
            throw Error(ErrorCode::InvalidArgument, fmt::format("{}: '{}' is {}; it must be from {} to {}",
                                                                m_where, key, value, low, high));
    }
    void text(const char* key, std::string& value) {
        m_known.insert(key);
        value = jsonString(m_object, key, value, m_where);
    }
    void tower(const char* key, TowerRecipe& value) {
        m_known.insert(key);
        if (!m_object.contains(key))
            return;
        Reader reader(m_object.at(key), fmt::format("{}: {}", m_where, key));
        reader.whole("width", value.width, 8, 4096);
        reader.whole("layers", value.layers, 1, 48);
        reader.whole("heads", value.heads, 1, 64);
        reader.finish();
        if (value.width % value.heads != 0)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{}: {} of width {} can't be divided among {} heads", m_where, key,
                                    value.width, value.heads));
    }
    void finish() const {
        for (const auto& [key, value] : m_object.items()) {
            if (!m_known.contains(key))
                throw Error(ErrorCode::InvalidArgument,
                            fmt::format("{}: there is no setting '{}'", m_where, key));
        }
    }

private:
    const Json& m_object;
    std::string m_where;
    std::set<std::string> m_known;
};

void readModel(Reader& reader, TrainingRecipe& recipe) {
    reader.whole("image_size", recipe.imageSize, 16, 1024);
    reader.whole("patch_size", recipe.patchSize, 2, 256);
    reader.whole("context_length", recipe.contextLength, 8, 512);
    reader.whole("embedding_dim", recipe.embeddingDim, 8, 4096);
    reader.whole("vocabulary_size", recipe.vocabularySize, 514, 100000);
    reader.tower("vision", recipe.vision);
    reader.tower("text", recipe.text);
}

void readOptimiser(Reader& reader, TrainingRecipe& recipe) {
    reader.whole("steps", recipe.steps, 1, 100'000'000);
    reader.whole("batch_size", recipe.batchSize, 2, 65536);
    reader.number("learning_rate", recipe.learningRate, 0, 1);
    reader.whole("warm_up_steps", recipe.warmUpSteps, 0, 100'000'000);
    reader.number("final_learning_rate", recipe.finalLearningRate, 0, 1);
    reader.number("weight_decay", recipe.weightDecay, 0, 10);
    reader.number("beta1", recipe.beta1, 0, 0.9999999);
    reader.number("beta2", recipe.beta2, 0, 0.9999999);
    reader.number("epsilon", recipe.epsilon, 1e-16, 1);
    reader.number("clip_norm", recipe.clipNorm, 0, 1e6);
    reader.number("max_logit_scale", recipe.maxLogitScale, 1, 1e4);
    reader.text("precision", recipe.precision);
}

void readData(Reader& reader, TrainingRecipe& recipe) {
    reader.number("single_share", recipe.singleShare, 0, 1e6);
    reader.number("pair_share", recipe.pairShare, 0, 1e6);
    reader.number("count_share", recipe.countShare, 0, 1e6);
    reader.number("several_share", recipe.severalShare, 0, 1e6);
    reader.number("family_share", recipe.familyShare, 0, 1);
    reader.number("simple_share", recipe.simpleShare, 0, 1);
    reader.whole("simple_steps", recipe.simpleSteps, 0, 100'000'000);
    reader.whole("validate_every", recipe.validateEvery, 1, 100'000'000);
    reader.whole("validation_scenes", recipe.validationScenes, 1, 100000);
    reader.whole("checkpoint_every", recipe.checkpointEvery, 1, 100'000'000);
}

OrderedJson towerJson(const TowerRecipe& tower) {
    return {{"width", tower.width}, {"layers", tower.layers}, {"heads", tower.heads}};
}

} // namespace

TrainingRecipe TrainingRecipe::fromJson(const Json& json, std::string_view where) {
    TrainingRecipe recipe;
    Reader reader(json, std::string(where));
    reader.text("name", recipe.name);
    auto seed = static_cast<int64_t>(recipe.seed);
    reader.whole("seed", seed, 0, INT64_MAX);
    recipe.seed = static_cast<uint64_t>(seed);
    reader.text("objective", recipe.objective);
    readModel(reader, recipe);
    readOptimiser(reader, recipe);
    readData(reader, recipe);
    reader.finish();
    if (recipe.imageSize % recipe.patchSize != 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}: an image of {} pixels can't be divided into patches of {}", where,
                                recipe.imageSize, recipe.patchSize));
    if (recipe.singleShare + recipe.pairShare + recipe.countShare + recipe.severalShare <= 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}: all shares of the kinds of scenes are 0; one must be more", where));
    if (recipe.precision != "auto" && recipe.precision != "fp32" && recipe.precision != "bf16")
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{}: 'precision' is \"{}\"; it must be auto, fp32 or bf16", where, recipe.precision));
    return recipe;
}

TrainingRecipe TrainingRecipe::fromFile(const std::filesystem::path& path) {
    return fromJson(readJsonFile(path), path.filename().string());
}

OrderedJson TrainingRecipe::toJson() const {
    return {{"name", name},
            {"seed", seed},
            {"objective", objective},
            {"image_size", imageSize},
            {"patch_size", patchSize},
            {"context_length", contextLength},
            {"embedding_dim", embeddingDim},
            {"vocabulary_size", vocabularySize},
            {"vision", towerJson(vision)},
            {"text", towerJson(text)},
            {"steps", steps},
            {"batch_size", batchSize},
            {"learning_rate", learningRate},
            {"warm_up_steps", warmUpSteps},
            {"final_learning_rate", finalLearningRate},
            {"weight_decay", weightDecay},
            {"beta1", beta1},
            {"beta2", beta2},
            {"epsilon", epsilon},
            {"clip_norm", clipNorm},
            {"max_logit_scale", maxLogitScale},
            {"precision", precision},
            {"single_share", singleShare},
            {"pair_share", pairShare},
            {"count_share", countShare},
            {"several_share", severalShare},
            {"family_share", familyShare},
            {"simple_share", simpleShare},
            {"simple_steps", simpleSteps},
            {"validate_every", validateEvery},
            {"validation_scenes", validationScenes},
            {"checkpoint_every", checkpointEvery}};
}

double learningRateAt(const TrainingRecipe& recipe, int64_t step) {
    const int64_t warmUp = std::min(recipe.warmUpSteps, recipe.steps);
    if (step <= warmUp)
        return recipe.learningRate * static_cast<double>(step) / static_cast<double>(warmUp);
    const double done = static_cast<double>(step - warmUp) / static_cast<double>(recipe.steps - warmUp);
    const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, done)));
    return recipe.learningRate * (recipe.finalLearningRate + (1 - recipe.finalLearningRate) * cosine);
}

double simpleShareAt(const TrainingRecipe& recipe, int64_t step) {
    if (step < 1 || step >= recipe.simpleSteps)
        return recipe.simpleShare;
    const double done = static_cast<double>(step - 1) / static_cast<double>(recipe.simpleSteps);
    return 1 - (1 - recipe.simpleShare) * done;
}

} // namespace diptych
