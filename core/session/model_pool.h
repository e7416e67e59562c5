// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"
#include "core/run/embedding_pipeline.h"
#include "core/store/workspace.h"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace diptych {

/// The embeddings of one dataset, kept between searches.
struct SearchIndex {
    std::string key; ///< of dataset and split
    ImageEmbeddings images;
};

/// One model with its resolved device and precision, and the pipeline that caches for it. Weights load on
/// first use.
struct LoadedModel {
    std::string key; ///< which checkpoint, device, precision and thread count this is
    std::unique_ptr<Model> model;
    std::unique_ptr<EmbeddingPipeline> pipeline;
    SearchIndex searched; ///< of the dataset that was searched last
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

/// Lends models to one user at a time: a model has the processor to itself. Keeps the one lent last, so
/// that its weights load once. Thread-safe.
class ModelPool {
public:
    /// @param workspace outlives the pool
    explicit ModelPool(Workspace& workspace);
    ~ModelPool();
    ModelPool(const ModelPool&) = delete;
    ModelPool& operator=(const ModelPool&) = delete;

    /// Waits until the model is free. @throws Cancelled as soon as @p stop is asked for; Error
    ModelLease lease(const ModelChoice& choice, ModelUse use, const std::stop_token& stop);
    /// For a Short use that must not wait for long work: none while such work has the model or gets it first.
    /// @throws Cancelled, Error
    std::optional<ModelLease> leaseUnlessBusy(const ModelChoice& choice, const std::stop_token& stop);

private:
    friend class ModelLease;
    ModelLease take(const ModelChoice& choice);
    LoadedModel* open(const ModelChoice& choice);
    void release();

    Workspace& m_workspace;
    std::mutex m_mutex; ///< guards m_use
    std::condition_variable_any m_changed;
    std::optional<ModelUse> m_use; ///< what the model is lent for; none = free
    std::unique_ptr<LoadedModel> m_current;
};

} // namespace diptych
