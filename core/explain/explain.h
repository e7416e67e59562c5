// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/models/model.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diptych {

/// Ways to ask where in a picture its similarity with a text comes from.
enum class ExplainMethod {
    Relevance, ///< Explainer::relevance()
    Occlusion, ///< what covering parts of the picture takes from the cosine: occlusion()
    PatchText, ///< Explainer::patchSimilarity()
    Attention  ///< Explainer::attention(): of the picture alone
};
struct ExplainMethodInfo {
    ExplainMethod method;
    const char* name;    ///< "relevance", on the command line and in files
    const char* title;   ///< for people
    const char* meaning; ///< of its values, one sentence
};
/// In the order in which they are offered.
std::span<const ExplainMethodInfo> explainMethods();
const ExplainMethodInfo& explainMethod(ExplainMethod method);
std::optional<ExplainMethod> explainMethodNamed(std::string_view name);

struct ExplainOptions {
    ExplainMethod method = ExplainMethod::Relevance;
    int lastLayers = 0; ///< Relevance: through so many of the last layers; 0 = all
    int layer = 0;      ///< Attention: of this layer, from 1; 0 = the last
    int head = 0;       ///< Attention: of this head, from 1; 0 = the mean of all
    int window = 3;     ///< Occlusion: side of what is covered, in patches; odd
    friend bool operator==(const ExplainOptions&, const ExplainOptions&) = default;
};

/// The values of every patch by one method; of every word too by Relevance.
/// @throws Error Unsupported for a model without an Explainer, and with Occlusion for one without patches;
/// InvalidArgument (layer, head, window); as Embedder; Cancelled
Relevance explain(Model& model, const Prepared& sample, const std::string& text,
                  const ExplainOptions& options, const RunContext& context);

/// The embedding of a text, [1, d] of length 1. @throws Error Unsupported without texts
Matrix unitText(Model& model, const std::string& text);

} // namespace diptych
