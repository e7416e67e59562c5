// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/projection/start.h"

#include "core/base/random.h"
#include "core/projection/pca.h"

#include <cmath>

namespace diptych {

Matrix startFromPca(const Matrix& features, size_t dimensions, double deviation, const RunContext& context) {
    const Pca pca = fitPca(features, dimensions, context);
    const Matrix coordinates = pca.transform(features, context.threadCount());
    const double scale = pca.variance[0] > 0 ? deviation / std::sqrt(pca.variance[0]) : 0;
    Random random(context.seed);
    Matrix start(features.rows(), dimensions);
    for (size_t i = 0; i < start.rows(); ++i)
        for (size_t c = 0; c < dimensions; ++c) {
            const double place = c < coordinates.cols() ? static_cast<double>(coordinates(i, c)) * scale : 0;
            start(i, c) = static_cast<float>(place + random.uniform(-1, 1) * deviation / 100);
        }
    return start;
}

} // namespace diptych
