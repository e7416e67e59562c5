// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/matrix.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace diptych {

/// An array from a .npy file (NumPy format 1.0 to 3.0), little-endian bool, int8..int64, uint8..uint64,
/// float16..float64, C or Fortran order; values converted to double and laid out in C order.
struct NpyArray {
    std::vector<size_t> shape;
    std::vector<double> values;
};

/// @throws Error that names the file and what is wrong (magic, header, dtype, size)
NpyArray readNpy(const std::filesystem::path& path);
/// A 2-d array as float32. @throws Error if it has another number of dimensions or holds NaN
Matrix readNpyMatrix(const std::filesystem::path& path);
/// A 1-d array of whole numbers. @throws Error otherwise
std::vector<int64_t> readNpyIntegers(const std::filesystem::path& path);
/// Writes float32 [rows, cols], format 1.0, atomically. @throws Error
void writeNpy(const std::filesystem::path& path, const Matrix& matrix);

} // namespace diptych
