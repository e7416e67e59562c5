// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explain.h"
#include "core/explain/occlusion.h"
#include "core/session/evaluator.h"
#include "core/session/model_pool.h"

#include <optional>
#include <string>

namespace diptych {

/// Which picture and text of a workspace should be explained, by which model and how.
struct ExplainQuery {
    SampleId sample;
    ModelId model;
    std::string text;
    Alpha alpha = Alpha::Drop;
    ExplainOptions options = {};
    int curveSteps = 0; ///< above 0: deletion and insertion in so many steps as well
    friend bool operator==(const ExplainQuery&, const ExplainQuery&) = default;
};

/// Where in a picture its similarity with a text comes from.
struct Explanation {
    Answer answer = Answer::Ready; ///< or Busy: a run has the model, and there is nothing else
    Relevance relevance;
    Image seen; ///< the picture as the model sees it, for withHeat()
    std::optional<CoverCurves> curves;
};

/// Explains pictures of a workspace. Thread-safe.
class PictureExplainer {
public:
    /// All outlive it.
    PictureExplainer(Workspace& workspace, ModelPool& models) : m_workspace(workspace), m_models(models) {}
    /// Session::explain().
    Explanation explain(const ExplainQuery& query, const RunContext& context);

private:
    Workspace& m_workspace;
    ModelPool& m_models;
};

/// Lines "part,row,column,token,value": every patch with its row and column from 1, then every token of the
/// text; numbers with the fewest digits that give them back.
std::string relevanceCsv(const Relevance& relevance);

} // namespace diptych
