// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"
#include "core/run/embedding_pipeline.h"
#include "core/store/workspace.h"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace diptych {

class SearchedDataset;

/// One model with its resolved device and precision, and the pipeline that caches for it. Weights load on
/// first use.
struct LoadedModel {
    std::unique_ptr<Model> model;
    std::unique_ptr<EmbeddingPipeline> pipeline;
    std::shared_ptr<SearchedDataset> searched; ///< of the dataset that was searched last
};

/// Which checkpoint, where and how.
struct ModelChoice {
    std::filesystem::path directory;
    Compute compute = {};
};

/// How long a model is wanted: for one query or preview, or for work on a whole dataset.
enum class ModelUse { Short, Long };

class ModelPool;

/// The right to use a model, given back when it goes. One thread at a time; the pool outlives it.
class ModelLease {
public:
    ~ModelLease();
    ModelLease(ModelLease&& other) noexcept;
    ModelLease(const ModelLease&) = delete;
    ModelLease& operator=(const ModelLease&) = delete;
    ModelLease& operator=(ModelLease&&) = delete;
    LoadedModel& operator*() const { return *m_model; }
    LoadedModel* operator->() const { return m_model; }

private:
    friend class ModelPool;
    ModelLease(ModelPool& pool, LoadedModel* model) : m_pool(&pool), m_model(model) {}
    ModelPool* m_pool;
    LoadedModel* m_model;
};

/// What of the machine's memory models may take together: three quarters of it.
uint64_t defaultModelMemory();

/// Lends models, each to one user at a time; different ones to different users at once. Keeps those lent
/// before, so that their weights load once, as long as the memory all need (ModelInfo::memoryNeededBytes)
/// stays below a limit: who was used least recently goes first, and who needs more than is left waits for a
/// model in use to be given back. One that needs more than the limit has it alone. On a GPU, whose memory is
/// not asked for, there is one model at a time. Thread-safe.
class ModelPool {
public:
    /// @param workspace outlives the pool
    explicit ModelPool(Workspace& workspace, uint64_t memoryLimit = defaultModelMemory());
    ~ModelPool();
    ModelPool(const ModelPool&) = delete;
    ModelPool& operator=(const ModelPool&) = delete;

    /// Waits until the model is free and there is memory for it. @throws Cancelled as soon as @p stop is
    /// asked for; Error
    ModelLease lease(const ModelChoice& choice, ModelUse use, const std::stop_token& stop);
    /// For a Short use that must not wait for long work: none while such work has the model, or memory that
    /// it needs, or gets either first. @throws Cancelled, Error
    std::optional<ModelLease> leaseUnlessBusy(const ModelChoice& choice, const std::stop_token& stop);
    /// Models that are open, for those who want to see what is kept.
    size_t openModels() const;

private:
    friend class ModelLease;
    struct Entry {
        std::string key;                    ///< which checkpoint, device, precision, thread count and alpha
        std::unique_ptr<LoadedModel> model; ///< null while it is opened
        bool admitted = false;              ///< there is memory for it
        uint64_t bytes = 0;
        Device device = Device::Cpu;
        std::optional<ModelUse> use = {}; ///< what it is lent for; none = free
        uint64_t lastUsed = 0;
    };
    using Entries = std::list<Entry>;

    std::optional<ModelLease> take(const ModelChoice& choice, ModelUse use, bool mayWaitForLong,
                                   const std::stop_token& stop);
    std::optional<ModelLease> open(Entries::iterator entry, std::shared_ptr<const Checkpoint> checkpoint,
                                   const Compute& compute, bool mayWaitForLong, const std::stop_token& stop);
    bool admit(Entry& entry, std::vector<std::unique_ptr<LoadedModel>>& evicted);
    bool longUseBeside(const Entry& entry) const;
    void release(const LoadedModel* model);

    Workspace& m_workspace;
    const uint64_t m_memoryLimit;
    mutable std::mutex m_mutex; ///< guards all below
    std::condition_variable_any m_changed;
    Entries m_entries;
    uint64_t m_clock = 0;
};

} // namespace diptych
