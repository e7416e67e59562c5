// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <span>
#include <vector>

namespace diptych {

// Linear probe: multinomial logistic regression on frozen features, as
// scikit-learn 1.9's LogisticRegression(solver="lbfgs", C=c, max_iter=1000) fits it:
//
//     minimise  C sum_i -log p(y_i | x_i)  +  1/2 |W|^2
//
// with p = softmax(W x + b), the intercept b not penalised. For two classes W has one row and
// p(second class) = sigmoid(w x + b), which penalises half as much as two rows of a softmax would. The search
// starts at zero and stops by scikit-learn's rule (gradient of the objective divided by C n at most
// `tolerance`), since at its default tolerance the rule, not the minimum, decides the third digit of the
// loss.

struct ProbeOptions {
    double c = 1; ///< inverse of the L2 penalty's strength; the CLIP repository's example has 0.316
    int maxIterations = 1000;
    double tolerance = 1e-4;
};

/// A fitted probe. A plain value.
struct ProbeModel {
    std::vector<int> classes; ///< label values seen, ascending
    Matrix weights;           ///< [classes, d]; [1, d] for two classes
    std::vector<double> bias; ///< as many as weights has rows
    int iterations = 0;
    bool converged = false;
    double objective = 0; ///< at the end, as written above (not divided by C n)

    /// Log-probability of every class: [n, classes], columns as in `classes`.
    /// @throws Error InvalidArgument for features of another width, NaN
    Matrix predictLogProba(const Matrix& features, unsigned threads = 0) const;
    /// The most likely label, the lowest among equals: [n].
    std::vector<int> predict(const Matrix& features, unsigned threads = 0) const;
};

/// @param features [n, d] @param labels any whole numbers, at least two distinct ones: [n]
/// @throws Error InvalidArgument (lengths that differ, one class only, NaN, C or tolerance that is not
/// positive), OutOfMemory; Cancelled
ProbeModel fitProbe(const Matrix& features, std::span<const int> labels, const ProbeOptions& options,
                    const RunContext& context);

/// What a probe gets on labelled features.
struct ProbeScore {
    double accuracy = 0;
    /// Mean of -log p(label). Unlike scikit-learn's log_loss, probabilities are not clipped at the epsilon of
    /// their type, so a label given no chance at all costs what it should.
    double logLoss = 0;
};
/// @throws Error InvalidArgument for a label the probe has never seen
ProbeScore scoreProbe(const ProbeModel& model, const Matrix& features, std::span<const int> labels,
                      unsigned threads = 0);

} // namespace diptych
