// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/batches.h"

#include "core/models/nn/runtime.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

namespace diptych {
namespace {

/// [n, length] bool, true for the patches that a picture has.
at::Tensor filledMask(const std::vector<PatchGrid>& grids, int64_t length) {
    const at::Tensor mask = at::ones({static_cast<int64_t>(grids.size()), length}, at::kBool);
    for (size_t i = 0; i < grids.size(); ++i)
        if (const int64_t own = grids[i].patches(); own < length)
            mask[static_cast<int64_t>(i)].narrow(0, own, length - own).fill_(false);
    return mask;
}

} // namespace

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

std::pair<at::Tensor, at::Tensor> textsOnDevice(const TokenBatch& tokens, size_t first, size_t count,
                                                const at::Device& device) {
    const std::vector<int64_t> shape = {static_cast<int64_t>(count), static_cast<int64_t>(tokens.length)};
    // LibTorch has no constant tensors; the network only reads.
    const at::Tensor ids = at::from_blob(const_cast<int64_t*>(tokens.row(first).data()), shape, at::kLong);
    const at::Tensor mask = at::from_blob(
        const_cast<uint8_t*>(tokens.attentionMask.data()) + first * tokens.length, shape, at::kByte);
    return {ids.to(device), mask.to(device).to(at::kBool)};
}

PixelInput stackedPixels(std::span<const Prepared> samples, const Placement& placement) {
    std::vector<int64_t> shape = samples.front().shape;
    PixelInput input;
    for (const Prepared& sample : samples)
        if (sample.gridHeight > 0)
            input.grids.push_back({sample.gridHeight, sample.gridWidth});
    if (!input.grids.empty())
        shape[0] = std::ranges::max(input.grids, {}, &PatchGrid::patches).patches();
    const auto count =
        static_cast<size_t>(std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
    shape.insert(shape.begin(), static_cast<int64_t>(samples.size()));
    // Page-locked memory crosses to a GPU several times faster; the values change their type there, not here.
    const at::Tensor batch =
        at::empty(shape, at::TensorOptions(at::kFloat).pinned_memory(placement.device.is_cuda()));
    float* out = batch.mutable_data_ptr<float>();
    at::parallel_for(0, static_cast<int64_t>(samples.size()), 1, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
            std::copy_n(samples[i].values.begin(), count, out + i * count);
    });
    input.pixels = batch.to(placement.device).to(placement.compute);
    if (!input.grids.empty())
        input.mask = filledMask(input.grids, shape[1]).to(placement.device);
    return input;
}

} // namespace diptych
