// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/model_pool.h"

#include "core/session/weight_hash_keeper.h"

#include <fmt/format.h>

#include <utility>

namespace diptych {

ModelLease::ModelLease(ModelLease&& other) noexcept
    : m_pool(std::exchange(other.m_pool, nullptr)), m_model(other.m_model) {}

ModelLease::~ModelLease() {
    if (m_pool)
        m_pool->release();
}

ModelPool::ModelPool(Workspace& workspace) : m_workspace(workspace) {}

ModelPool::~ModelPool() = default;

ModelLease ModelPool::lease(const ModelChoice& choice, ModelUse use, const std::stop_token& stop) {
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait(lock, stop, [&] { return !m_use; }) || stop.stop_requested())
            throw Cancelled();
        m_use = use;
    }
    // Those that wait for a short use to end must hear that a long one came first.
    m_changed.notify_all();
    return take(choice);
}

std::optional<ModelLease> ModelPool::leaseUnlessBusy(const ModelChoice& choice, const std::stop_token& stop) {
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait(lock, stop, [&] { return !m_use || m_use == ModelUse::Long; }) ||
            stop.stop_requested())
            throw Cancelled();
        if (m_use)
            return std::nullopt;
        m_use = ModelUse::Short;
    }
    return take(choice);
}

/// With the pool taken by this thread.
ModelLease ModelPool::take(const ModelChoice& choice) {
    ModelLease lease(*this, nullptr); // gives the pool back if the model cannot be opened
    lease.m_model = open(choice);
    return lease;
}

LoadedModel* ModelPool::open(const ModelChoice& choice) {
    const Compute compute = resolveCompute(choice.compute);
    auto checkpoint = Checkpoint::open(choice.directory);
    const WeightHashKeeper keeper(m_workspace, *checkpoint);
    const std::string key =
        fmt::format("{} {} {} {} {}", checkpoint->fingerprint(), deviceName(compute.device),
                    precisionName(compute.precision), compute.threads, alphaName(compute.alpha));
    if (m_current && m_current->key == key)
        return m_current.get();
    auto loaded = std::make_unique<LoadedModel>();
    loaded->key = key;
    loaded->model = openModel(std::move(checkpoint), compute);
    loaded->pipeline = std::make_unique<EmbeddingPipeline>(m_workspace, *loaded->model);
    m_current = std::move(loaded);
    return m_current.get();
}

void ModelPool::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_use.reset();
    }
    m_changed.notify_all();
}

} // namespace diptych
