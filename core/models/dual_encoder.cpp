// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/dual_encoder.h"

#include "core/models/batches.h"
#include "core/models/dual_explainer.h"
#include "core/models/nn/runtime.h"
#include "core/models/text_states.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

namespace diptych {
namespace {

/// Rows as a Matrix. @throws Error if a value is not finite: a cache must never hold such a row
Matrix toMatrix(const std::vector<at::Tensor>& parts, size_t columns, Precision precision) {
    size_t rows = 0;
    for (const at::Tensor& part : parts)
        rows += static_cast<size_t>(part.size(0));
    Matrix matrix(rows, columns);
    float* out = matrix.values().data();
    for (const at::Tensor& part : parts) {
        const at::Tensor values = part.to(at::kCPU, at::kFloat).contiguous();
        DIPTYCH_ASSERT(values.size(1) == static_cast<int64_t>(columns));
        if (!allFinite(values))
            throw Error(
                ErrorCode::Unsupported,
                fmt::format("The model's output is not finite in {}; choose {}", precisionName(precision),
                            precision == Precision::Fp16 ? "bf16 or fp32" : "another precision or model"));
        std::memcpy(out, values.const_data_ptr<float>(), values.nbytes());
        out += values.numel();
    }
    return matrix;
}

uint64_t memoryNeeded(const DualEncoderParts& parts, int64_t parameterCount) {
    constexpr int64_t kBatch = 32, kFloatBytes = 4;
    const int64_t pixels = int64_t{3} * parts.info.imageSize * parts.info.imageSize;
    return static_cast<uint64_t>(kFloatBytes *
                                 (parameterCount + kBatch * (parts.activationsPerImage + 2 * pixels)));
}

/// States of texts kept while matching.
constexpr size_t kTextStateBytes = size_t{256} << 20;

class DualEncoderModel final : public Model, public Embedder, public Matcher {
public:
    DualEncoderModel(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute,
                     DualEncoderParts parts)
        : m_checkpoint(std::move(checkpoint)),
          m_info(inspectDualEncoder(*m_checkpoint, parts)),
          m_parts(std::move(parts)),
          m_compute(resolveCompute(compute)),
          m_processor(m_checkpoint->imageProcessor(m_parts.sizes).withAlpha(compute.alpha)),
          m_textStates([this](std::span<const std::string> texts) { return statesOf(texts); },
                       kTextStateBytes) {
        if (m_info.faces.textEmbeddings || m_info.faces.matching)
            m_tokenizer = m_checkpoint->tokenizer();
        if (m_parts.sizes == OutputSizes::Any)
            checkPatches();
        else if (m_info.imageSize > 0 && (m_processor.outputWidth() != m_info.imageSize ||
                                          m_processor.outputHeight() != m_info.imageSize))
            throw Error(
                ErrorCode::Corrupt,
                fmt::format("{}: the preprocessing makes images of {} x {} pixels, the model takes {} x {}",
                            displayPath(m_info.directory), m_processor.outputWidth(),
                            m_processor.outputHeight(), m_info.imageSize, m_info.imageSize));
    }

    const ModelInfo& info() const override { return m_info; }
    const Compute& compute() const override { return m_compute; }
    void load() override;
    Prepared prepare(std::span<const Image> frames) const override;
    std::string imageKey() const override { return m_processor.fingerprint(); }
    std::string textKey() const override;
    size_t batchSize() const override { return m_compute.device == Device::Cuda ? 256 : 32; }
    Embedder* embedder() override { return this; }
    Matcher* matcher() override { return m_info.faces.matching ? this : nullptr; }
    Explainer* explainer() override;

    Matrix embedImages(std::span<const Prepared> samples, ImageFeature feature) override;
    TokenBatch tokenize(std::span<const std::string> texts) const override;
    Matrix embedTokens(const TokenBatch& tokens) override;
    int logitsPerPair() const override { return m_parts.logitsPerPair; }
    std::vector<TextMatches> match(std::span<const Prepared> samples,
                                   std::span<const std::vector<std::string>> texts) override;

private:
    void requireTexts() const;
    void checkPatches() const;
    void checkTokens(const TokenBatch& tokens) const;
    void checkImages(std::span<const Prepared> samples) const;
    TextStates::Rows statesOf(std::span<const std::string> texts) const;

    std::shared_ptr<const Checkpoint> m_checkpoint;
    ModelInfo m_info;
    DualEncoderParts m_parts;
    Compute m_compute;
    ImageProcessor m_processor;
    std::shared_ptr<const Tokenizer> m_tokenizer; ///< null without texts
    Placement m_placement;
    std::unique_ptr<DualNetwork> m_network;     ///< null until load()
    TextStates m_textStates;                    ///< of texts that are matched
    std::unique_ptr<DualExplainer> m_explainer; ///< null until explainer()
};

void DualEncoderModel::load() {
    if (m_network)
        return;
    withTorchErrors(fmt::format("Loading {}", m_info.name), [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_compute.threads);
        m_placement = placementOf(m_compute);
        m_network = m_parts.build(Weights::of(*m_checkpoint, m_placement));
    });
}

Explainer* DualEncoderModel::explainer() {
    if (!m_info.explains())
        return nullptr;
    if (!m_explainer)
        m_explainer = std::make_unique<DualExplainer>(m_checkpoint, m_parts, m_info, m_tokenizer, m_compute);
    return m_explainer.get();
}

/// Where pictures keep their proportions, the preprocessing cuts them into the patches of the model.
void DualEncoderModel::checkPatches() const {
    if (m_processor.maxPatches() == 0 || m_processor.patchSize() != m_info.patchSize)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: the preprocessing {}, the model takes patches of {} pixels",
                                displayPath(m_info.directory),
                                m_processor.maxPatches() == 0
                                    ? std::string("gives whole pictures")
                                    : fmt::format("cuts patches of {} pixels", m_processor.patchSize()),
                                m_info.patchSize));
}

Prepared DualEncoderModel::prepare(std::span<const Image> frames) const {
    const auto count = static_cast<size_t>(m_info.frames);
    if (frames.size() != count)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} takes {} of a sample, these are {}", m_info.name,
                                count == 1 ? std::string("one picture") : fmt::format("{} frames", count),
                                frames.size()));
    PreparedImage done = m_processor.prepare(frames.front());
    if (done.gridHeight > 0) {
        const int64_t patches = m_processor.maxPatches();
        return {{patches, static_cast<int64_t>(done.values.size()) / patches},
                std::move(done.values),
                done.gridHeight,
                done.gridWidth};
    }
    if (count == 1)
        return {{3, done.height, done.width}, std::move(done.values)};
    Prepared clip{{m_info.frames, 3, done.height, done.width}, std::move(done.values)};
    const size_t frameSize = clip.values.size();
    clip.values.resize(count * frameSize);
    for (size_t i = 1; i < count; ++i)
        m_processor.process(frames[i], std::span(clip.values).subspan(i * frameSize, frameSize));
    return clip;
}

std::string DualEncoderModel::textKey() const {
    return fmt::format("{} {}", m_checkpoint->tokenizerFingerprint(), m_info.contextLength);
}

void DualEncoderModel::checkImages(std::span<const Prepared> samples) const {
    for (const Prepared& sample : samples) {
        DIPTYCH_ASSERT(sample.shape == samples.front().shape);
        if (m_parts.sizes == OutputSizes::Any) {
            DIPTYCH_ASSERT(sample.shape.size() == 2 && sample.gridHeight > 0 && sample.gridWidth > 0);
            continue;
        }
        DIPTYCH_ASSERT(sample.shape.size() == (m_info.frames > 1 ? 4 : 3));
        const int64_t width = sample.shape.back(), height = sample.shape.end()[-2];
        if (m_info.imageSize > 0 && (height != m_info.imageSize || width != m_info.imageSize))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{} takes images of {} x {} pixels, these have {} x {}", m_info.name,
                                    m_info.imageSize, m_info.imageSize, width, height));
    }
}

Matrix DualEncoderModel::embedImages(std::span<const Prepared> samples, ImageFeature feature) {
    checkImages(samples);
    const bool projected = feature == ImageFeature::Projected;
    load();
    return withTorchErrors("Encoding images", [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_compute.threads);
        std::vector<at::Tensor> parts;
        const size_t step = batchSize();
        for (size_t first = 0; first < samples.size(); first += step) {
            const at::Tensor pooled = m_network->poolImages(
                stackedPixels(samples.subspan(first, std::min(step, samples.size() - first)), m_placement));
            parts.push_back(projected ? m_network->projectImages(pooled) : pooled);
        }
        return toMatrix(parts, static_cast<size_t>(projected ? m_info.embeddingDim : m_info.pooledDim),
                        m_compute.precision);
    });
}

void DualEncoderModel::requireTexts() const {
    if (!m_tokenizer)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} has no text tower: it embeds images alone", m_info.name));
}

TokenBatch DualEncoderModel::tokenize(std::span<const std::string> texts) const {
    requireTexts();
    return m_tokenizer->encodeBatch(texts, static_cast<size_t>(m_info.contextLength));
}

void DualEncoderModel::checkTokens(const TokenBatch& tokens) const {
    DIPTYCH_ASSERT(tokens.ids.size() == tokens.count * tokens.length);
    if (tokens.count > 0 && (tokens.length < 1 || tokens.length > static_cast<size_t>(m_info.contextLength)))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} takes texts of 1 to {} tokens, these have {}", m_info.name,
                                m_info.contextLength, tokens.length));
    for (size_t i = 0; i < tokens.ids.size(); ++i)
        if (tokens.ids[i] < 0 || tokens.ids[i] >= m_info.vocabularySize)
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format("Text {} has token {}, the vocabulary of {} has {}: the tokenizer is another "
                            "model's",
                            i / tokens.length, tokens.ids[i], m_info.name, m_info.vocabularySize));
}

Matrix DualEncoderModel::embedTokens(const TokenBatch& tokens) {
    if (!m_info.faces.textEmbeddings)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} has no embeddings of texts{}", m_info.name,
                                m_tokenizer ? " by themselves: what it makes of one depends on the clip"
                                            : ": it embeds images alone"));
    checkTokens(tokens);
    load();
    return withTorchErrors("Encoding texts", [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_compute.threads);
        std::vector<at::Tensor> parts;
        const size_t step = 4 * batchSize(); // texts are short
        for (size_t first = 0; first < tokens.count; first += step) {
            const auto [ids, mask] =
                textsOnDevice(tokens, first, std::min(step, tokens.count - first), m_placement.device);
            parts.push_back(m_network->embedTexts(ids, mask));
        }
        return toMatrix(parts, static_cast<size_t>(m_info.embeddingDim), m_compute.precision);
    });
}

/// @pre loaded, under withTorchErrors() and InferenceMode
TextStates::Rows DualEncoderModel::statesOf(std::span<const std::string> texts) const {
    const TokenBatch tokens = tokenize(texts);
    checkTokens(tokens);
    const auto [ids, mask] = textsOnDevice(tokens, 0, tokens.count, m_placement.device);
    return {m_network->statesOfTexts(ids, mask), mask};
}

std::vector<TextMatches> DualEncoderModel::match(std::span<const Prepared> samples,
                                                 std::span<const std::vector<std::string>> texts) {
    DIPTYCH_ASSERT(m_info.faces.matching && samples.size() == texts.size());
    checkImages(samples);
    load();
    std::vector<TextMatches> matches;
    for (size_t i = 0; i < samples.size(); ++i) {
        matches.push_back(withTorchErrors("Matching", [&] {
            const c10::InferenceMode inference;
            useTorchThreads(m_compute.threads);
            const PixelInput sample = stackedPixels(samples.subspan(i, 1), m_placement);
            TextMatches out;
            std::vector<at::Tensor> logits, embeddings;
            const size_t step = batchSize();
            const std::span<const std::string> own = texts[i];
            for (size_t first = 0; first < own.size(); first += step) {
                const auto [states, mask] =
                    m_textStates.of(own.subspan(first, std::min(step, own.size() - first)));
                DualNetwork::Matched part = m_network->match(sample, states, mask);
                logits.push_back(std::move(part.logits));
                if (part.texts.defined())
                    embeddings.push_back(std::move(part.texts));
            }
            out.logits = toMatrix(logits, static_cast<size_t>(m_parts.logitsPerPair), m_compute.precision);
            if (!embeddings.empty())
                out.texts =
                    toMatrix(embeddings, static_cast<size_t>(m_info.embeddingDim), m_compute.precision);
            return out;
        }));
    }
    return matches;
}

} // namespace

at::Tensor DualNetwork::statesOfTexts(const at::Tensor&, const at::Tensor&) const {
    throw Error(ErrorCode::Internal, "This network does not look at images and texts together");
}

DualNetwork::Matched DualNetwork::match(const PixelInput&, const at::Tensor&, const at::Tensor&) const {
    throw Error(ErrorCode::Internal, "This network does not look at images and texts together");
}

ModelInfo inspectDualEncoder(const Checkpoint& checkpoint, const DualEncoderParts& parts) {
    const Weights shapes = Weights::shapesOf(checkpoint);
    const auto network = parts.build(shapes);
    shapes.finish(parts.mayRemain);
    ModelInfo info = parts.info;
    info.similarity = network->similarity();
    if (!std::isfinite(info.similarity.scale))
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: tensor 'logit_scale' is so large that its exponential is infinite",
                                displayPath(checkpoint.fileOf("logit_scale"))));
    info.name = checkpoint.name();
    info.directory = checkpoint.directory();
    info.fingerprint = checkpoint.fingerprint();
    info.licence = checkpoint.licence();
    info.parameterCount = checkpoint.parameterCount();
    info.weightBytes = checkpoint.weightBytes();
    info.weightPrecision = shapes.storedPrecision();
    info.memoryNeededBytes = memoryNeeded(parts, info.parameterCount);
    info.faces.matching = parts.logitsPerPair > 0;
    return info;
}

std::unique_ptr<Model> openDualEncoder(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute,
                                       DualEncoderParts parts) {
    return std::make_unique<DualEncoderModel>(std::move(checkpoint), compute, std::move(parts));
}

} // namespace diptych
