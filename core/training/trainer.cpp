// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/trainer.h"

#include "core/base/file.h"
#include "core/base/temporary_files.h"
#include "core/models/nn/runtime.h"
#include "core/text/bpe_trainer.h"
#include "core/training/batches.h"
#include "core/training/model_card.h"
#include "core/training/objective.h"
#include "core/training/validation.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <numbers>

namespace diptych {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kPointEvery = 25;

/// While it lives, products are computed in bfloat16 (parameters and sums stay in float32).
class Bfloat16Products {
public:
    explicit Bfloat16Products(bool on) : m_on(on) {
        if (!m_on)
            return;
        at::autocast::set_autocast_enabled(at::kCPU, true);
        at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    }
    ~Bfloat16Products() {
        if (!m_on)
            return;
        at::autocast::clear_cache(); // copies of weights that are about to change
        at::autocast::set_autocast_enabled(at::kCPU, false);
    }
    Bfloat16Products(const Bfloat16Products&) = delete;
    Bfloat16Products& operator=(const Bfloat16Products&) = delete;

private:
    bool m_on;
};

Json preprocessorConfig(const TrainingRecipe& recipe) {
    return {{"image_processor_type", "CLIPImageProcessor"},
            {"do_convert_rgb", true},
            {"do_resize", true},
            {"size", {{"shortest_edge", recipe.imageSize}}},
            {"resample", static_cast<int>(Resample::Bicubic)},
            {"do_center_crop", true},
            {"crop_size", {{"height", recipe.imageSize}, {"width", recipe.imageSize}}},
            {"do_rescale", true},
            {"rescale_factor", 1.0 / 255.0},
            {"do_normalize", true},
            {"image_mean", {0.5, 0.5, 0.5}},
            {"image_std", {0.25, 0.25, 0.25}}};
}

ClipTowerConfig towerConfig(const TowerRecipe& tower) {
    ClipTowerConfig config;
    config.hiddenSize = tower.width;
    config.intermediateSize = 4 * tower.width;
    config.layers = tower.layers;
    config.heads = tower.heads;
    config.activation = Activation::Gelu;
    return config;
}

ClipConfig clipConfig(const TrainingRecipe& recipe, const Tokenizer& tokenizer) {
    ClipConfig config;
    config.vision = towerConfig(recipe.vision);
    config.text = towerConfig(recipe.text);
    config.imageSize = recipe.imageSize;
    config.patchSize = recipe.patchSize;
    config.vocabularySize = static_cast<int64_t>(tokenizer.vocabularySize());
    config.contextLength = recipe.contextLength;
    config.padTokenId = tokenizer.padId();
    config.bosTokenId = tokenizer.encode("", 2).front();
    config.eosTokenId = tokenizer.eosId();
    config.projectionSize = recipe.embeddingDim;
    return config;
}

/// Another start for the vision tower's first layer than CLIP's, whose patch weights are so small that a
/// short run learns little but mean colours: larger patch weights (measured on shapes, supervised, 150 steps
/// of 64: 36 % instead of 23 %), and waves of several lengths across and down in place of noise in the
/// position table (the class token's row stays).
void startVision(const ClipConfig& config, const ParameterMap& parameters) {
    constexpr double kPatchFactor = 5;                               // standard deviation 0.1 instead of 0.02
    constexpr double kAmplitude = 1.0, kShortest = 4, kLongest = 32; // in patches
    const at::NoGradGuard noGradients;
    at::Tensor patches = parameters.at("vision_model.embeddings.patch_embedding.weight");
    patches.mul_(kPatchFactor);
    at::Tensor table = parameters.at("vision_model.embeddings.position_embedding.weight");
    const int64_t grid = config.gridSize(), width = table.size(1), waves = width / 4;
    auto value = table.accessor<float, 2>();
    for (int64_t cell = 0; cell < grid * grid; ++cell) {
        for (int64_t k = 0; k < waves; ++k) {
            const double share = waves > 1 ? static_cast<double>(k) / static_cast<double>(waves - 1) : 0;
            const double turn = 2 * std::numbers::pi / (kShortest * std::pow(kLongest / kShortest, share));
            const double x = turn * static_cast<double>(cell % grid),
                         y = turn * static_cast<double>(cell / grid);
            const double parts[] = {std::sin(x), std::cos(x), std::sin(y), std::cos(y)};
            for (int64_t part = 0; part < 4; ++part)
                value[cell + 1][part * waves + k] = static_cast<float>(kAmplitude * parts[part]);
        }
    }
}

/// Learns the tokenizer anew every time: it is quick, and the same each time.
std::shared_ptr<const Tokenizer> makeTokenizer(const TrainingRecipe& recipe, const fs::path& directory,
                                               const RunContext& context) {
    const std::vector<std::string> corpus = tokenizerCorpus(recipe);
    trainBpe(corpus, static_cast<size_t>(recipe.vocabularySize), directory, context);
    return loadTokenizer(directory);
}

TrainingTensors toTensors(const TrainingBatch& batch) {
    const auto n = static_cast<int64_t>(batch.pixels.count);
    const auto copied = [](const auto& values, at::IntArrayRef shape, at::ScalarType type) {
        at::Tensor out = at::empty(shape, type);
        std::memcpy(out.mutable_data_ptr(), values.data(), static_cast<size_t>(out.nbytes()));
        return out;
    };
    return {copied(batch.pixels.values, {n, 3, batch.pixels.height, batch.pixels.width}, at::kFloat),
            copied(batch.tokens.ids, {n, static_cast<int64_t>(batch.tokens.length)}, at::kLong),
            copied(batch.trueOf, {n, n}, at::kBool)};
}

/// One run, from the folder's state to its end.
class Training {
public:
    Training(const TrainingRecipe& recipe, const fs::path& directory, const RunContext& context)
        : m_recipe(recipe),
          m_directory(directory),
          m_context(context),
          m_bf16(recipe.precision == "bf16" || (recipe.precision == "auto" && cpuHasBfloat16())),
          m_tokenizer(makeTokenizer(recipe, directory, context)),
          m_processor(ImageProcessor::fromConfig(preprocessorConfig(recipe), "recipe")),
          m_weights(randomWeights(clipConfig(recipe, *m_tokenizer), recipe.seed)),
          m_network(m_weights, clipConfig(recipe, *m_tokenizer)),
          m_optimizer(recipe, m_weights.parameters()),
          m_objective(makeObjective(recipe.objective)) {
        m_record.recipe = recipe;
        for (const auto& [name, tensor] : m_weights.parameters())
            m_record.parameters += tensor.numel();
        startVision(m_network.config(), m_weights.parameters());
        if (fs::exists(directory / kStateFile)) {
            m_record = restoreState(directory, m_weights.parameters(), m_optimizer);
            m_resumed = true;
        }
        writeFileAtomically(directory / "preprocessor_config.json",
                            preprocessorConfig(recipe).dump(2) + "\n");
    }

    void run() {
        const Validator validator(m_recipe, *m_tokenizer, m_processor, m_context.threads);
        BatchProducer batches(m_recipe, m_tokenizer, m_processor, m_record.steps + 1);
        m_context.begin("Training", m_recipe.steps, m_record.steps);
        while (m_record.steps < m_recipe.steps) {
            if (m_context.cancelled()) {
                save();
                throw Cancelled();
            }
            step(batches.next());
            const int64_t done = m_record.steps;
            const bool last = done == m_recipe.steps;
            if (done % m_recipe.validateEvery == 0 || last)
                addPoint(measure(validator));
            else if (done % kPointEvery == 0)
                addPoint({});
            if (done % m_recipe.checkpointEvery == 0 && !last)
                save();
            m_context.advance();
        }
        m_context.end();
        finish();
    }

    const TrainingRecord& record() const { return m_record; }
    bool resumed() const { return m_resumed; }

private:
    void step(const TrainingBatch& batch) {
        const double rate = learningRateAt(m_recipe, ++m_record.steps);
        const TrainingTensors tensors = toTensors(batch);
        at::Tensor loss;
        {
            const Bfloat16Products products(m_bf16);
            loss = m_objective->loss(m_network, tensors);
        }
        loss.backward();
        m_gradientNorm = m_optimizer.step(rate);
        {
            const at::NoGradGuard noGradients;
            at::Tensor scale = m_network.logitScale();
            scale.clamp_(std::nullopt, std::log(m_recipe.maxLogitScale));
        }
        m_lossSum += loss.item<double>();
        ++m_lossCount;
        m_context.message(
            fmt::format("loss {:.3f}{}", m_lossSum / static_cast<double>(m_lossCount), m_accuracyText));
    }

    std::map<std::string, double> measure(const Validator& validator) {
        const Bfloat16Products products(m_bf16);
        std::map<std::string, double> accuracy = validator.accuracies(m_network);
        m_accuracyText.clear();
        for (const auto& [id, value] : accuracy)
            m_accuracyText += fmt::format("  {} {:.0f}%", id.substr(id.find('-') + 1), 100 * value);
        return accuracy;
    }

    void addPoint(std::map<std::string, double> accuracy) {
        TrainingPoint point;
        point.step = m_record.steps;
        point.loss = m_lossCount > 0 ? m_lossSum / static_cast<double>(m_lossCount) : 0;
        point.learningRate = learningRateAt(m_recipe, m_record.steps);
        point.gradientNorm = m_gradientNorm;
        point.logitScale = std::exp(m_network.logitScale().item<double>());
        point.accuracy = std::move(accuracy);
        m_record.history.push_back(std::move(point));
        m_lossSum = 0;
        m_lossCount = 0;
    }

    /// The state first: should the rest fail, the run still goes on from here.
    void save() {
        saveState(m_directory, m_weights.parameters(), m_optimizer, m_record);
        saveModel();
        writeRecord(m_directory, m_record);
    }

    /// A model that cannot be written leaves the state with all its steps. It alone may fit on a full disk,
    /// so a state that cannot be written is no reason not to try.
    void finish() {
        try {
            saveState(m_directory, m_weights.parameters(), m_optimizer, m_record);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::DiskFull)
                throw;
        }
        saveModel();
        m_record.finished = true;
        writeRecord(m_directory, m_record);
        fs::remove(m_directory / kStateFile);
    }

    void saveModel() {
        saveCheckpoint(m_directory, m_network.config().toJson(), m_weights.parameters(), at::kHalf);
        writeFileAtomically(m_directory / "README.md", modelCard(m_record));
    }

    const TrainingRecipe m_recipe;
    const fs::path m_directory;
    const RunContext m_context;
    const bool m_bf16;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    ImageProcessor m_processor;
    Weights m_weights;
    ClipNetwork m_network;
    AdamW m_optimizer;
    std::unique_ptr<Objective> m_objective;
    TrainingRecord m_record;
    bool m_resumed = false;
    double m_lossSum = 0, m_gradientNorm = 0;
    int64_t m_lossCount = 0;
    std::string m_accuracyText;
};

} // namespace

TrainingResult train(const TrainingRecipe& recipe, const fs::path& outputDirectory,
                     const RunContext& context) {
    const auto started = std::chrono::steady_clock::now();
    std::error_code error;
    fs::create_directories(outputDirectory, error);
    if (error)
        throw errnoError(error.value(), "Cannot make the folder", displayPath(outputDirectory));
    sweepTemporaryFiles(outputDirectory);
    TrainingResult result;
    result.directory = outputDirectory;
    const auto fill = [&](const TrainingRecord& record) {
        result.steps = record.steps;
        result.parameters = record.parameters;
        result.history = record.history;
    };
    if (const auto record = readRecord(outputDirectory)) {
        if (record->recipe.toJson() != recipe.toJson())
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format(
                    "{} holds a training run of another recipe; choose an empty folder, or the recipe "
                    "in its {} to go on with it",
                    displayPath(outputDirectory), kLogFile));
        if (record->finished) {
            fill(*record);
            return result;
        }
    }
    return withTorchErrors("Training", [&] {
        useTorchThreads(context.threads);
        Training training(recipe, outputDirectory, context);
        training.run();
        fill(training.record());
        result.resumed = training.resumed();
        result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        return result;
    });
}

} // namespace diptych
