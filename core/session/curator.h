// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/curation/duplicates.h"
#include "core/curation/label_issues.h"
#include "core/session/evaluator.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Which images a check looks at, and by which model's embeddings.
struct CurationSpec {
    std::string dataset; ///< name in the workspace
    std::string model;   ///< name in the workspace, or a checkpoint folder (then added to it)
    std::string split;   ///< only this split; empty = all samples
    /// Waits for the model and encodes what the cache lacks first, which may take long; else the answer may
    /// be NotEncoded or Busy.
    bool encodeMissing = true;
    Device device = Device::Auto;
    Precision precision = Precision::Auto;
    Alpha alpha = Alpha::Drop;
    unsigned threads = 0;
};

/// Images that hang together by their embeddings or are copies of one file; examples of the links are
/// positions in samples.
struct DuplicateFindings {
    Answer answer = Answer::Ready;   ///< else there is nothing else
    std::vector<SampleId> samples;   ///< in the dataset's order
    std::vector<int> splits, labels; ///< of each; -1 = none
    std::vector<std::string> splitNames;
    DuplicateLinks links;
    std::vector<ItemFailure> failures; ///< could not be read
};
/// Of a group's members, all but the one that is kept: the first with a label, else the first.
std::vector<SampleId> surplusOf(const DuplicateFindings& findings, const DuplicateGroup& group);
/// Whether members lie in more than one split.
bool acrossSplits(const DuplicateFindings& findings, const DuplicateGroup& group);

/// A sample whose label is likely wrong.
struct LabelSuspect {
    SampleId sample;
    int given = -1, suggested = -1; ///< classes of the dataset
    double selfConfidence = 0;      ///< probability of the label given
    double margin = 0;              ///< of the label given less that of the likeliest other, below 0
};
struct LabelFindings {
    Answer answer = Answer::Ready;      ///< else there is nothing else
    std::vector<LabelSuspect> suspects; ///< lowest margin first
    size_t checked = 0;                 ///< samples with a label that were looked at
    std::string by;                     ///< what the probabilities come from, for people
    std::vector<std::string> notes;     ///< what could not be checked, for people
    std::vector<ItemFailure> failures;
};

/// What a run found hard.
struct HardSample {
    SampleId sample;
    int target = -1, predicted = -1; ///< classes of the run
    double margin = 0;               ///< p(target) less the largest other p
    double loss = 0;                 ///< -log p(target), natural logarithm
    /// The run did not keep p(target): it is below the least it kept, so the loss is at least this and the
    /// margin at most this.
    bool bound = false;
};

struct UnusualSample {
    SampleId sample;
    double similarity = 0; ///< mean cosine with the nearest others
};
struct UnusualFindings {
    Answer answer = Answer::Ready;      ///< else there is nothing else
    std::vector<UnusualSample> samples; ///< all, the most unusual first
    std::vector<ItemFailure> failures;
};

/// Samples that somebody has put into one class, for a probe to learn from.
struct ProbeClass {
    std::string name;
    std::vector<SampleId> samples; ///< those outside the dataset and split do not count
};
/// What the probe says of a sample that is in no class.
struct ProbeGuess {
    SampleId sample;
    int predicted = -1;    ///< position in the classes given
    double confidence = 0; ///< its probability
    double margin = 0;     ///< less that of the second
};
struct ProbeFindings {
    Answer answer = Answer::Ready;   ///< else there is nothing else
    std::vector<ProbeGuess> guesses; ///< of all the rest, the least sure first: lowest margin
    size_t trained = 0;              ///< images it was fitted on
    size_t ambiguous = 0;            ///< images in several classes: neither fitted on nor guessed
    double milliseconds = 0;         ///< of fitting and predicting, without fetching embeddings
    std::vector<ItemFailure> failures;
};
/// Inverse strength of the L2 penalty for a few examples of unit length.
inline constexpr double kLiveProbeC = 10;

/// Fits a linear probe on the classes' images and applies it to all others: the arithmetic of
/// Curator::probe(). @param dataset for messages @throws Error InvalidArgument: fewer than two classes, or
/// one without images here; Cancelled
ProbeFindings learnAndRank(const ImageEmbeddings& images, std::span<const ProbeClass> classes, double c,
                           const std::string& dataset, const RunContext& context);

/// Looks for what is wrong in a dataset. Labels are those that count: as corrected where they were.
/// Thread-safe.
class Curator {
public:
    /// All outlive it.
    Curator(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}

    /// Near-duplicates of cosine @p floor and more, copies among them. @throws Error, Cancelled
    DuplicateFindings duplicates(const CurationSpec& spec, double floor, const RunContext& context);
    /// Copies of files alone, by the hashes of their bytes; needs no model.
    DuplicateFindings copies(const CurationSpec& spec, const RunContext& context);

    /// Labels that a linear probe on the embeddings, cross-validated, believes to be wrong.
    LabelFindings labelIssues(const CurationSpec& spec, IssueChoice choice, const CrossValidation& folds,
                              const RunContext& context);
    /// Labels that the stored probabilities of a run speak against. @throws Error InvalidArgument for a run
    /// that kept too few classes an image, or whose classes are no longer the dataset's
    LabelFindings labelIssues(RunId run, IssueChoice choice, const RunContext& context);

    /// What the run was least able to tell: lowest margin first. @throws Error InvalidArgument for a run
    /// without a label and probabilities an image
    std::vector<HardSample> hardest(RunId run, const RunContext& context);
    /// Fits a linear probe on the classes' embeddings and applies it to all other images.
    /// @throws Error InvalidArgument: fewer than two classes, or one without images here; Cancelled
    ProbeFindings probe(const CurationSpec& spec, std::span<const ProbeClass> classes, double c,
                        const RunContext& context);
    /// By the mean cosine with the @p neighbours nearest others. @throws Error, Cancelled
    UnusualFindings unusual(const CurationSpec& spec, size_t neighbours, const RunContext& context);

private:
    struct Embedded {
        Answer answer = Answer::Ready;
        ImageEmbeddings images;
    };
    Embedded embed(const CurationSpec& spec, std::span<const SampleId> samples, const std::string& work,
                   const RunContext& context);
    std::vector<Sample> samplesOf(const CurationSpec& spec) const;

    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

} // namespace diptych
