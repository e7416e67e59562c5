// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/curator.h"
#include "ui/models/sample_card_model.h"

#include <QStringList>

#include <map>
#include <memory>
#include <vector>

namespace diptych {
class Session;
}

namespace diptych::ui {

/// What can be looked for.
enum class CurateCheck { Duplicates, Labels, Hardest, Unusual, Summary, Probe };

struct CurateWanted {
    CurateCheck check = CurateCheck::Duplicates;
    CurationSpec spec; ///< of duplicates without a model: copies of files alone
    RunId run;         ///< of Hardest; of Labels: whose probabilities are taken, none = a linear probe
    QStringList tags;  ///< of Probe: what it tells apart
};

/// Images that one row of the list stands for.
struct CurateGroup {
    QString title, valueText, note;
    double value = 0; ///< what valueText says, to sort by
    std::vector<SampleCard> cards;
    std::vector<SampleId> surplus = {};   ///< of duplicates: all but the one that is kept
    QString likely = {};                  ///< of wrong labels: the class that is right; of a probe: the tag
    std::vector<double> confidences = {}; ///< of a probe: of each card
};

/// Duplicates from kLowestSimilarity on, with what is shown of each image; immutable.
struct DuplicateView {
    DuplicateFindings findings;
    QStringList names, facts;            ///< of findings.samples: file name; class and split
    std::vector<DuplicateCounts> counts; ///< at similarityAt(step), steps falling from kSimilaritySteps
};
inline constexpr double kLowestSimilarity = 0.85;
inline constexpr int kSimilaritySteps = 150;
/// 0 = kLowestSimilarity, kSimilaritySteps = 1.
double similarityAt(int step);
/// "12 groups with 27 images, ...": what there is at a step.
QString countsText(const DuplicateView& view, int step);
std::vector<CurateGroup> duplicateGroupsAt(const DuplicateView& view, double threshold,
                                           bool acrossSplitsOnly);

/// The least confidence that a step of the same slider stands for: 0 = one half, kSimilaritySteps = 1.
double confidenceAt(int step);
/// The images of the groups whose predicted tag reaches the confidence, by tag.
std::map<QString, std::vector<SampleId>> sureOnes(const std::vector<const CurateGroup*>& groups,
                                                  double confidence);

/// What a check has found.
struct CurateResult {
    CurateWanted wanted;
    Answer answer = Answer::Ready; ///< else there is nothing else
    DatasetId dataset;
    QString sentence;                 ///< what was found, for people
    QString titleHeader, valueHeader; ///< of the list's columns
    std::vector<CurateGroup> groups;  ///< none for duplicates with a model: duplicateGroupsAt()
    std::shared_ptr<const DuplicateView> duplicates;
};
/// On a worker thread. @throws Error, Cancelled
CurateResult curate(Session& session, const CurateWanted& wanted, const RunContext& context);

} // namespace diptych::ui
