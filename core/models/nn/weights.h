// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/safetensors.h"

#include <ATen/ATen.h>

#include <filesystem>

namespace diptych {

/// A stored weight as a tensor of its own (the file may go away), in the dtype it is stored in.
/// @param file for messages. @throws Error that names the tensor: not a floating-point type, or a value that
/// is infinite or not a number
at::Tensor readWeight(const TensorView& view, const std::filesystem::path& file);

/// True if no value is infinite or NaN. float64, float32, float16 and bfloat16, contiguous, on the CPU.
bool allFinite(const at::Tensor& tensor);

} // namespace diptych
