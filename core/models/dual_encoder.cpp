// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/dual_encoder.h"

#include "core/models/nn/runtime.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace diptych {
namespace {

Placement placementOf(const Compute& compute) {
    Placement placement;
    const bool onCuda = compute.device == Device::Cuda;
    placement.device = onCuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (compute.precision == Precision::Bf16)
        placement.stored = at::kBFloat16;
    else if (compute.precision == Precision::Fp16)
        placement.stored = at::kHalf;
    const bool native = onCuda || (compute.precision == Precision::Bf16 && cpuHasBfloat16());
    placement.compute = native ? placement.stored : at::kFloat;
    return placement;
}

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

class DualEncoderModel final : public Model, public Embedder {
public:
    DualEncoderModel(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute,
                     DualEncoderParts parts)
        : m_checkpoint(std::move(checkpoint)),
          m_info(inspectDualEncoder(*m_checkpoint, parts)),
          m_parts(std::move(parts)),
          m_compute(resolveCompute(compute)),
          m_processor(m_checkpoint->imageProcessor().withAlpha(compute.alpha)) {
        if (m_info.faces.textEmbeddings)
            m_tokenizer = m_checkpoint->tokenizer();
        if (m_info.imageSize > 0 &&
            (m_processor.outputWidth() != m_info.imageSize || m_processor.outputHeight() != m_info.imageSize))
            throw Error(
                ErrorCode::Corrupt,
                fmt::format("{}: the preprocessing makes images of {} x {} pixels, the model takes {} x {}",
                            displayPath(m_info.directory), m_processor.outputWidth(),
                            m_processor.outputHeight(), m_info.imageSize, m_info.imageSize));
    }

    const ModelInfo& info() const override { return m_info; }
    const Compute& compute() const override { return m_compute; }
    void load() override;
    Prepared prepare(const Image& image) const override;
    std::string imageKey() const override { return m_processor.fingerprint(); }
    std::string textKey() const override;
    size_t batchSize() const override { return m_compute.device == Device::Cuda ? 256 : 32; }
    Embedder* embedder() override { return this; }

    Matrix embedImages(std::span<const Prepared> samples, ImageFeature feature) override;
    TokenBatch tokenize(std::span<const std::string> texts) const override;
    Matrix embedTokens(const TokenBatch& tokens) override;

private:
    void requireTexts() const;
    void checkTokens(const TokenBatch& tokens) const;
    void checkImages(std::span<const Prepared> samples) const;
    at::Tensor stacked(std::span<const Prepared> samples) const;

    std::shared_ptr<const Checkpoint> m_checkpoint;
    ModelInfo m_info;
    DualEncoderParts m_parts;
    Compute m_compute;
    ImageProcessor m_processor;
    std::shared_ptr<const Tokenizer> m_tokenizer; ///< null without texts
    Placement m_placement;
    std::unique_ptr<DualNetwork> m_network; ///< null until load()
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

Prepared DualEncoderModel::prepare(const Image& image) const {
    Prepared prepared;
    prepared.shape = {3, m_processor.outputHeight(), m_processor.outputWidth()};
    prepared.values.resize(size_t{3} * static_cast<size_t>(m_processor.outputHeight()) *
                           static_cast<size_t>(m_processor.outputWidth()));
    m_processor.process(image, prepared.values);
    return prepared;
}

std::string DualEncoderModel::textKey() const {
    return fmt::format("{} {}", m_checkpoint->tokenizerFingerprint(), m_info.contextLength);
}

void DualEncoderModel::checkImages(std::span<const Prepared> samples) const {
    for (const Prepared& sample : samples) {
        DIPTYCH_ASSERT(sample.shape.size() == 3);
        if (m_info.imageSize > 0 &&
            (sample.shape[1] != m_info.imageSize || sample.shape[2] != m_info.imageSize))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{} takes images of {} x {} pixels, these have {} x {}", m_info.name,
                                    m_info.imageSize, m_info.imageSize, sample.shape[2], sample.shape[1]));
        DIPTYCH_ASSERT(sample.shape == samples.front().shape);
    }
}

/// [n, ...] on the device, in the type computed with.
at::Tensor DualEncoderModel::stacked(std::span<const Prepared> samples) const {
    std::vector<int64_t> shape = samples.front().shape;
    shape.insert(shape.begin(), static_cast<int64_t>(samples.size()));
    const at::Tensor batch = at::empty(shape, at::kFloat);
    float* out = batch.mutable_data_ptr<float>();
    for (const Prepared& sample : samples)
        out = std::copy(sample.values.begin(), sample.values.end(), out);
    return batch.to(m_placement.device, m_placement.compute);
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
                stacked(samples.subspan(first, std::min(step, samples.size() - first))));
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
    requireTexts();
    checkTokens(tokens);
    load();
    return withTorchErrors("Encoding texts", [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_compute.threads);
        std::vector<at::Tensor> parts;
        const size_t step = 4 * batchSize(); // texts are short
        for (size_t first = 0; first < tokens.count; first += step) {
            const auto n = static_cast<int64_t>(std::min(step, tokens.count - first));
            const auto length = static_cast<int64_t>(tokens.length);
            // LibTorch has no constant tensors; the network only reads.
            const at::Tensor ids =
                at::from_blob(const_cast<int64_t*>(tokens.row(first).data()), {n, length}, at::kLong);
            const at::Tensor mask =
                at::from_blob(const_cast<uint8_t*>(tokens.attentionMask.data()) + first * tokens.length,
                              {n, length}, at::kByte);
            parts.push_back(
                m_network->embedTexts(ids.to(m_placement.device), mask.to(m_placement.device).to(at::kBool)));
        }
        return toMatrix(parts, static_cast<size_t>(m_info.embeddingDim), m_compute.precision);
    });
}

} // namespace

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
    return info;
}

std::unique_ptr<Model> openDualEncoder(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute,
                                       DualEncoderParts parts) {
    return std::make_unique<DualEncoderModel>(std::move(checkpoint), compute, std::move(parts));
}

} // namespace diptych
