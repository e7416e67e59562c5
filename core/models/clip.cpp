// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/clip.h"

#include "core/models/clip_checkpoint.h"
#include "core/models/nn/clip_network.h"
#include "core/models/nn/runtime.h"
#include "core/models/nn/weights.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace diptych {
namespace {

/// Where and in which types an encoder computes.
struct Placement {
    Device device = Device::Cpu;
    Precision precision = Precision::Fp32;
    at::ScalarType stored = at::kFloat;  ///< weights are rounded to this
    at::ScalarType compute = at::kFloat; ///< and computed with in this
    at::Device torchDevice() const {
        return device == Device::Cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    }
};

Placement placementFor(const EncoderOptions& options) {
    const EncoderOptions resolved = resolveEncoderOptions(options);
    Placement placement;
    placement.device = resolved.device;
    placement.precision = resolved.precision;
    const bool onCuda = placement.device == Device::Cuda;
    if (placement.precision == Precision::Bf16)
        placement.stored = at::kBFloat16;
    else if (placement.precision == Precision::Fp16)
        placement.stored = at::kHalf;
    const bool native = onCuda || (placement.precision == Precision::Bf16 && cpuHasBfloat16());
    placement.compute = native ? placement.stored : at::kFloat;
    return placement;
}

ClipConfig readConfig(const Checkpoint& checkpoint) {
    return ClipConfig::fromJson(checkpoint.config(), displayPath(checkpoint.configPath()));
}

ParameterMap readParameters(const Checkpoint& checkpoint, const ClipConfig& config,
                            const Placement& placement) {
    ParameterMap parameters;
    for (const ParameterShape& parameter : config.parameterShapes()) {
        const auto file = checkpoint.fileOf(parameter.name);
        const at::Tensor tensor = readWeight(*checkpoint.find(parameter.name), file).to(placement.stored);
        if (!allFinite(tensor))
            throw Error(ErrorCode::Unsupported,
                        fmt::format("{}: tensor '{}' has values beyond the range of {}; choose fp32 or bf16",
                                    displayPath(file), parameter.name, precisionName(placement.precision)));
        parameters[parameter.name] = tensor.to(placement.compute);
    }
    return parameters;
}

/// "fp32", "fp16", "bf16", or "mixed": what the weights of the towers are stored as.
std::string storedPrecision(const Checkpoint& checkpoint, const ClipConfig& config) {
    std::string found;
    for (const ParameterShape& parameter : config.parameterShapes()) {
        if (parameter.name == "logit_scale")
            continue;
        const DType dtype = checkpoint.find(parameter.name)->dtype;
        const std::string name = dtype == DType::F16    ? "fp16"
                                 : dtype == DType::BF16 ? "bf16"
                                 : dtype == DType::F64  ? "fp64"
                                                        : "fp32";
        if (!found.empty() && found != name)
            return "mixed";
        found = name;
    }
    return found;
}

uint64_t memoryNeeded(const ClipConfig& config, int64_t parameterCount) {
    constexpr int64_t kBatch = 32, kFloatBytes = 4;
    // Of one layer live at once: input, normalised, query, key, value, attended; the MLP's hidden values
    // twice.
    const int64_t perToken = 6 * config.vision.hiddenSize + 2 * config.vision.intermediateSize;
    const int64_t pixels = 3 * config.imageSize * config.imageSize;
    return static_cast<uint64_t>(kFloatBytes *
                                 (parameterCount + kBatch * (config.visionTokens() * perToken + 2 * pixels)));
}

/// The factor itself, e.g. 100; stored is its logarithm. In float32 whatever the weights are kept in.
float readLogitScale(const Checkpoint& checkpoint) {
    const auto file = checkpoint.fileOf("logit_scale");
    const float scale =
        std::exp(readWeight(*checkpoint.find("logit_scale"), file).to(at::kFloat).item<float>());
    if (!std::isfinite(scale))
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: tensor 'logit_scale' is so large that its exponential is infinite",
                                displayPath(file)));
    return scale;
}

ModelInfo inspectClip(const Checkpoint& checkpoint) {
    const ClipConfig config = readConfig(checkpoint);
    checkClipTensors(checkpoint, config);
    ModelInfo info;
    info.family = "clip";
    info.familyTitle = "CLIP";
    info.name = checkpoint.name();
    info.directory = checkpoint.directory();
    info.fingerprint = checkpoint.fingerprint();
    info.licence = checkpoint.licence();
    info.imageSize = static_cast<int>(config.imageSize);
    info.patchSize = static_cast<int>(config.patchSize);
    info.embeddingDim = static_cast<int>(config.projectionSize);
    info.contextLength = static_cast<int>(config.contextLength);
    info.vocabularySize = static_cast<int>(config.vocabularySize);
    info.visionLayers = static_cast<int>(config.vision.layers);
    info.visionWidth = static_cast<int>(config.vision.hiddenSize);
    info.textLayers = static_cast<int>(config.text.layers);
    info.textWidth = static_cast<int>(config.text.hiddenSize);
    info.parameterCount = checkpoint.parameterCount();
    info.weightBytes = checkpoint.weightBytes();
    info.weightPrecision = storedPrecision(checkpoint, config);
    info.memoryNeededBytes = memoryNeeded(config, info.parameterCount);
    info.logitScale = readLogitScale(checkpoint);
    return info;
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

class ClipEncoder final : public DualEncoder {
public:
    ClipEncoder(std::shared_ptr<const Checkpoint> checkpoint, const EncoderOptions& options)
        : m_info(inspectClip(*checkpoint)),
          m_tokenizer(checkpoint->tokenizer()),
          m_processor(checkpoint->imageProcessor()),
          m_placement(placementFor(options)),
          m_threads(options.threads),
          m_network(buildNetwork(*checkpoint, m_placement, options)) {
        if (m_processor.outputWidth() != m_info.imageSize || m_processor.outputHeight() != m_info.imageSize)
            throw Error(
                ErrorCode::Corrupt,
                fmt::format("{}: the preprocessing makes images of {} x {} pixels, the model takes {} x {}",
                            displayPath(m_info.directory), m_processor.outputWidth(),
                            m_processor.outputHeight(), m_info.imageSize, m_info.imageSize));
    }

    const ModelInfo& info() const override { return m_info; }
    Device device() const override { return m_placement.device; }
    Precision precision() const override { return m_placement.precision; }
    const Tokenizer& tokenizer() const override { return *m_tokenizer; }
    const ImageProcessor& imageProcessor() const override { return m_processor; }
    float logitScale() const override { return m_info.logitScale; }
    float logitBias() const override { return 0; }
    size_t preferredBatchSize() const override { return m_placement.device == Device::Cuda ? 256 : 32; }
    Matrix encodeImages(const PixelBatch& pixels, ImageFeature feature) override;
    Matrix encodeTexts(const TokenBatch& tokens) override;

private:
    static ClipNetwork buildNetwork(const Checkpoint& checkpoint, const Placement& placement,
                                    const EncoderOptions& options);
    void checkTokens(const TokenBatch& tokens) const;

    ModelInfo m_info;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    ImageProcessor m_processor;
    Placement m_placement;
    unsigned m_threads;
    ClipNetwork m_network;
};

ClipNetwork ClipEncoder::buildNetwork(const Checkpoint& checkpoint, const Placement& placement,
                                      const EncoderOptions& options) {
    return withTorchErrors(fmt::format("Loading {}", checkpoint.name()), [&] {
        const c10::InferenceMode inference;
        useTorchThreads(options.threads);
        const ClipConfig config = readConfig(checkpoint);
        ClipNetwork network(config, readParameters(checkpoint, config, placement));
        network.freeze(placement.torchDevice(), placement.compute,
                       options.plainLinear ? Kernels::Plain : Kernels::Packed);
        return network;
    });
}

Matrix ClipEncoder::encodeImages(const PixelBatch& pixels, ImageFeature feature) {
    if (pixels.count > 0 && (pixels.height != m_info.imageSize || pixels.width != m_info.imageSize))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{} takes images of {} x {} pixels, these have {} x {}", m_info.name,
                                m_info.imageSize, m_info.imageSize, pixels.width, pixels.height));
    DIPTYCH_ASSERT(pixels.values.size() == pixels.count * pixels.imageSize());
    const bool projected = feature == ImageFeature::Projected;
    return withTorchErrors("Encoding images", [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_threads);
        std::vector<at::Tensor> parts;
        const size_t step = preferredBatchSize();
        for (size_t first = 0; first < pixels.count; first += step) {
            const size_t n = std::min(step, pixels.count - first);
            // LibTorch has no constant tensors; the network only reads.
            const at::Tensor batch =
                at::from_blob(const_cast<float*>(pixels.image(first).data()),
                              {static_cast<int64_t>(n), 3, pixels.height, pixels.width}, at::kFloat);
            const at::Tensor pooled = m_network.poolImages(batch);
            parts.push_back(projected ? m_network.projectImages(pooled) : pooled);
        }
        return toMatrix(parts, static_cast<size_t>(projected ? m_info.embeddingDim : m_info.visionWidth),
                        m_placement.precision);
    });
}

void ClipEncoder::checkTokens(const TokenBatch& tokens) const {
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

Matrix ClipEncoder::encodeTexts(const TokenBatch& tokens) {
    checkTokens(tokens);
    return withTorchErrors("Encoding texts", [&] {
        const c10::InferenceMode inference;
        useTorchThreads(m_threads);
        std::vector<at::Tensor> parts;
        const size_t step = 4 * preferredBatchSize(); // texts are short
        for (size_t first = 0; first < tokens.count; first += step) {
            const size_t n = std::min(step, tokens.count - first);
            const at::Tensor ids =
                at::from_blob(const_cast<int64_t*>(tokens.row(first).data()),
                              {static_cast<int64_t>(n), static_cast<int64_t>(tokens.length)}, at::kLong);
            parts.push_back(m_network.encodeTexts(ids));
        }
        return toMatrix(parts, static_cast<size_t>(m_info.embeddingDim), m_placement.precision);
    });
}

/// Also CLIP's single towers, so that they get an answer that fits.
bool matchesClip(const Json& config) {
    const std::string type = jsonString(config, "model_type", std::string(), "config.json");
    return type == "clip" || type == "clip_text_model" || type == "clip_vision_model";
}

void refuseSingleTower(const Checkpoint& checkpoint) {
    if (const std::string type = checkpoint.modelType(); type != "clip")
        throw Error(
            ErrorCode::Unsupported,
            fmt::format("{}: model_type '{}' is only one of CLIP's towers; a CLIPModel with both towers and "
                        "their projections is needed to compare images with texts",
                        displayPath(checkpoint.configPath()), type));
}

ModelInfo inspectAnyClip(const Checkpoint& checkpoint) {
    refuseSingleTower(checkpoint);
    return inspectClip(checkpoint);
}

std::unique_ptr<DualEncoder> loadClip(std::shared_ptr<const Checkpoint> checkpoint,
                                      const EncoderOptions& options) {
    refuseSingleTower(*checkpoint);
    return std::make_unique<ClipEncoder>(std::move(checkpoint), options);
}

} // namespace

ModelFamily clipFamily() {
    return {"clip", "CLIP", matchesClip, inspectAnyClip, loadClip};
}

} // namespace diptych
