// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/score_distribution.h"
#include "core/search/vector_index.h"
#include "core/session/evaluator.h"

#include <memory>
#include <optional>
#include <vector>

namespace diptych {

/// A description, a picture file or a sample, exactly one of them, and how much it counts.
struct SearchTerm {
    std::string text = {};
    std::filesystem::path image = {}; ///< a picture file; need not be part of the dataset
    SampleId sample = {};             ///< of any dataset of the workspace
    double weight = 1;                ///< below 0: what is found is to be unlike it
};

/// What to look for in a dataset: the sum of the terms' embeddings, each at length 1 times its weight.
struct SearchQuery {
    std::string dataset; ///< name in the workspace
    std::string model;   ///< name in the workspace, or a checkpoint folder (then added to it)
    std::vector<SearchTerm> terms;
    std::string split;                           ///< only in this split; empty = everywhere
    std::optional<std::vector<SampleId>> within; ///< only among these, in any order
    size_t limit = 50;
    std::optional<float> cut; ///< only what scores at least this
    /// None: all images are compared up to kMostExactRows, with a cut or within some; beyond, a graph is
    /// walked if one was built. Hnsw builds one first.
    std::optional<SearchMethod> method;
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

/// What search() found. NotEncoded also where images lack in a workspace that is open for reading only.
struct SearchResult {
    Answer answer = Answer::Ready; ///< else there is nothing else
    std::vector<SearchHit> hits;   ///< best first
    ScoreDistribution scores;      ///< of all that was searched; where a graph was walked of a sample of it
    SearchMethod method = SearchMethod::Exact;
    double recallAt10 = 1;   ///< of the method, on a sample of queries
    bool wantsIndex = false; ///< there are so many images that Session::buildSearchIndex() pays
};

/// The embeddings of one dataset, kept between searches, and the graph over them.
class SearchedDataset;

/// Nearest samples of a dataset. Thread-safe.
class Searcher {
public:
    /// All outlive it.
    Searcher(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}
    /// Session::search().
    SearchResult search(const SearchQuery& query, const RunContext& context);
    /// Session::buildSearchIndex().
    Answer buildIndex(const SearchQuery& query, const RunContext& context);

private:
    struct Prepared; ///< the images to search and the query's embedding
    Prepared prepare(const SearchQuery& query, const RunContext& context);
    std::shared_ptr<SearchedDataset> searched(LoadedModel& model, const SearchQuery& query,
                                              const RunContext& context);

    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

} // namespace diptych
