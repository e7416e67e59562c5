// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace diptych {

/// Whether LibTorch can use a CUDA device, and if not, why.
struct CudaProbe {
    bool available = false;
    std::string detail; ///< the device's name, or the reason
};
/// Looks once per process: NVIDIA's driver must load and report a device; only then is LibTorch's CUDA half
/// loaded into the process. Must come before any other use of LibTorch that asks for CUDA (LibTorch remembers
/// the first answer), so whatever loads a model calls it first. Thread-safe.
const CudaProbe& probeCuda();

/// Makes LibTorch use so many threads for what the calling thread starts. @param threads 0 = all the process
/// may run on
void useTorchThreads(unsigned threads);

/// True if this CPU multiplies bfloat16 natively (AVX512-BF16 or AMX), so that bf16 is faster than fp32.
bool cpuHasBfloat16();

/// Turns an exception of LibTorch into an Error; called inside a catch block. @throws Error always
[[noreturn]] void rethrowTorchError(std::string_view doing, const c10::Error& error);

/// Runs @p work; LibTorch's exceptions come out as Error (OutOfMemory, Internal).
/// @param doing for the message, e.g. "Encoding images"
template<class Work>
auto withTorchErrors(std::string_view doing, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const c10::Error& error) {
        rethrowTorchError(doing, error);
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, std::string(doing) + ": not enough memory");
    }
}

} // namespace diptych
