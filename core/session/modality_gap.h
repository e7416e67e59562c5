// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/map_input.h"

#include <cmath>
#include <vector>

namespace diptych {

// Private to core/session.

/// Mean of the rows from @p first to before @p last. @pre there are some
std::vector<double> meanRow(const Matrix& rows, size_t first, size_t last);
void subtractMean(Matrix& rows, size_t first, size_t last);

/// Euclidean, of two rows of as many numbers.
template<class Row>
double distanceOf(const Row& a, const Row& b) {
    double sum = 0;
    for (size_t j = 0; j < a.size(); ++j) {
        const double difference = static_cast<double>(a[j]) - static_cast<double>(b[j]);
        sum += difference * difference;
    }
    return std::sqrt(sum);
}

/// @pre there are pictures and texts
ModalityGap modalityGap(const MapInput& input);
/// How often a picture's nearest text by cosine is its own, and the other way. @pre as above. @throws
/// Cancelled
PairRecall pairRecall(const MapInput& input, const RunContext& context);

} // namespace diptych
