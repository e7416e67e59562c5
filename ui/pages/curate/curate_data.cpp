// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/curate/curate_data.h"

#include "core/session/dataset_summary.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace diptych::ui {
namespace {

constexpr size_t kNeighbours = 10;
constexpr size_t kMostRanked = 1000; ///< of a ranking, the first; the rest is what is usual

QString text(const char* words) {
    return QCoreApplication::translate("diptych::ui::curate", words);
}

QString images(size_t count) {
    return countOf(static_cast<long long>(count), text("image"), text("images"));
}

/// Names of samples and classes for cards.
class Names {
public:
    Names(Workspace& workspace, DatasetId dataset, std::span<const SampleId> ids) {
        for (const std::string& name : workspace.classNames(dataset))
            m_classes << toQString(name);
        for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
            m_samples.emplace(sample.id, Entry{toQString(sample.key).section(QLatin1Char('/'), -1),
                                               sample.label, toQString(sample.split)});
    }
    QString classOf(int label) const {
        return label >= 0 && label < m_classes.size() ? m_classes[label] : text("no label");
    }
    QString file(SampleId id) const { return entry(id).file; }
    QString className(SampleId id) const { return classOf(entry(id).label); }
    QString facts(SampleId id) const {
        const Entry found = entry(id);
        QStringList parts;
        if (found.label >= 0)
            parts << classOf(found.label);
        if (!found.split.isEmpty())
            parts << found.split;
        return parts.join(QStringLiteral(", "));
    }

private:
    struct Entry {
        QString file;
        int label = -1;
        QString split;
    };
    Entry entry(SampleId id) const {
        const auto found = m_samples.find(id);
        return found == m_samples.end() ? Entry() : found->second;
    }
    std::unordered_map<SampleId, Entry> m_samples;
    QStringList m_classes;
};

/// Cards under their titles, in the order in which the titles come first; so the first is the worst.
class Grouping {
public:
    CurateGroup& add(const QString& title, double value, SampleCard card) {
        auto [found, isNew] = m_places.try_emplace(title, m_groups.size());
        if (isNew) {
            CurateGroup group;
            group.title = title;
            group.value = value;
            group.valueText = cosineText(value);
            m_groups.push_back(std::move(group));
        }
        m_groups[found->second].cards.push_back(std::move(card));
        return m_groups[found->second];
    }
    std::vector<CurateGroup> take() { return std::move(m_groups); }

private:
    std::map<QString, size_t> m_places;
    std::vector<CurateGroup> m_groups;
};

QString unreadable(const std::vector<ItemFailure>& failures) {
    return failures.empty() ? QString() : text(" %1 could not be read.").arg(images(failures.size()));
}

template<class Item>
std::vector<SampleId> idsOf(const std::vector<Item>& items) {
    std::vector<SampleId> ids;
    for (const Item& item : items)
        ids.push_back(item.sample);
    return ids;
}

void findDuplicates(Session& session, CurateResult& result, const RunContext& context) {
    const bool copiesOnly = result.wanted.spec.model.empty();
    auto view = std::make_shared<DuplicateView>();
    view->findings = copiesOnly
                         ? session.curator().copies(result.wanted.spec, context)
                         : session.curator().duplicates(result.wanted.spec, kLowestSimilarity, context);
    result.answer = view->findings.answer;
    if (result.answer != Answer::Ready)
        return;
    const Names names(session.workspace(), result.dataset, view->findings.samples);
    for (const SampleId id : view->findings.samples) {
        view->names << names.file(id);
        view->facts << names.facts(id);
    }
    std::vector<double> thresholds;
    for (int step = kSimilaritySteps; step >= 0; --step)
        thresholds.push_back(similarityAt(step));
    view->counts =
        duplicateCounts(view->findings.links, view->findings.splits, view->findings.labels, thresholds);
    result.titleHeader = text("Group");
    result.valueHeader = text("Cosine");
    result.sentence = unreadable(view->findings.failures);
    result.duplicates = std::move(view);
}

void findLabels(Session& session, CurateResult& result, const RunContext& context) {
    const LabelFindings found =
        result.wanted.run
            ? session.curator().labelIssues(result.wanted.run, IssueChoice::OffDiagonal, context)
            : session.curator().labelIssues(result.wanted.spec, IssueChoice::OffDiagonal, {}, context);
    result.answer = found.answer;
    const Names names(session.workspace(), result.dataset, idsOf(found.suspects));
    Grouping groups;
    for (const LabelSuspect& suspect : found.suspects) {
        const QString likely = names.classOf(suspect.suggested);
        const QString title = text("%1 → %2").arg(names.classOf(suspect.given), likely);
        groups
            .add(title, suspect.margin,
                 {suspect.sample, title,
                  text("margin %1, %2").arg(cosineText(suspect.margin), names.file(suspect.sample))})
            .likely = likely;
    }
    result.groups = groups.take();
    result.titleHeader = text("Labelled → likely");
    result.valueHeader = text("Margin");
    result.sentence = text("%1 of %2 labels are likely wrong, by %3.")
                          .arg(exactCountText(static_cast<long long>(found.suspects.size())),
                               exactCountText(static_cast<long long>(found.checked)), toQString(found.by));
    for (const std::string& note : found.notes)
        result.sentence += QLatin1Char(' ') + toQString(note) + QLatin1Char('.');
    result.sentence += unreadable(found.failures);
}

void findHardest(Session& session, CurateResult& result, const RunContext& context) {
    auto found = session.curator().hardest(result.wanted.run, context);
    const size_t all = found.size();
    found.resize(std::min(all, kMostRanked));
    const Names names(session.workspace(), result.dataset, idsOf(found));
    Grouping groups;
    for (const HardSample& hard : found) {
        const bool right = hard.target == hard.predicted;
        const QString title =
            right ? names.classOf(hard.target)
                  : text("%1, taken for %2").arg(names.classOf(hard.target), names.classOf(hard.predicted));
        groups.add(title, hard.margin,
                   {hard.sample, title,
                    (hard.bound ? text("margin %1 at most, loss %2 at least") : text("margin %1, loss %2"))
                        .arg(cosineText(hard.margin), cosineText(hard.loss))});
    }
    result.groups = groups.take();
    result.titleHeader = text("Class");
    result.valueHeader = text("Margin");
    result.sentence =
        text("The hardest %1 of %2: the probability of the label less the largest other, lowest first.")
            .arg(exactCountText(static_cast<long long>(found.size())), images(all));
}

void findUnusual(Session& session, CurateResult& result, const RunContext& context) {
    UnusualFindings found = session.curator().unusual(result.wanted.spec, kNeighbours, context);
    result.answer = found.answer;
    const size_t all = found.samples.size();
    found.samples.resize(std::min(all, kMostRanked));
    const Names names(session.workspace(), result.dataset, idsOf(found.samples));
    Grouping groups;
    for (const UnusualSample& unusual : found.samples)
        groups.add(names.className(unusual.sample), unusual.similarity,
                   {unusual.sample, names.file(unusual.sample),
                    text("%1, %2").arg(cosineText(unusual.similarity), names.className(unusual.sample))});
    result.groups = groups.take();
    result.titleHeader = text("Class");
    result.valueHeader = text("Lowest");
    result.sentence =
        text("The most unusual %1 of %2: the mean cosine with the %3 nearest others, lowest first.")
            .arg(exactCountText(static_cast<long long>(found.samples.size())), images(all))
            .arg(kNeighbours) +
        unreadable(found.failures);
}

void addBins(CurateResult& result, const QString& kind, const std::vector<SummaryBin>& bins, size_t all,
             const Names& names) {
    for (const SummaryBin& bin : bins) {
        CurateGroup group;
        group.title = toQString(bin.title);
        group.note = kind;
        group.value = static_cast<double>(bin.samples.size()) / static_cast<double>(all);
        group.valueText = shareText(group.value);
        for (const SampleId id : bin.samples)
            group.cards.push_back({id, names.file(id), names.facts(id)});
        result.groups.push_back(std::move(group));
    }
}

void findSummary(Session& session, CurateResult& result, const RunContext& context) {
    const DatasetSummary found =
        summarize(session.workspace(), result.dataset, result.wanted.spec.split, context);
    std::vector<SampleId> ids;
    for (const SummaryBin& bin : found.classes)
        ids.insert(ids.end(), bin.samples.begin(), bin.samples.end());
    if (found.classes.empty())
        ids = session.workspace().sampleIds(result.dataset);
    const Names names(session.workspace(), result.dataset, ids);
    addBins(result, text("class"), found.classes, found.samples, names);
    addBins(result, text("split"), found.splits, found.samples, names);
    addBins(result, text("shorter side"), found.sizes, found.samples, names);
    addBins(result, text("width : height"), found.shapes, found.samples, names);
    if (!found.failures.empty()) {
        SummaryBin broken{text("could not be read").toStdString(), idsOf(found.failures)};
        addBins(result, text("file"), {broken}, found.samples, names);
    }
    result.titleHeader = text("Images with");
    result.valueHeader = text("Share");
    result.sentence = text("%1, %2; ").arg(images(found.samples), bytesText(found.bytes));
    result.sentence += found.smallestSide == found.largestSide
                           ? text("all with a shorter side of %1 pixels.").arg(found.smallestSide)
                           : text("shorter sides from %1 to %2 pixels, half of them %3 or more.")
                                 .arg(found.smallestSide)
                                 .arg(found.largestSide)
                                 .arg(found.medianSide);
    if (found.imbalance > 1)
        result.sentence +=
            text(" The largest class has %1 images for one of the smallest.").arg(found.imbalance, 0, 'f', 1);
    if (!found.emptyClasses.empty())
        result.sentence +=
            text(" Classes without images: %1.").arg(static_cast<qulonglong>(found.emptyClasses.size()));
}

void findProbe(Session& session, CurateResult& result, const RunContext& context) {
    Workspace& workspace = session.workspace();
    std::vector<ProbeClass> classes;
    for (const QString& tag : result.wanted.tags) {
        SampleFilter tagged;
        tagged.tags = {tag.toStdString()};
        classes.push_back({tag.toStdString(), workspace.sampleIds(result.dataset, tagged)});
    }
    const ProbeFindings found = session.curator().probe(result.wanted.spec, classes, kLiveProbeC, context);
    result.answer = found.answer;
    if (result.answer != Answer::Ready)
        return;
    const Names names(workspace, result.dataset, idsOf(found.guesses));
    Grouping groups;
    for (const ProbeGuess& guess : found.guesses) {
        const QString tag = result.wanted.tags[guess.predicted];
        CurateGroup& group = groups.add(
            tag, guess.confidence,
            {guess.sample, text("%1 %2").arg(tag, shareText(guess.confidence)), names.file(guess.sample)});
        group.likely = tag;
        group.confidences.push_back(guess.confidence);
    }
    result.groups = groups.take();
    result.titleHeader = text("Predicted");
    result.valueHeader = text("Lowest");
    result.sentence = text("Learned from %1 in %2; the least sure first.")
                          .arg(images(found.trained), durationText(found.milliseconds / 1000));
    if (found.ambiguous > 0)
        result.sentence += text(" %1 with several of the tags left out.").arg(images(found.ambiguous));
    result.sentence += unreadable(found.failures);
}

} // namespace

double confidenceAt(int step) {
    return 0.5 + 0.5 * step / kSimilaritySteps;
}

std::map<QString, std::vector<SampleId>> sureOnes(const std::vector<const CurateGroup*>& groups,
                                                  double confidence) {
    std::map<QString, std::vector<SampleId>> sure;
    for (const CurateGroup* group : groups)
        for (size_t i = 0; i < group->confidences.size(); ++i)
            if (group->confidences[i] >= confidence)
                sure[group->likely].push_back(group->cards[i].sample);
    return sure;
}

double similarityAt(int step) {
    return kLowestSimilarity + (1 - kLowestSimilarity) * step / kSimilaritySteps;
}

QString countsText(const DuplicateView& view, int step) {
    const DuplicateCounts& counts = view.counts[static_cast<size_t>(kSimilaritySteps - step)];
    if (counts.groups == 0)
        return text("No two images are this alike.");
    QString out = text("%1 with %2; %3 beyond one of each.")
                      .arg(countOf(static_cast<long long>(counts.groups), text("group"), text("groups")),
                           images(counts.examples), images(counts.surplus()));
    if (counts.acrossSplits > 0)
        out += text(" Leakage: %1 across splits, with %2.")
                   .arg(countOf(static_cast<long long>(counts.acrossSplits), text("group"), text("groups")),
                        images(counts.examplesAcross));
    if (counts.labelsDiffer > 0)
        out += text(" In %1 the labels differ.")
                   .arg(countOf(static_cast<long long>(counts.labelsDiffer), text("group"), text("groups")));
    return out;
}

std::vector<CurateGroup> duplicateGroupsAt(const DuplicateView& view, double threshold,
                                           bool acrossSplitsOnly) {
    const DuplicateFindings& findings = view.findings;
    std::vector<CurateGroup> out;
    for (const DuplicateGroup& found : duplicateGroups(findings.links, threshold)) {
        const bool across = acrossSplits(findings, found);
        if (acrossSplitsOnly && !across)
            continue;
        CurateGroup group;
        group.title = exactCountText(static_cast<long long>(out.size()) + 1);
        group.value = static_cast<double>(found.similarity);
        group.valueText = cosineText(group.value);
        group.surplus = surplusOf(findings, found);
        QStringList notes;
        if (found.copies)
            notes << text("same file");
        if (across)
            notes << text("across splits");
        const int label = findings.labels[found.members.front()];
        if (std::ranges::any_of(found.members, [&](uint32_t i) {
                return findings.labels[i] >= 0 && label >= 0 && findings.labels[i] != label;
            }))
            notes << text("labels differ");
        group.note = notes.join(QStringLiteral(", "));
        for (const uint32_t member : found.members)
            group.cards.push_back({findings.samples[member],
                                   text("%1: %2").arg(group.title, view.names[member]), view.facts[member]});
        out.push_back(std::move(group));
    }
    return out;
}

CurateResult curate(Session& session, const CurateWanted& wanted, const RunContext& context) {
    CurateResult result;
    result.wanted = wanted;
    if (const auto dataset = session.workspace().findDataset(wanted.spec.dataset))
        result.dataset = dataset->id;
    static constexpr void (*kChecks[])(Session&, CurateResult&, const RunContext&) = {
        findDuplicates, findLabels, findHardest, findUnusual, findSummary, findProbe};
    kChecks[static_cast<size_t>(wanted.check)](session, result, context);
    return result;
}

} // namespace diptych::ui
