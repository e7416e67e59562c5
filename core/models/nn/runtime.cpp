// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/runtime.h"

#include "core/base/file.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <thread>

namespace diptych {
namespace {

/// Why there is no NVIDIA device, or nothing. Talks to the driver itself: loading LibTorch's CUDA libraries
/// costs seconds and gigabytes, which a machine without a device should not pay.
std::string driverProblem() {
    void* driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!driver)
        return "no NVIDIA driver is installed (libcuda.so.1 does not load)";
    const auto init = reinterpret_cast<int (*)(unsigned)>(::dlsym(driver, "cuInit"));
    const auto getCount = reinterpret_cast<int (*)(int*)>(::dlsym(driver, "cuDeviceGetCount"));
    if (!init || !getCount)
        return "the NVIDIA driver library lacks cuInit or cuDeviceGetCount";
    if (const int status = init(0); status != 0)
        return fmt::format("the NVIDIA driver does not start (cuInit gives error {})", status);
    int count = 0;
    if (const int status = getCount(&count); status != 0)
        return fmt::format("the NVIDIA driver does not list its devices (error {})", status);
    return count > 0 ? std::string() : "the NVIDIA driver reports no device";
}

CudaProbe probeOnce() {
    if (std::string problem = driverProblem(); !problem.empty())
        return {false, std::move(problem)};
    // Global, as the linker would have loaded it: its operators register themselves with libtorch_cpu. Found
    // beside libtorch_cpu through the program's own search path.
    if (!::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL)) {
        const char* reason = ::dlerror();
        return {false, fmt::format("LibTorch's CUDA libraries do not load ({}); install the full wheel",
                                   toValidUtf8(reason ? reason : "no reason given"))};
    }
    try {
        if (!at::hasCUDA() || at::detail::getCUDAHooks().deviceCount() < 1)
            return {false, "LibTorch's CUDA libraries are loaded but find no usable device"};
        at::zeros({1}, at::kCUDA).add_(1).cpu(); // a kernel really runs
    } catch (const std::exception& error) {
        const std::string text = toValidUtf8(error.what());
        return {false, fmt::format("the CUDA device does not work: {}", text.substr(0, text.find('\n')))};
    }
    return {true, "CUDA device 0"};
}

} // namespace

const CudaProbe& probeCuda() {
    static const CudaProbe probe = probeOnce();
    return probe;
}

void useTorchThreads(unsigned threads) {
    const int wanted =
        static_cast<int>(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
    // LibTorch keeps the number per calling thread.
    if (at::get_num_threads() != wanted)
        at::set_num_threads(wanted);
}

bool cpuHasBfloat16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

void rethrowTorchError(std::string_view doing, const c10::Error& error) {
    const std::string text = toValidUtf8(error.what_without_backtrace());
    const bool memory = dynamic_cast<const c10::OutOfMemoryError*>(&error) ||
                        text.find("can't allocate memory") != std::string::npos ||
                        text.find("not enough memory") != std::string::npos;
    if (memory)
        throw Error(ErrorCode::OutOfMemory,
                    fmt::format("{}: not enough memory; use smaller batches, or a smaller precision ({})",
                                doing, text.substr(0, text.find('\n'))));
    throw Error(ErrorCode::Internal,
                fmt::format("{}: LibTorch failed: {}", doing, text.substr(0, text.find('\n'))));
}

} // namespace diptych
