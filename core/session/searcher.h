// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/evaluator.h"

namespace diptych {

/// What to look for in a dataset: a description, a picture file or a sample, exactly one of them.
struct SearchQuery {
    std::string dataset; ///< name in the workspace
    std::string model;   ///< name in the workspace, or a checkpoint folder (then added to it)
    std::string text;
    std::filesystem::path image; ///< a picture file; need not be part of the dataset
    SampleId sample;             ///< of any dataset of the workspace
    std::string split;           ///< only in this split; empty = everywhere
    size_t limit = 50;
    /// Waits for the model and encodes images the cache lacks first, which may take long; else the answer may
    /// be NotEncoded or Busy.
    bool encodeMissing = true;
    Device device = Device::Auto;
    Precision precision = Precision::Auto;
    Alpha alpha = Alpha::Drop;
    unsigned threads = 0;
};

/// A sample and the cosine of its embedding with the query's.
struct SearchHit {
    SampleId sample;
    float cosine = 0;
};

/// What search() found; the hits best first. NotEncoded also where images lack in a workspace that is open
/// for reading only.
struct SearchResult {
    Answer answer = Answer::Ready;
    std::vector<SearchHit> hits;
};

/// Nearest samples of a dataset. Thread-safe.
class Searcher {
public:
    /// All outlive it.
    Searcher(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}
    /// Session::search().
    SearchResult search(const SearchQuery& query, const RunContext& context);

private:
    const ImageEmbeddings* index(LoadedModel& model, const SearchQuery& query, const RunContext& context);

    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

} // namespace diptych
