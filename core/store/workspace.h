// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/datasets/dataset.h"
#include "core/store/embedding_store.h"
#include "core/store/label_correction.h"
#include "core/store/output_store.h"
#include "core/store/positive_pair.h"
#include "core/store/records.h"
#include "core/store/run_record.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

class FacetTable; // core/store/facet_table.h

enum class WorkspaceMode { ReadWrite, ReadOnly };

struct WorkspaceOptions {
    WorkspaceMode mode = WorkspaceMode::ReadWrite;
    int busyTimeoutMs = 5000; ///< how long to wait for a database another program holds
};

/// A folder with everything a person's work on datasets and models leaves behind: workspace.sqlite,
/// embeddings/, reports/ and the files `lock` and `reserve`.
///
/// One process at a time may have it open for writing; any number may read beside it (ReadOnly). Every call
/// is complete in itself and may come from any thread: readers do not wait for the writer. Every change is
/// one transaction: after an exception, a kill or a full disk the workspace is as it was before the call.
///
/// All calls throw Error: NotFound (no such id), InvalidArgument (a change while open for ReadOnly, a name
/// that is taken or empty), Locked (database held by another program beyond the time-out), DiskFull, Corrupt.
class Workspace {
public:
    /// Makes the folder and an empty workspace in it. @throws Error InvalidArgument if there already is one
    /// or the folder holds other files
    static std::unique_ptr<Workspace> create(const std::filesystem::path& directory,
                                             const WorkspaceOptions& options = {});
    /// @throws Error NotFound (no workspace there), NewerVersion (nothing is touched), Locked (naming the
    /// process that has it open for writing), Corrupt
    static std::unique_ptr<Workspace> open(const std::filesystem::path& directory,
                                           const WorkspaceOptions& options = {});
    static std::unique_ptr<Workspace> openOrCreate(const std::filesystem::path& directory,
                                                   const WorkspaceOptions& options = {});
    /// True if the folder holds a workspace (by its database's presence).
    static bool exists(const std::filesystem::path& directory);
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    const std::filesystem::path& path() const; ///< absolute
    bool readOnly() const;
    std::filesystem::path reportsDirectory() const;
    EmbeddingStore& embeddings();
    OutputStore& outputs();
    /// All that models made and that is kept: embeddings, and other outputs, whose dimension is 0.
    std::vector<EmbeddingSpaceInfo> cachedSpaces() const;
    /// Takes one of them away; it is made anew when it is needed. No error if there is none of that key.
    void removeCachedSpace(const std::string& key);

    // Datasets
    /// @throws Error InvalidArgument if the name is taken
    DatasetId addDataset(const std::string& name, const DatasetIndex& index, const RunContext& context);
    /// Brings a dataset to a new import. Samples are the same if their keys are: they keep id, tags and
    /// results. Those gone from the source are no longer listed; they stay reachable by id where a tag, a
    /// saved selection or a run's result needs them.
    void replaceDataset(DatasetId id, const DatasetIndex& index, const RunContext& context);
    std::vector<DatasetInfo> datasets() const; ///< by name
    DatasetInfo dataset(DatasetId id) const;
    std::optional<DatasetInfo> findDataset(const std::string& name) const;
    /// With its samples, tags and the per-example results of its runs; the runs and their numbers stay.
    void removeDataset(DatasetId id);
    void renameDataset(DatasetId id, const std::string& name);
    /// For a folder that was moved: image paths start at @p newRoot from now on.
    /// @throws Error NotFound if none of the images (a spread of them is tried) is there
    void relocateDataset(DatasetId id, const std::filesystem::path& newRoot);
    std::vector<std::string> classNames(DatasetId id) const;
    std::map<int, int64_t> labelCounts(DatasetId id) const; ///< samples of each label that occurs; -1 = none
    std::vector<std::string> splits(DatasetId id) const;    ///< sorted; without the empty one
    std::vector<ColumnInfo> columns(DatasetId id) const;    ///< by name
    /// False where none of a spread of its images is there: the folder was moved or is not mounted.
    bool datasetReachable(DatasetId id) const;
    std::vector<ImportProblem> problems(DatasetId id) const;

    // Samples
    /// @throws Error NotFound if the filter's saved selection or run is gone
    std::vector<SampleId> sampleIds(DatasetId id, const SampleFilter& filter = {},
                                    const SampleSort& sort = {}) const;
    Sample sample(SampleId id) const;
    /// In the order of @p ids; ids that no longer exist are left out.
    std::vector<Sample> samples(std::span<const SampleId> ids,
                                SampleDetail detail = SampleDetail::Full) const;

    // Tags
    /// @return those that did not have it
    std::vector<SampleId> addTag(std::span<const SampleId> ids, const std::string& tag);
    /// @return those that had it
    std::vector<SampleId> removeTag(std::span<const SampleId> ids, const std::string& tag);
    std::vector<TagInfo> tags() const; ///< tags in use, by name

    // Notes
    /// An empty text takes the note away. @return the notes before, of those that have changed; given back to
    /// this call they undo it
    std::vector<SampleNote> setNotes(std::span<const SampleNote> notes);

    /// For counting what samples can be told apart by, with the results of @p run if one is given; a fraction
    /// of a second for 100,000 samples. @throws Error NotFound
    FacetTable facetTable(DatasetId dataset, RunId run = {}) const;

    // Saved views
    enum class IfTaken { Refuse, Replace }; ///< what to do with a view that has the name already
    /// @throws Error InvalidArgument if the name is empty or taken
    ViewId saveView(DatasetId dataset, const std::string& name, const SampleFilter& filter,
                    IfTaken ifTaken = IfTaken::Refuse);
    /// @throws Error InvalidArgument; NotFound if one of @p samples is not of the dataset
    ViewId saveSelection(DatasetId dataset, const std::string& name, std::span<const SampleId> samples,
                         IfTaken ifTaken = IfTaken::Refuse);
    std::vector<SavedView> views(DatasetId dataset) const; ///< by name
    SavedView view(ViewId id) const;
    std::optional<SavedView> findView(DatasetId dataset, const std::string& name) const;
    /// What finds the view's samples. @throws Error NotFound where it asks for a class that the dataset no
    /// longer has; Corrupt
    SampleFilter viewFilter(const SavedView& view) const;
    void renameView(ViewId id, const std::string& name);
    void removeView(ViewId id);

    // Prompts under a name
    /// @param content an object @throws Error InvalidArgument if the name is empty or taken
    void savePrompts(const std::string& name, const Json& content, IfTaken ifTaken = IfTaken::Refuse);
    std::vector<PromptVariant> prompts() const; ///< by name
    std::optional<PromptVariant> findPrompts(const std::string& name) const;
    void renamePrompts(const std::string& name, const std::string& newName);
    void removePrompts(const std::string& name);

    // Corrected labels, beside those that were imported
    /// Corrects labels to the class named @p to, empty = to none. @return what was changed: samples that have
    /// the label already are left out. @throws Error NotFound if their dataset has no such class
    std::vector<LabelCorrection> correctLabels(std::span<const SampleId> ids, const std::string& to,
                                               const std::string& note);
    /// Takes them back, out of the history too.
    void removeCorrections(std::span<const LabelCorrection> corrections);
    /// Puts back what removeCorrections() took, with its time, as the last ones of their samples.
    void restoreCorrections(std::span<const LabelCorrection> corrections);
    std::vector<LabelCorrection> labelCorrections(DatasetId dataset) const; ///< the history, oldest first
    /// The label that counts of each sample whose last correction is another than what was imported; -1 =
    /// none. A correction to a class that is gone does not count.
    std::map<SampleId, int> correctedLabels(DatasetId dataset) const;

    // Captions that are right for another image too, beside what the dataset says
    /// @return those that were not marked yet. @throws Error NotFound (no such sample or caption),
    /// InvalidArgument (a caption's own image, or samples of different datasets); then none is added
    std::vector<PositivePair> addPositives(std::span<const PositivePair> pairs);
    /// @return those that were marked
    std::vector<PositivePair> removePositives(std::span<const PositivePair> pairs);
    std::vector<PositivePair> positives(DatasetId dataset) const; ///< as they were marked, oldest first

    // Content hashes of files, so that a second run does not read them again
    /// The hash of each file if it is known and the file looks unchanged.
    std::vector<std::optional<Hash128>>
    cachedContentHashes(std::span<const std::filesystem::path> paths) const;
    std::optional<Hash128> cachedContentHash(const std::filesystem::path& path) const;
    void storeContentHashes(std::span<const FileHash> hashes);
    /// Has the dataset's images read and hashed again by whoever needs them next: for those who do not trust
    /// times, sizes and inode numbers (network drives, files put back by a backup).
    void forgetContentHashes(DatasetId id);

    // Hashes of the tensors in weight files, likewise
    std::optional<Hash128> cachedWeightHash(const std::filesystem::path& file) const;
    /// Does nothing where nothing can be written.
    void storeWeightHash(const FileHash& hash);

    // Models
    /// Adds a folder, or brings the entry of that folder up to date. A name that another folder has gets a
    /// number: "name (2)". @param name empty = the folder's own name
    ModelId addModel(const std::filesystem::path& directory, const std::string& name, const Json& info,
                     const std::string& fingerprint);
    std::vector<ModelRecord> models() const; ///< by name
    ModelRecord model(ModelId id) const;
    std::optional<ModelRecord> findModel(const std::string& name) const;
    void removeModel(ModelId id); ///< the entry alone: neither files nor runs
    void renameModel(ModelId id, const std::string& name);
    /// For a folder that was moved. @throws Error InvalidArgument if the checkpoint there is another one
    /// (its fingerprint differs), or another model has that folder
    void relocateModel(ModelId id, const std::filesystem::path& directory, const Json& info,
                       const std::string& fingerprint);
    /// Whether the checkpoint's folder is there.
    bool modelReachable(ModelId id) const;

    // Runs
    /// Stores a run with its examples, in their order, in one transaction; one with an id under that number.
    RunId addRun(const RunRecord& run, std::span<const ExampleResult> examples);
    std::vector<RunRecord> runs(const RunFilter& filter = {}) const; ///< newest first, without details
    RunRecord run(RunId id) const;
    void removeRun(RunId id);
    /// @return the marks before. @throws Error InvalidArgument for a name or note that is too long
    RunMarks editRunMarks(RunId id, const RunMarksEdit& edit);
    int64_t exampleCount(RunId id, const ExampleFilter& filter = {}) const;
    std::vector<SampleId> exampleIds(RunId id, const ExampleFilter& filter = {}, ExampleSort sort = {}) const;
    /// @param limit -1 = all from @p offset on
    std::vector<ExampleResult> examples(RunId id, const ExampleFilter& filter = {}, ExampleSort sort = {},
                                        int64_t offset = 0, int64_t limit = -1) const;
    std::optional<ExampleResult> exampleFor(RunId id, SampleId sample) const;
    std::vector<SampleRun> runsContaining(SampleId sample) const; ///< newest first

private:
    class Impl;
    explicit Workspace(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace diptych
