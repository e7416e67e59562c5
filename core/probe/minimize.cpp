// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/minimize.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <lbfgs.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <utility>

namespace diptych {

namespace {

constexpr size_t kLaneMultiple = 16; // liblbfgs built for SSE2 wants that many values
constexpr int kStop = 1;             // anything positive ends the search

double largestMagnitude(std::span<const double> values) {
    double largest = 0;
    for (const double value : values)
        largest = std::max(largest, std::abs(value));
    return largest;
}

/// What the C callbacks see. Exceptions must not pass through the C library: they wait here.
struct Search {
    const Objective& objective;
    const MinimizeOptions& options;
    size_t size;
    double previousValue = 0;
    int iterations = 0;
    bool converged = false;
    std::exception_ptr error = nullptr;
};

lbfgsfloatval_t evaluate(void* instance, const lbfgsfloatval_t* x, lbfgsfloatval_t* gradient, int n,
                         lbfgsfloatval_t) {
    auto& search = *static_cast<Search*>(instance);
    std::fill_n(gradient, n, 0.0);
    if (search.error)
        return 0;
    try {
        return search.objective({x, search.size}, {gradient, search.size});
    } catch (...) {
        search.error = std::current_exception();
        return 0;
    }
}

int afterIteration(void* instance, const lbfgsfloatval_t*, const lbfgsfloatval_t* gradient,
                   lbfgsfloatval_t value, lbfgsfloatval_t, lbfgsfloatval_t, lbfgsfloatval_t, int,
                   int iteration, int) {
    auto& search = *static_cast<Search*>(instance);
    if (search.error)
        return kStop;
    search.iterations = iteration;
    const double before = std::exchange(search.previousValue, value);
    const double scale = std::max({std::abs(before), std::abs(value), 1.0});
    search.converged = largestMagnitude({gradient, search.size}) <= search.options.tolerance ||
                       (before - value) / scale <= search.options.relativeDecrease;
    return search.converged ? kStop : 0;
}

lbfgs_parameter_t parametersFor(const MinimizeOptions& options) {
    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.m = 10;
    parameters.epsilon = 0; // afterIteration() decides
    parameters.max_iterations = std::max(1, options.maxIterations);
    parameters.max_linesearch = 50;
    parameters.ftol = 1e-3;
    parameters.gtol = 0.9;
    return parameters;
}

} // namespace

Minimum minimize(const Objective& objective, std::vector<double> start, const MinimizeOptions& options) {
    Search search{objective, options, start.size()};
    Minimum result;
    std::vector<double> gradient(start.size());
    search.previousValue = objective(start, gradient);
    if (largestMagnitude(gradient) <= options.tolerance) {
        result.x = std::move(start);
        result.value = search.previousValue;
        result.converged = true;
        return result;
    }
    const size_t padded = (start.size() + kLaneMultiple - 1) / kLaneMultiple * kLaneMultiple;
    if (padded > static_cast<size_t>(INT32_MAX))
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{} parameters are more than the optimiser can take", start.size()));
    const std::unique_ptr<lbfgsfloatval_t, void (*)(lbfgsfloatval_t*)> x(
        lbfgs_malloc(static_cast<int>(padded)), lbfgs_free);
    if (!x)
        throw Error(ErrorCode::OutOfMemory, "Not enough memory for the parameters of the probe");
    std::fill_n(x.get(), padded, 0.0);
    std::ranges::copy(start, x.get());

    lbfgs_parameter_t parameters = parametersFor(options);
    const int status =
        lbfgs(static_cast<int>(padded), x.get(), nullptr, evaluate, afterIteration, &search, &parameters);
    if (search.error)
        std::rethrow_exception(search.error);
    if (status == LBFGSERR_OUTOFMEMORY)
        throw Error(ErrorCode::OutOfMemory, "Not enough memory to fit the probe");
    // From LBFGSERR_OUTOFINTERVAL on the search merely ended: out of iterations, or no lower point in sight.
    // It leaves the last point accepted.
    if (status < LBFGSERR_OUTOFINTERVAL)
        throw Error(ErrorCode::Internal, fmt::format("The optimiser failed with code {}", status));
    result.value = search.previousValue;
    result.iterations = search.iterations;
    result.converged = search.converged;
    result.x.assign(x.get(), x.get() + start.size());
    return result;
}

} // namespace diptych
