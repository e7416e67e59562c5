// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_processor.h"

#include <string>
#include <string_view>

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

/// Where a model computes, how exactly, and on what.
struct Compute {
    Device device = Device::Auto; ///< Auto: CUDA where usable, else CPU
    /// Auto: fp16 on CUDA, fp32 on the CPU: the same command then gives the same numbers on every CPU, and
    /// they can be put beside published ones. bf16 is about twice as fast on CPUs with AVX512-BF16 or AMX, at
    /// cosine similarities that move in the third decimal: choose it where that is enough. On other CPUs
    /// bf16, and fp16 on every CPU, mean weights rounded to that type and computed with in fp32.
    Precision precision = Precision::Auto;
    unsigned threads = 0;      ///< CPU threads; 0 = all
    Alpha alpha = Alpha::Drop; ///< what the model sees of transparency
};
/// The same with every Auto decided for this machine. @throws Error if CUDA is asked for and not there
Compute resolveCompute(const Compute& compute);

} // namespace diptych
