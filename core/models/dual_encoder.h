// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/image/image_processor.h"
#include "core/models/checkpoint.h"
#include "core/tensor/matrix.h"
#include "core/text/tokenizer.h"

#include <memory>
#include <string>
#include <vector>

namespace diptych {

enum class Device { Auto, Cpu, Cuda };
enum class Precision { Auto, Fp32, Bf16, Fp16 };
std::string_view deviceName(Device device);          ///< "auto", "cpu", "cuda"
std::string_view precisionName(Precision precision); ///< "auto", "fp32", "bf16", "fp16"
Device parseDevice(std::string_view name);           ///< @throws Error InvalidArgument
Precision parsePrecision(std::string_view name);     ///< @throws Error InvalidArgument
/// Whether a CUDA device can be used now, and if not, why (no driver, CUDA libraries of LibTorch absent).
struct CudaStatus {
    bool available = false;
    std::string detail;
};
CudaStatus cudaStatus();

struct EncoderOptions {
    Device device = Device::Auto; ///< Auto: CUDA where usable, else CPU
    /// Auto: fp16 on CUDA, fp32 on the CPU: the same command then gives the same numbers on every CPU, and
    /// they can be put beside published ones. bf16 is about twice as fast on CPUs with AVX512-BF16 or AMX, at
    /// cosine similarities that move in the third decimal: choose it where that is enough. On other CPUs
    /// bf16, and fp16 on every CPU, mean weights rounded to that type and computed with in fp32.
    Precision precision = Precision::Auto;
    unsigned threads = 0; ///< CPU threads; 0 = all
    /// The benchmark's baseline: one at::linear after the other, no packed weights, nothing fused or left
    /// out.
    bool plainLinear = false;
};
/// The same options with every Auto decided for this machine. @throws Error if CUDA is asked for and not
/// there
EncoderOptions resolveEncoderOptions(const EncoderOptions& options);

/// What the Models page and `diptych models` show; read from config and headers, no weights loaded.
struct ModelInfo {
    std::string family;      ///< registry id, e.g. "clip"
    std::string familyTitle; ///< "CLIP"
    std::string name;
    std::filesystem::path directory;
    std::string fingerprint; ///< weights, config
    std::string licence;
    int imageSize = 0, patchSize = 0, embeddingDim = 0, contextLength = 0, vocabularySize = 0;
    int visionLayers = 0, visionWidth = 0, textLayers = 0, textWidth = 0;
    int64_t parameterCount = 0;
    uint64_t weightBytes = 0;
    std::string weightPrecision;         ///< dtype of the stored weights: "fp32", ...
    uint64_t memoryNeededBytes = 0;      ///< estimate: weights in fp32 plus activations of a batch of 32
    float logitScale = 1, logitBias = 0; ///< as DualEncoder gives them

    Json toJson() const;
    /// @throws Error Corrupt
    static ModelInfo fromJson(const Json& json, std::string_view where);
};

/// Which image feature: after the projection (what CLIP compares) or the pooled tower output before it (what
/// linear probes of the CLIP paper use).
enum class ImageFeature { Projected, Pooled };

/// A model with an image tower and a text tower whose embeddings share a space. One thread at a time.
class DualEncoder {
public:
    virtual ~DualEncoder() = default;
    virtual const ModelInfo& info() const = 0;
    virtual Device device() const = 0;       ///< never Auto
    virtual Precision precision() const = 0; ///< never Auto
    virtual const Tokenizer& tokenizer() const = 0;
    virtual const ImageProcessor& imageProcessor() const = 0;
    /// [count, embeddingDim] (Projected) or [count, visionWidth] (Pooled), not normalised. @throws Error,
    /// Cancelled
    virtual Matrix encodeImages(const PixelBatch& pixels, ImageFeature feature = ImageFeature::Projected) = 0;
    /// [count, embeddingDim], not normalised.
    virtual Matrix encodeTexts(const TokenBatch& tokens) = 0;
    virtual float logitScale() const = 0; ///< already exponentiated, e.g. 100
    virtual float logitBias() const = 0;  ///< 0 for CLIP; SigLIP has one
    /// Images a batch should hold on this device for good speed.
    virtual size_t preferredBatchSize() const = 0;
};

/// Key of cached embeddings: family, weights, preprocessing, precision and feature (not the device: same
/// numbers up to rounding). @param precision never Auto
std::string embeddingKey(const ModelInfo& info, const ImageProcessor& processor, Precision precision,
                         ImageFeature feature);

/// One family of models. Stateless table entry; adding one is a file and a line in registry.cpp.
struct ModelFamily {
    std::string id;    ///< "clip"
    std::string title; ///< "CLIP"
    bool (*matches)(const Json& config);
    ModelInfo (*inspect)(const Checkpoint& checkpoint); ///< also checks every tensor's presence and shape
    std::unique_ptr<DualEncoder> (*load)(std::shared_ptr<const Checkpoint> checkpoint,
                                         const EncoderOptions& options);
};
const std::vector<ModelFamily>& modelFamilies();

/// @throws Error Unsupported that names model_type and the families known
ModelInfo inspectModel(const Checkpoint& checkpoint);
std::unique_ptr<DualEncoder> loadDualEncoder(std::shared_ptr<const Checkpoint> checkpoint,
                                             const EncoderOptions& options);

} // namespace diptych
