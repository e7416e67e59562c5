// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace diptych {

/// Row-major float32 matrix [rows, cols]; owns its values. Copying copies, so pass by const reference.
class Matrix {
public:
    Matrix() = default;
    Matrix(size_t rows, size_t cols) : m_rows(rows), m_cols(cols), m_values(rows * cols) {}
    /// @pre values.size() == rows * cols
    Matrix(size_t rows, size_t cols, std::vector<float> values)
        : m_rows(rows), m_cols(cols), m_values(std::move(values)) {
        DIPTYCH_ASSERT(m_values.size() == m_rows * m_cols);
    }

    size_t rows() const { return m_rows; }
    size_t cols() const { return m_cols; }
    bool empty() const { return m_values.empty(); }
    std::span<float> row(size_t i) { return {m_values.data() + i * m_cols, m_cols}; }
    std::span<const float> row(size_t i) const { return {m_values.data() + i * m_cols, m_cols}; }
    float& operator()(size_t i, size_t j) { return m_values[i * m_cols + j]; }
    float operator()(size_t i, size_t j) const { return m_values[i * m_cols + j]; }
    std::span<float> values() { return m_values; }
    std::span<const float> values() const { return m_values; }

private:
    size_t m_rows = 0, m_cols = 0;
    std::vector<float> m_values;
};

/// Divides every row by its Euclidean norm; a row of zeros stays zeros.
void normalizeRows(Matrix& matrix);

/// a · bᵀ: [n, d] x [m, d] -> [n, m], float32 accumulation, in parallel over rows of a.
/// @param threads 0 = as many as the machine has
Matrix multiplyTransposed(const Matrix& a, const Matrix& b, unsigned threads = 0);

} // namespace diptych
