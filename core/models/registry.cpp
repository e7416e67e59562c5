// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/models/clip.h"
#include "core/models/dual_encoder.h"
#include "core/models/nn/runtime.h"

#include <fmt/format.h>

#include <array>

namespace diptych {
namespace {

constexpr std::array<std::pair<Device, std::string_view>, 3> kDevices = {
    {{Device::Auto, "auto"}, {Device::Cpu, "cpu"}, {Device::Cuda, "cuda"}}};
constexpr std::array<std::pair<Precision, std::string_view>, 4> kPrecisions = {{{Precision::Auto, "auto"},
                                                                                {Precision::Fp32, "fp32"},
                                                                                {Precision::Bf16, "bf16"},
                                                                                {Precision::Fp16, "fp16"}}};

template<class Table, class Value>
std::string_view nameIn(const Table& table, Value value) {
    for (const auto& [entry, name] : table)
        if (entry == value)
            return name;
    DIPTYCH_ASSERT(!"every value has a name");
    return {};
}

template<class Table>
auto parseIn(const Table& table, std::string_view what, std::string_view given) {
    std::string known;
    for (const auto& [entry, name] : table) {
        if (name == given)
            return entry;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{} '{}' is not known; choose one of {}", what, toValidUtf8(given), known));
}

const ModelFamily& familyOf(const Checkpoint& checkpoint) {
    std::string known;
    for (const ModelFamily& family : modelFamilies()) {
        if (family.matches(checkpoint.config()))
            return family;
        known += (known.empty() ? "" : ", ") + family.id;
    }
    const std::string type = checkpoint.modelType();
    throw Error(ErrorCode::Unsupported,
                fmt::format("{}: {}; families that can be loaded: {}", displayPath(checkpoint.configPath()),
                            type.empty() ? std::string("'model_type' is missing")
                                         : fmt::format("model_type '{}' is not supported", toValidUtf8(type)),
                            known));
}

} // namespace

/// Every family there is, in the order they are tried. A new one is a file and a line here.
const std::vector<ModelFamily>& modelFamilies() {
    static const std::vector<ModelFamily> families = {clipFamily()};
    return families;
}

ModelInfo inspectModel(const Checkpoint& checkpoint) {
    return familyOf(checkpoint).inspect(checkpoint);
}

std::unique_ptr<DualEncoder> loadDualEncoder(std::shared_ptr<const Checkpoint> checkpoint,
                                             const EncoderOptions& options) {
    const ModelFamily& family = familyOf(*checkpoint);
    return family.load(std::move(checkpoint), options);
}

std::string embeddingKey(const ModelInfo& info, const ImageProcessor& processor, Precision precision,
                         ImageFeature feature) {
    DIPTYCH_ASSERT(precision != Precision::Auto);
    Hasher hasher;
    hasher.addField(info.family).addField(info.fingerprint).addField(processor.fingerprint());
    hasher.addField(precisionName(precision));
    hasher.addField(feature == ImageFeature::Projected ? "projected" : "pooled");
    return hasher.finish().hex();
}

EncoderOptions resolveEncoderOptions(const EncoderOptions& options) {
    const CudaProbe& cuda = probeCuda();
    if (options.device == Device::Cuda && !cuda.available)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("CUDA was asked for, but {}; use the CPU (--device cpu)", cuda.detail));
    EncoderOptions resolved = options;
    if (resolved.device == Device::Auto)
        resolved.device = cuda.available ? Device::Cuda : Device::Cpu;
    if (resolved.precision == Precision::Auto)
        resolved.precision = resolved.device == Device::Cuda ? Precision::Fp16 : Precision::Fp32;
    return resolved;
}

std::string_view deviceName(Device device) {
    return nameIn(kDevices, device);
}

std::string_view precisionName(Precision precision) {
    return nameIn(kPrecisions, precision);
}

Device parseDevice(std::string_view name) {
    return parseIn(kDevices, "Device", name);
}

Precision parsePrecision(std::string_view name) {
    return parseIn(kPrecisions, "Precision", name);
}

CudaStatus cudaStatus() {
    const CudaProbe& probe = probeCuda();
    return {probe.available, probe.detail};
}

} // namespace diptych
