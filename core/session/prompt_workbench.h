// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/comparison.h"
#include "core/models/similarity.h"
#include "core/results/metric.h"
#include "core/session/evaluator.h"
#include "core/tasks/template_scores.h"
#include "core/text/prompts.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

/// Labelled images with their embeddings, and what cosines mean to the model.
struct WorkbenchImages {
    std::string dataset, model, split; ///< split empty = all
    std::vector<std::string> classNames;
    std::vector<SampleId> ids;
    std::vector<int> labels; ///< [n], each a class
    Matrix rows;             ///< [n, d], of length 1
    Similarity similarity = {};
    size_t unreadable = 0; ///< images left out
};

/// What prompts come to on the workbench's images.
struct PromptScore {
    std::vector<Metric> metrics;    ///< as zero-shot classification has them; "top1" with its interval
    std::vector<int> predictions;   ///< [n]
    std::vector<double> right;      ///< [n]: 1 or 0
    std::vector<size_t> classCount; ///< images of each class
    std::vector<size_t> classRight;
    Matrix classes;     ///< class embeddings: [classes, d]
    size_t encoded = 0; ///< texts that had to be encoded for it
    double milliseconds = 0;
};

/// What prompts change against others.
struct PromptChange {
    PairedDifference difference; ///< of the shares right: these less the reference
    McNemar mcNemar;
    std::vector<SampleId> gained, lost; ///< right by one of the two alone
    std::vector<int> classMoved;        ///< by class: images gained less images lost
};

/// What one template brings, as shares of the images that are right.
struct TemplateRow {
    std::string text;
    bool used = false;
    std::optional<double> alone;
    std::optional<double> changed; ///< the ensemble without it where it is used, with it where not
};

/// Two classes whose prompts the model can hardly tell apart.
struct CloseNames {
    int first = 0, second = 0; ///< classes, first < second
    double cosine = 0;
    size_t firstAsSecond = 0, secondAsFirst = 0; ///< images of one taken for the other
};

struct SelectionStep {
    size_t template_ = 0; ///< index among the candidates
    double chosenOn = 0;  ///< share right of the ensemble so far, where it was chosen
};
struct TemplateSelection {
    std::vector<SelectionStep> steps; ///< in the order added
    size_t best = 0;                  ///< so many of them are best, the fewest
};

/// Prompts tried on images whose embeddings are there: texts are encoded once, by what they say, and
/// everything else is arithmetic. Thread-safe; calls wait for each other and can be cancelled.
class PromptWorkbench {
public:
    /// [texts.size(), d], rows of length 1. @throws Error, Cancelled
    using Encode = std::function<Matrix(std::span<const std::string> texts, const RunContext& context)>;

    PromptWorkbench(WorkbenchImages images, Encode encode);
    const WorkbenchImages& images() const { return m_images; }
    /// Texts encoded so far.
    size_t textsEncoded() const;

    /// The same numbers as zero-shot classification with these prompts.
    /// @param resamples behind the interval of top1; 0 = none. @throws Error InvalidArgument as classTexts(),
    /// Cancelled
    PromptScore score(const PromptSet& prompts, size_t resamples, const RunContext& context);
    /// Every template of @p prompts alone, and the ensemble of those used with one changed. @param used by
    /// template
    std::vector<TemplateRow> templates(const PromptSet& prompts, const std::vector<uint8_t>& used,
                                       const RunContext& context);
    /// Adds to nothing, one by one, the template of @p prompts with which most images are right; of equal
    /// ones the first (Radford et al. 2021, the notebook Prompt_Engineering_for_ImageNet). The classes' own
    /// prompts are not used.
    /// @param most templates to add
    TemplateSelection select(const PromptSet& prompts, size_t most, const RunContext& context);

private:
    void encodeMissing(const std::vector<std::string>& texts, const RunContext& context);
    Matrix rowsFor(const std::vector<std::string>& texts) const;
    void setTemplates(const PromptSet& prompts, const RunContext& context);

    const WorkbenchImages m_images;
    const Encode m_encode;
    mutable std::mutex m_mutex;
    std::unordered_map<std::string, size_t> m_known; ///< rows of m_texts
    std::vector<float> m_texts;
    TemplateScores m_templates;
    size_t m_encoded = 0;
};

/// What session.h's openWorkbench() found.
struct OpenedWorkbench {
    Answer answer = Answer::Ready;
    std::shared_ptr<PromptWorkbench> workbench; ///< null unless Ready
};

/// @param resamples behind the interval
PromptChange changeFrom(const WorkbenchImages& images, const PromptScore& now, const PromptScore& reference,
                        size_t resamples, const RunContext& context);
/// The closest @p most pairs of at least @p least cosine, closest first.
std::vector<CloseNames> closeNames(const WorkbenchImages& images, const PromptScore& score, double least,
                                   size_t most, const RunContext& context);
/// What is to be said of templates chosen on one split and judged on another; empty = nothing. Splits are
/// empty for all.
std::string selectionCaution(const std::string& chosenOn, const std::string& judgedOn);
/// The templates of @p prompts that are used.
PromptSet usedOf(const PromptSet& prompts, const std::vector<uint8_t>& used);

} // namespace diptych
