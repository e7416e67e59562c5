// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/language.h"
#include "core/image/image_processor.h"
#include "core/text/tokenizer.h"
#include "core/training/recipe.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace diptych {

/// A scene with the caption it is trained with.
struct CaptionedScene {
    blocks::Scene scene;
    blocks::Statement statement;
    std::string caption;
};

/// What one training step sees.
struct TrainingBatch {
    PixelBatch pixels; ///< [n, 3, imageSize, imageSize]
    TokenBatch tokens; ///< [n, contextLength]
    /// [n, n] row-major: caption j is true of image i. The diagonal is all true.
    std::vector<uint8_t> trueOf;
};

/// The captioned scenes of a step: a function of recipe and step alone, so a resumed run sees what an
/// uninterrupted one would have. Only scenes of Split::Train; no caption occurs twice in a batch if it can be
/// helped.
std::vector<CaptionedScene> drawScenes(const TrainingRecipe& recipe, int64_t step);

/// Captions to learn a tokenizer from, drawn as training draws them. Deterministic.
std::vector<std::string> tokenizerCorpus(const TrainingRecipe& recipe);

/// Makes the batches of consecutive steps on a thread of its own, a few ahead of the training loop.
class BatchProducer {
public:
    /// @param firstStep the first that next() returns
    BatchProducer(const TrainingRecipe& recipe, std::shared_ptr<const Tokenizer> tokenizer,
                  const ImageProcessor& processor, int64_t firstStep);
    ~BatchProducer();
    BatchProducer(const BatchProducer&) = delete;
    BatchProducer& operator=(const BatchProducer&) = delete;

    /// Waits for the next step's batch. @throws what making it threw
    TrainingBatch next();

private:
    void produce(const std::stop_token& stop, int64_t step);
    TrainingBatch make(int64_t step) const;

    const TrainingRecipe m_recipe;
    const std::shared_ptr<const Tokenizer> m_tokenizer;
    const ImageProcessor m_processor;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<TrainingBatch> m_ready;
    std::exception_ptr m_failure;
    std::jthread m_thread; ///< last: stops and joins before what it uses goes
};

} // namespace diptych
