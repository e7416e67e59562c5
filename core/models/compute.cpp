// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/compute.h"

#include "core/base/file.h"
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

} // namespace

Compute resolveCompute(const Compute& compute) {
    const CudaProbe& cuda = probeCuda();
    if (compute.device == Device::Cuda && !cuda.available)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("CUDA was asked for, but {}; use the CPU (--device cpu)", cuda.detail));
    Compute resolved = compute;
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
