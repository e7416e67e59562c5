// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <memory>
#include <span>

namespace diptych {

/// How large problems are worked on.
struct ObjectiveLimits {
    /// Up to so many feature values in double precision (128 MiB for the copy); above, in float32, where the
    /// gradient's rounding is still far below the tolerance.
    size_t doubleBelow = size_t{1} << 24;
    size_t blockScores = size_t{1} << 23; ///< scores held at a time
};

/// The mean log-loss of a linear classifier plus penalty/2 |W|^2, and its gradient. Parameters are laid out
/// as W [rows, d], then b [rows], where rows = classes, or 1 for two classes. Keeps references to its
/// arguments.
class LogisticObjective {
public:
    /// @param targets class of every example, in [0, classes): [n]
    LogisticObjective(const Matrix& features, std::span<const int64_t> targets, size_t classes,
                      double penalty, const RunContext& context, const ObjectiveLimits& limits = {});
    ~LogisticObjective();
    size_t rows() const { return m_rows; }
    size_t parameterCount() const { return m_rows * (m_features.cols() + 1); }
    /// @throws Error Internal, OutOfMemory; Cancelled
    double operator()(std::span<const double> parameters, std::span<double> gradient) const;

private:
    struct Tensors;
    const Matrix& m_features;
    size_t m_rows;
    double m_penalty;
    const RunContext& m_context;
    ObjectiveLimits m_limits;
    std::unique_ptr<Tensors> m_tensors;
};

} // namespace diptych
