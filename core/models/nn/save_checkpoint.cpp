// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/models/nn/weights.h"

namespace diptych {
namespace {

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
