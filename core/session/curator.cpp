// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/curator.h"

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/curation/unusual.h"
#include "core/run/sample_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <unordered_map>

namespace diptych {
namespace {

constexpr size_t kFilesPerTask = 16;

std::vector<SampleId> idsOf(std::span<const Sample> samples) {
    std::vector<SampleId> ids;
    for (const Sample& sample : samples)
        ids.push_back(sample.id);
    return ids;
}

/// Labels and splits of the examples at @p positions.
DuplicateFindings describe(std::span<const Sample> samples, std::span<const size_t> positions) {
    DuplicateFindings findings;
    std::map<std::string, int> numbers;
    for (const size_t at : positions) {
        const Sample& sample = samples[at];
        findings.samples.push_back(sample.id);
        findings.labels.push_back(sample.label);
        if (sample.split.empty()) {
            findings.splits.push_back(-1);
            continue;
        }
        const auto [found, isNew] = numbers.try_emplace(sample.split, static_cast<int>(numbers.size()));
        if (isNew)
            findings.splitNames.push_back(sample.split);
        findings.splits.push_back(found->second);
    }
    return findings;
}

struct Contents {
    std::vector<Hash128> hashes;
    std::vector<size_t> positions; ///< of the files that could be read
    std::vector<ItemFailure> failures;
};

/// Hashes of the samples' files, read where the workspace does not know them.
Contents contentsOf(Workspace& workspace, std::span<const Sample> samples, const RunContext& context) {
    std::vector<SampleFiles> files;
    for (const Sample& sample : samples)
        files.push_back(filesOf(sample));
    auto hashes = knownContents(workspace, files);
    std::vector<std::string> reasons(samples.size());
    std::vector<FileHash> fresh;
    std::mutex mutex;
    context.begin("Reading files", static_cast<int64_t>(samples.size()));
    parallelFor((samples.size() + kFilesPerTask - 1) / kFilesPerTask, context.threadCount(),
                [&](size_t task) {
                    context.throwIfCancelled();
                    const size_t last = std::min(samples.size(), (task + 1) * kFilesPerTask);
                    for (size_t i = task * kFilesPerTask; i < last; ++i) {
                        if (hashes[i])
                            continue;
                        std::vector<FileHash> found;
                        const auto hash = readContent(files[i], found);
                        if (!hash) {
                            reasons[i] = hash.error().what();
                            continue;
                        }
                        hashes[i] = *hash;
                        const std::lock_guard lock(mutex);
                        fresh.insert(fresh.end(), found.begin(), found.end());
                    }
                    context.advance(static_cast<int64_t>(last - task * kFilesPerTask));
                });
    context.end();
    if (!fresh.empty() && !workspace.readOnly())
        workspace.storeContentHashes(fresh);
    Contents out;
    for (size_t i = 0; i < samples.size(); ++i) {
        if (!hashes[i]) {
            out.failures.push_back({samples[i].id, reasons[i]});
            continue;
        }
        out.hashes.push_back(*hashes[i]);
        out.positions.push_back(i);
    }
    return out;
}

} // namespace

std::vector<SampleId> surplusOf(const DuplicateFindings& findings, const DuplicateGroup& group) {
    const auto labelled =
        std::ranges::find_if(group.members, [&](uint32_t i) { return findings.labels[i] >= 0; });
    const uint32_t kept = labelled == group.members.end() ? group.members.front() : *labelled;
    std::vector<SampleId> surplus;
    for (const uint32_t member : group.members)
        if (member != kept)
            surplus.push_back(findings.samples[member]);
    return surplus;
}

bool acrossSplits(const DuplicateFindings& findings, const DuplicateGroup& group) {
    int split = -1;
    for (const uint32_t member : group.members) {
        const int its = findings.splits[member];
        if (its >= 0 && split >= 0 && its != split)
            return true;
        split = std::max(split, its);
    }
    return false;
}

std::vector<Sample> Curator::samplesOf(const CurationSpec& spec) const {
    const DatasetInfo dataset = m_catalog.dataset(spec.dataset);
    auto samples =
        m_workspace.samples(m_workspace.sampleIds(dataset.id, inSplit(spec.split)), SampleDetail::Basic);
    if (samples.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no images{}", dataset.name,
                                spec.split.empty() ? "" : " in split '" + spec.split + "'"));
    const auto corrected = m_workspace.correctedLabels(dataset.id);
    for (Sample& sample : samples)
        if (const auto found = corrected.find(sample.id); found != corrected.end())
            sample.label = found->second;
    return samples;
}

Curator::Embedded Curator::embed(const CurationSpec& spec, std::span<const SampleId> samples,
                                 const std::string& work, const RunContext& context) {
    const ModelRecord record = m_catalog.modelOrAdd(spec.model, context);
    m_catalog.requireFaces(record, {.imageEmbeddings = true}, work);
    const ModelChoice choice{record.directory, {spec.device, spec.precision, spec.threads, spec.alpha}};
    const auto model = spec.encodeMissing
                           ? std::optional(m_models.lease(choice, ModelUse::Long, context.stop))
                           : m_models.leaseUnlessBusy(choice, context.stop);
    if (!model)
        return {Answer::Busy, {}};
    EmbeddingPipeline& pipeline = *(*model)->pipeline;
    const bool cachedOnly = !spec.encodeMissing || m_workspace.readOnly();
    pipeline.setCachedOnly(cachedOnly);
    if (cachedOnly && !pipeline.covers(samples, ImageFeature::Projected, context))
        return {Answer::NotEncoded, {}};
    Embedded out{Answer::Ready, pipeline.images(samples, ImageFeature::Projected, context)};
    if (out.images.ids.empty())
        throw Error(
            ErrorCode::Unreadable,
            fmt::format("No image of dataset '{}' could be read{}", spec.dataset,
                        out.images.failures.empty() ? "" : ": " + out.images.failures.front().reason));
    return out;
}

DuplicateFindings Curator::duplicates(const CurationSpec& spec, double floor, const RunContext& context) {
    const std::vector<Sample> samples = samplesOf(spec);
    Embedded embedded = embed(spec, idsOf(samples), "Finding near-duplicates", context);
    DuplicateFindings findings = describe(samples, embedded.images.positions);
    findings.answer = embedded.answer;
    if (embedded.answer != Answer::Ready)
        return findings;
    findings.links = findDuplicateLinks(embedded.images.rows, embedded.images.contents, floor, context);
    findings.failures = std::move(embedded.images.failures);
    return findings;
}

DuplicateFindings Curator::copies(const CurationSpec& spec, const RunContext& context) {
    const std::vector<Sample> samples = samplesOf(spec);
    Contents contents = contentsOf(m_workspace, samples, context);
    DuplicateFindings findings = describe(samples, contents.positions);
    findings.links = findCopies(contents.hashes);
    findings.failures = std::move(contents.failures);
    return findings;
}

namespace {

void addSuspects(LabelFindings& findings, const LabelIssues& issues, std::span<const SampleId> ids) {
    findings.checked = ids.size();
    for (const LabelIssue& issue : issues.issues)
        findings.suspects.push_back(
            {ids[issue.example], issue.given, issue.suggested, issue.selfConfidence, issue.margin});
}

/// Readable samples whose class has @p least of them or more.
struct Labelled {
    std::vector<SampleId> ids;
    std::vector<int> labels;
    Matrix rows;
    size_t unlabelled = 0, rare = 0;
};

Labelled labelledOf(std::span<const Sample> samples, const ImageEmbeddings& images, size_t least) {
    std::map<int, size_t> counts;
    for (const size_t at : images.positions)
        ++counts[samples[at].label];
    Labelled out;
    std::vector<float> values;
    for (size_t i = 0; i < images.positions.size(); ++i) {
        const Sample& sample = samples[images.positions[i]];
        if (sample.label < 0 || counts[sample.label] < least) {
            ++(sample.label < 0 ? out.unlabelled : out.rare);
            continue;
        }
        out.ids.push_back(sample.id);
        out.labels.push_back(sample.label);
        values.insert(values.end(), images.rows.row(i).begin(), images.rows.row(i).end());
    }
    out.rows = Matrix(out.ids.size(), images.rows.cols(), std::move(values));
    return out;
}

} // namespace

LabelFindings Curator::labelIssues(const CurationSpec& spec, IssueChoice choice, const CrossValidation& folds,
                                   const RunContext& context) {
    const std::vector<Sample> samples = samplesOf(spec);
    const size_t classes = m_workspace.classNames(samples.front().dataset).size();
    if (classes < 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has {}: there are no labels to check", spec.dataset,
                                classes == 0 ? "no classes" : "one class"));
    LabelFindings findings;
    Embedded embedded = embed(spec, idsOf(samples), "Checking labels", context);
    findings.answer = embedded.answer;
    if (embedded.answer != Answer::Ready)
        return findings;
    const Labelled data = labelledOf(samples, embedded.images, 2);
    const OutOfFold probabilities = outOfFoldProbabilities(data.rows, data.labels, classes, folds, context);
    addSuspects(findings, findLabelIssues(probabilities.probabilities, data.labels, choice), data.ids);
    findings.by = fmt::format("a linear probe on {}'s embeddings, {} folds, C {:.3g}, right for {:.1f} % of "
                              "the labels",
                              spec.model, folds.folds, probabilities.c, 100 * probabilities.accuracy);
    if (data.unlabelled > 0)
        findings.notes.push_back(fmt::format("Images without a label, not checked: {}", data.unlabelled));
    if (data.rare > 0)
        findings.notes.push_back(fmt::format(
            "Images that are the only one of their class, which cannot be checked: {}", data.rare));
    findings.failures = std::move(embedded.images.failures);
    return findings;
}

LabelFindings Curator::labelIssues(RunId run, IssueChoice choice, const RunContext& context) {
    const RunRecord record = m_workspace.run(run);
    const size_t classes = record.classNames.size();
    if (!record.datasetId || m_workspace.classNames(record.datasetId) != record.classNames)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The classes of dataset '{}' are no longer those of run {}; evaluate again",
                                record.datasetName, run.value));
    const auto corrected = m_workspace.correctedLabels(record.datasetId);
    std::vector<SampleId> ids;
    std::vector<int> labels;
    std::vector<float> values;
    for (const ExampleResult& example : m_workspace.examples(run)) {
        context.throwIfCancelled();
        const auto found = corrected.find(example.sample);
        const int label = found == corrected.end() ? example.target : found->second;
        if (example.status != ExampleStatus::Ok || label < 0)
            continue;
        if (example.predictions.size() < classes)
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format("Run {} ({}) keeps {} of {} classes for an image, and labels are checked by the "
                            "probabilities of all; evaluate again with --keep {}",
                            run.value, record.task, example.predictions.size(), classes, classes));
        ids.push_back(example.sample);
        labels.push_back(label);
        values.resize(values.size() + classes);
        for (const ScoredIndex& entry : example.predictions)
            if (entry.index >= 0 && static_cast<size_t>(entry.index) < classes)
                values[values.size() - classes + static_cast<size_t>(entry.index)] = entry.score;
    }
    if (ids.empty() || classes < 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} ({}) has no labelled images with probabilities of classes", run.value,
                                record.task));
    LabelFindings findings;
    const Matrix probabilities(ids.size(), classes, std::move(values));
    addSuspects(findings, findLabelIssues(probabilities, labels, choice), ids);
    findings.by =
        fmt::format("the probabilities of run {} ({}, {})", run.value, record.task, record.modelName);
    return findings;
}

std::vector<HardSample> Curator::hardest(RunId run, const RunContext& context) {
    const RunRecord record = m_workspace.run(run);
    std::vector<HardSample> all;
    for (const ExampleResult& example : m_workspace.examples(run)) {
        context.throwIfCancelled();
        if (example.status != ExampleStatus::Ok || example.target < 0 || example.predictions.empty())
            continue;
        HardSample hard{example.sample, example.target, example.predictions.front().index, 0, 0, true};
        double target = 1, other = 0;
        for (const ScoredIndex& entry : example.predictions) {
            const auto score = static_cast<double>(entry.score);
            if (!(score >= 0 && score <= 1))
                throw Error(ErrorCode::InvalidArgument,
                            fmt::format("Run {} ({}) keeps scores that are no probabilities; choose a run "
                                        "that names classes",
                                        run.value, record.task));
            if (entry.index == example.target) {
                hard.bound = false;
                target = score;
            } else {
                other = std::max(other, score);
            }
            if (hard.bound)
                target = std::min(target, score);
        }
        hard.margin = target - other;
        hard.loss = -std::log(std::max(target, 1e-30));
        all.push_back(hard);
    }
    if (all.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} ({}) has no images with a label and probabilities of classes; choose "
                                "a run that names classes",
                                run.value, record.task));
    std::ranges::stable_sort(all, std::less(), &HardSample::margin);
    return all;
}

UnusualFindings Curator::unusual(const CurationSpec& spec, size_t neighbours, const RunContext& context) {
    const std::vector<Sample> samples = samplesOf(spec);
    UnusualFindings findings;
    Embedded embedded = embed(spec, idsOf(samples), "Finding unusual images", context);
    findings.answer = embedded.answer;
    if (embedded.answer != Answer::Ready)
        return findings;
    const auto means = neighbourSimilarity(embedded.images.rows, neighbours, context);
    for (size_t i = 0; i < means.size(); ++i)
        findings.samples.push_back({embedded.images.ids[i], means[i]});
    std::ranges::stable_sort(findings.samples, std::less(), &UnusualSample::similarity);
    findings.failures = std::move(embedded.images.failures);
    return findings;
}

} // namespace diptych
