// SPDX-License-Identifier: GPL-3.0-or-later
// How the weights of a CLIP network begin and how they are kept.
#include "core/base/hash.h"
#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/models/nn/clip_network.h"
#include "core/tensor/safetensors.h"

#include <cmath>
#include <cstring>
#include <numbers>
#include <thread>

namespace diptych {
namespace {

/// How one parameter starts: drawn from N(0, std²) where std > 0, else all @p value.
struct Start {
    double standardDeviation = 0, value = 0;
};

bool endsWith(const std::string& name, std::string_view end) {
    return name.ends_with(end);
}

/// Source: CLIPPreTrainedModel._init_weights of transformers 5.24.
Start startOf(const ClipConfig& config, const std::string& name) {
    const bool isVision = name.starts_with("vision_model.");
    const ClipTowerConfig& tower = isVision ? config.vision : config.text;
    const double factor = tower.initializerFactor;
    const auto width = static_cast<double>(tower.hiddenSize);
    const double inProjection =
        std::pow(width, -0.5) * std::pow(2.0 * static_cast<double>(tower.layers), -0.5);
    if (name == "logit_scale")
        return {0, config.logitScaleInit};
    if (name == "visual_projection.weight")
        return {config.initializerFactor * std::pow(static_cast<double>(config.vision.hiddenSize), -0.5)};
    if (name == "text_projection.weight")
        return {config.initializerFactor * std::pow(static_cast<double>(config.text.hiddenSize), -0.5)};
    if (endsWith(name, "class_embedding"))
        return {factor * std::pow(width, -0.5)};
    if (endsWith(name, "patch_embedding.weight") || endsWith(name, "position_embedding.weight"))
        return {factor * (isVision ? tower.initializerRange : 0.02)};
    if (endsWith(name, "token_embedding.weight"))
        return {factor * 0.02};
    if (endsWith(name, "fc1.weight"))
        return {factor * std::pow(2.0 * width, -0.5)};
    if (endsWith(name, "out_proj.weight"))
        return {factor * std::pow(width, -0.5)};
    if (endsWith(name, "fc2.weight") || endsWith(name, "_proj.weight"))
        return {factor * inProjection};
    return {0, endsWith(name, ".weight") ? 1.0 : 0.0}; // layer norms; biases
}

/// Box-Muller on our own generator: the draw depends on seed and name, not on LibTorch's version or threads.
void fillNormal(std::span<float> values, double standardDeviation, uint64_t seed) {
    Random random(seed);
    for (size_t i = 0; i < values.size(); i += 2) {
        const double radius = standardDeviation * std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
        const double angle = 2.0 * std::numbers::pi * random.uniform();
        values[i] = static_cast<float>(radius * std::cos(angle));
        if (i + 1 < values.size())
            values[i + 1] = static_cast<float>(radius * std::sin(angle));
    }
}

uint64_t seedFor(uint64_t seed, const std::string& name) {
    const Hash128 hash = hashText(name);
    uint64_t bits = 0;
    std::memcpy(&bits, hash.bytes.data(), sizeof(bits));
    return Random(seed ^ bits)();
}

DType safetensorsType(at::ScalarType dtype) {
    switch (dtype) {
    case at::kHalf:
        return DType::F16;
    case at::kBFloat16:
        return DType::BF16;
    default:
        DIPTYCH_ASSERT(dtype == at::kFloat);
        return DType::F32;
    }
}

} // namespace

ClipNetwork ClipNetwork::random(const ClipConfig& config, uint64_t seed) {
    const auto shapes = config.parameterShapes();
    std::vector<at::Tensor> tensors(shapes.size());
    for (size_t i = 0; i < shapes.size(); ++i)
        tensors[i] = at::empty(shapes[i].shape, at::kFloat);
    parallelFor(shapes.size(), std::max(1u, std::thread::hardware_concurrency()), [&](size_t i) {
        const Start start = startOf(config, shapes[i].name);
        const std::span<float> values(tensors[i].data_ptr<float>(), static_cast<size_t>(tensors[i].numel()));
        if (start.standardDeviation > 0)
            fillNormal(values, start.standardDeviation, seedFor(seed, shapes[i].name));
        else
            std::fill(values.begin(), values.end(), static_cast<float>(start.value));
    });
    ParameterMap parameters;
    for (size_t i = 0; i < shapes.size(); ++i)
        parameters[shapes[i].name] = tensors[i].requires_grad_(true);
    return ClipNetwork(config, std::move(parameters));
}

void saveCheckpoint(const std::filesystem::path& directory, const Json& config,
                    const ParameterMap& parameters, at::ScalarType dtype) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        throw errnoError(error.value(), "Cannot make the folder", displayPath(directory));
    std::vector<at::Tensor> kept; // owns the bytes the views show
    std::vector<TensorView> views;
    for (const auto& [name, tensor] : parameters) {
        kept.push_back(tensor.detach().to(at::kCPU, dtype).contiguous());
        const at::Tensor& t = kept.back();
        views.push_back({name,
                         safetensorsType(dtype),
                         t.sizes().vec(),
                         {static_cast<const std::byte*>(t.data_ptr()), static_cast<size_t>(t.nbytes())}});
    }
    writeSafetensors(directory / "model.safetensors", views, {{"format", "pt"}});
    writeFileAtomically(directory / "config.json", config.dump(2) + "\n");
}

} // namespace diptych
