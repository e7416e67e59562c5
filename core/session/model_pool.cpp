// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/model_pool.h"

#include "core/session/weight_hash_keeper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace diptych {
namespace {

/// Identity of an open model. Reads the checkpoint's header, and its weights once for their hash.
std::string keyOf(const Checkpoint& checkpoint, const Compute& compute) {
    return fmt::format("{} {} {} {} {}", checkpoint.fingerprint(), deviceName(compute.device),
                       precisionName(compute.precision), compute.threads, alphaName(compute.alpha));
}

} // namespace

uint64_t defaultModelMemory() {
    const long pages = ::sysconf(_SC_PHYS_PAGES), pageBytes = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && pageBytes > 0
               ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(pageBytes) / 4 * 3
               : uint64_t{4} << 30;
}

ModelLease::ModelLease(ModelLease&& other) noexcept
    : m_pool(std::exchange(other.m_pool, nullptr)), m_model(other.m_model) {}

ModelLease::~ModelLease() {
    if (m_pool)
        m_pool->release(m_model);
}

ModelPool::ModelPool(Workspace& workspace, uint64_t memoryLimit)
    : m_workspace(workspace), m_memoryLimit(memoryLimit) {}

ModelPool::~ModelPool() = default;

ModelLease ModelPool::lease(const ModelChoice& choice, ModelUse use, const std::stop_token& stop) {
    return *take(choice, use, true, stop);
}

std::optional<ModelLease> ModelPool::leaseUnlessBusy(const ModelChoice& choice, const std::stop_token& stop) {
    return take(choice, ModelUse::Short, false, stop);
}

size_t ModelPool::openModels() const {
    const std::lock_guard lock(m_mutex);
    return m_entries.size();
}

/// Whether there is memory for the entry now; frees what is not in use for it. With the lock held.
bool ModelPool::admit(Entry& entry, std::vector<std::unique_ptr<LoadedModel>>& evicted) {
    const uint64_t limit = entry.device == Device::Cpu ? m_memoryLimit : 0;
    for (;;) {
        uint64_t others = 0;
        bool inUse = false;
        auto oldest = m_entries.end();
        for (auto other = m_entries.begin(); other != m_entries.end(); ++other) {
            if (!other->admitted || other->device != entry.device)
                continue;
            others += std::max<uint64_t>(1, other->bytes);
            inUse = inUse || other->use;
            if (!other->use && (oldest == m_entries.end() || other->lastUsed < oldest->lastUsed))
                oldest = other;
        }
        entry.admitted = others == 0 || others + entry.bytes <= limit;
        if (entry.admitted || (oldest == m_entries.end() && inUse))
            return entry.admitted;
        evicted.push_back(std::move(oldest->model));
        m_entries.erase(oldest);
    }
}

/// Whether another model that shares its memory is lent for long. With the lock held.
bool ModelPool::longUseBeside(const Entry& entry) const {
    return std::ranges::any_of(m_entries, [&](const Entry& other) {
        return &other != &entry && other.admitted && other.device == entry.device &&
               other.use == ModelUse::Long;
    });
}

std::optional<ModelLease> ModelPool::take(const ModelChoice& choice, ModelUse use, bool mayWaitForLong,
                                          const std::stop_token& stop) {
    const Compute compute = resolveCompute(choice.compute);
    auto checkpoint = Checkpoint::open(choice.directory);
    const WeightHashKeeper keeper(m_workspace, *checkpoint);
    const std::string key = keyOf(*checkpoint, compute);
    std::unique_lock lock(m_mutex);
    const auto find = [&] { return std::ranges::find(m_entries, key, &Entry::key); };
    const bool free = m_changed.wait(lock, stop, [&] {
        const auto entry = find();
        return entry == m_entries.end() || !entry->use || (!mayWaitForLong && entry->use == ModelUse::Long);
    });
    if (!free || stop.stop_requested())
        throw Cancelled();
    auto entry = find();
    if (entry != m_entries.end() && entry->use)
        return std::nullopt;
    if (entry == m_entries.end())
        entry = m_entries.insert(m_entries.end(), Entry{key, nullptr});
    entry->use = use;
    entry->lastUsed = ++m_clock;
    // Those that wait for a short use to end must hear that a long one came first.
    m_changed.notify_all();
    if (entry->admitted)
        return ModelLease(*this, entry->model.get());
    lock.unlock();
    return open(entry, std::move(checkpoint), compute, mayWaitForLong, stop);
}

/// Opens the model of an entry that this thread has, and waits for memory for it.
std::optional<ModelLease> ModelPool::open(Entries::iterator entry,
                                          std::shared_ptr<const Checkpoint> checkpoint,
                                          const Compute& compute, bool mayWaitForLong,
                                          const std::stop_token& stop) {
    std::vector<std::unique_ptr<LoadedModel>> gone; // freed before any weights of the new model are read
    auto loaded = std::make_unique<LoadedModel>();
    std::exception_ptr failed;
    try {
        loaded->model = openModel(std::move(checkpoint), compute);
        loaded->pipeline = std::make_unique<EmbeddingPipeline>(m_workspace, *loaded->model);
    } catch (...) {
        failed = std::current_exception();
    }
    std::unique_lock lock(m_mutex);
    bool settled = false;
    if (!failed) {
        entry->device = compute.device;
        entry->bytes = loaded->model->info().memoryNeededBytes;
        entry->model = std::move(loaded);
        settled = m_changed.wait(
            lock, stop, [&] { return admit(*entry, gone) || (!mayWaitForLong && longUseBeside(*entry)); });
        if (entry->admitted && !stop.stop_requested())
            return ModelLease(*this, entry->model.get());
        gone.push_back(std::move(entry->model));
    }
    m_entries.erase(entry);
    m_changed.notify_all();
    if (failed)
        std::rethrow_exception(failed);
    if (!settled || stop.stop_requested())
        throw Cancelled();
    return std::nullopt;
}

void ModelPool::release(const LoadedModel* model) {
    {
        const std::lock_guard lock(m_mutex);
        for (Entry& entry : m_entries)
            if (entry.model.get() == model)
                entry.use.reset();
    }
    m_changed.notify_all();
}

} // namespace diptych
