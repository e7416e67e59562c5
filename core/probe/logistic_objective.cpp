// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/logistic_objective.h"

#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <new>

namespace diptych {

namespace {

/// Below so many multiplications one thread is faster than several that wait for each other (measured on a
/// busy machine: 0.5 s against 19 s for fifteen fits of 240 x 24 features).
constexpr size_t kOneThreadBelow = size_t{1} << 26;

/// Runs torch code; its exceptions become ours.
template<class Call>
auto translated(Call&& call) {
    try {
        return call();
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, "Not enough memory to fit the probe");
    } catch (const c10::Error& error) {
        throw Error(ErrorCode::Internal,
                    std::string("The probe's arithmetic failed: ") + error.what_without_backtrace());
    }
}

at::Tensor viewOf(std::span<const double> values, at::IntArrayRef shape) {
    return at::from_blob(const_cast<double*>(values.data()), shape, at::kDouble);
}

} // namespace

struct LogisticObjective::Tensors {
    explicit Tensors(int threads) : threadsBefore(at::get_num_threads()) { at::set_num_threads(threads); }
    ~Tensors() { at::set_num_threads(threadsBefore); }
    Tensors(const Tensors&) = delete;
    Tensors& operator=(const Tensors&) = delete;

    int threadsBefore;   ///< torch has one setting for the process
    at::Tensor features; ///< [n, d] in the working precision
    at::Tensor targets;  ///< [n] int64
};

LogisticObjective::LogisticObjective(const Matrix& features, std::span<const int64_t> targets, size_t classes,
                                     double penalty, const RunContext& context, const ObjectiveLimits& limits)
    : m_features(features),
      m_rows(classes == 2 ? 1 : classes),
      m_penalty(penalty),
      m_context(context),
      m_limits(limits),
      m_tensors(std::make_unique<Tensors>(features.values().size() * classes < kOneThreadBelow
                                              ? 1
                                              : static_cast<int>(context.threadCount()))) {
    translated([&] {
        const auto n = static_cast<int64_t>(features.rows()), d = static_cast<int64_t>(features.cols());
        m_tensors->features = at::from_blob(const_cast<float*>(features.values().data()), {n, d}, at::kFloat);
        if (features.values().size() <= limits.doubleBelow)
            m_tensors->features = m_tensors->features.to(at::kDouble);
        m_tensors->targets = at::from_blob(const_cast<int64_t*>(targets.data()), {n}, at::kLong);
    });
}

LogisticObjective::~LogisticObjective() = default;

double LogisticObjective::operator()(std::span<const double> parameters, std::span<double> gradient) const {
    return translated([&] {
        const int64_t n = m_tensors->features.size(0), d = m_tensors->features.size(1);
        const auto rows = static_cast<int64_t>(m_rows);
        const auto type = m_tensors->features.scalar_type();
        const auto weightCount = static_cast<size_t>(rows * d);
        const at::Tensor weights = viewOf(parameters.first(weightCount), {rows, d});
        const at::Tensor bias = viewOf(parameters.subspan(weightCount), {rows}).to(type);
        const at::Tensor working = weights.to(type).t();
        at::Tensor weightGradient = at::zeros({rows, d}, at::kDouble);
        at::Tensor biasGradient = at::zeros({rows}, at::kDouble);
        double loss = 0;
        const int64_t block = std::max<int64_t>(1, static_cast<int64_t>(m_limits.blockScores / m_rows));
        for (int64_t first = 0; first < n; first += block) {
            m_context.throwIfCancelled();
            const at::Tensor x = m_tensors->features.narrow(0, first, std::min(block, n - first));
            const at::Tensor y = m_tensors->targets.narrow(0, first, x.size(0));
            const at::Tensor scores = at::addmm(bias, x, working); // [block, rows]
            at::Tensor residual;                                   // d loss / d scores
            if (m_rows == 1) {
                const at::Tensor target = y.to(type).unsqueeze(1);
                // -log sigmoid(s) where the label is the second class, -log sigmoid(-s) where it is not
                loss -= at::log_sigmoid(scores * (target * 2 - 1)).sum(at::kDouble).item<double>();
                residual = at::sigmoid(scores) - target;
            } else {
                residual = at::log_softmax(scores, 1);
                const at::Tensor label = y.unsqueeze(1);
                loss -= residual.gather(1, label).sum(at::kDouble).item<double>();
                residual.exp_().scatter_add_(1, label, at::full_like(label, -1, at::kLong).to(type));
            }
            weightGradient.add_(at::mm(residual.t(), x));
            biasGradient.add_(residual.sum(0));
        }
        const double scale = 1 / static_cast<double>(n);
        viewOf(gradient.first(weightCount), {rows, d})
            .copy_(weightGradient.mul_(scale).add_(weights, m_penalty));
        viewOf(gradient.subspan(weightCount), {rows}).copy_(biasGradient.mul_(scale));
        return loss * scale + m_penalty / 2 * weights.square().sum().item<double>();
    });
}

} // namespace diptych
