// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"
#include "core/image/image.h"
#include "core/projection/frame_callback.h"
#include "core/session/evaluator.h"
#include "core/session/program_version.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diptych {

struct SearchQuery; // these two: core/session/searcher.h
struct SearchResult;
struct MapSpec; // these three: core/session/embedding_map.h
struct EmbeddingMap;
struct SelectionNames;
struct ExplainQuery; // these two: core/session/explanation.h
struct Explanation;
class Curator;             // core/session/curator.h
struct TextNeighbourQuery; // these two: core/session/text_neighbours.h
struct TextNeighbours;
struct SpaceSpec; // these two: core/session/space_comparison.h
struct SpaceComparison;
struct OpenedWorkbench; // core/session/prompt_workbench.h

/// What opening the demo workspace found and made.
struct DemoWorkspace {
    std::filesystem::path path;
    std::vector<RunSpec> evaluations; ///< what `diptych demo` runs, in order
};

/// The facade both front ends use. Thread-safe: workspace queries run side by side; whatever needs a model
/// waits its turn, and stops waiting when it is cancelled. The window calls it from worker threads only.
class Session {
public:
    /// @throws Error (Locked, NewerVersion, Corrupt, Unreadable, NotFound)
    static std::shared_ptr<Session> open(const std::filesystem::path& workspace, WorkspaceMode mode);
    static std::shared_ptr<Session> openOrCreate(const std::filesystem::path& workspace);
    ~Session();

    Workspace& workspace();

    /// Indexes @p source and stores it under @p name; a dataset of that name is brought up to date, its tags
    /// kept.
    /// @throws Error, Cancelled
    DatasetId importDataset(const std::filesystem::path& source, const std::string& name,
                            const ImportOptions& options, const RunContext& context);
    /// Checks the checkpoint whole and registers it; the same folder again updates its entry. @throws Error
    ModelId addModel(const std::filesystem::path& directory, const RunContext& context);
    ModelInfo modelInfo(ModelId model);
    /// For a checkpoint folder that was moved: the model is in @p directory from now on.
    /// @throws Error InvalidArgument if another checkpoint is there
    void relocateModel(ModelId model, const std::filesystem::path& directory, const RunContext& context);

    /// The dataset as tasks see it.
    TaskDataset taskDataset(DatasetId dataset, const std::string& split);
    /// Encodes all images of a dataset into the cache. @return images that could not be read
    std::vector<ItemFailure> encode(const RunSpec& spec, const RunContext& context);
    /// Runs the task and stores the result in one transaction. @throws Error, Cancelled (embeddings made so
    /// far stay)
    RunId run(const RunSpec& spec, const RunContext& context);
    /// Why the task cannot run on this dataset and split, for people; empty = it can. @throws Error NotFound
    std::string unsuitable(const RunSpec& spec);
    /// Never encodes images, nor waits for a run. @throws Error (NotFound for a task, dataset, model or
    /// prompt set that is not there; InvalidArgument for a task without a preview), Cancelled
    Preview preview(const RunSpec& spec, const RunContext& context);

    /// What a stored run would be with other parameters, on the embeddings that are kept: nothing is stored
    /// and no image is encoded. Waits for a model that is busy.
    /// @param spec the run's, with other parameters
    /// @throws Error NotFound (the run's dataset or model is gone), InvalidArgument (another checkpoint under
    /// the model's name, images that are not encoded), Cancelled
    Recount recount(const RunSpec& spec, const RunRecord& run, const RunContext& context);

    /// The samples nearest to the query; include core/session/searcher.h. Images that cannot be read are not
    /// among them. The embeddings of the dataset searched last stay in memory, so that the next query costs
    /// its own encoding and one pass over them. @throws Error (Unreadable for a picture that is none,
    /// InvalidArgument), Cancelled
    SearchResult search(const SearchQuery& query, const RunContext& context);
    /// Builds the graph that search() walks in a large dataset, where it is not there: minutes for a million
    /// images. Searches go on meanwhile, by comparing all. It is kept as long as the embeddings are.
    /// @param query its dataset, model and split; terms are not looked at. @throws Error, Cancelled
    Answer buildSearchIndex(const SearchQuery& query, const RunContext& context);

    /// A dataset's embeddings laid out in two or three dimensions; include core/session/embedding_map.h. A
    /// map that was made before comes from the workspace. The model is held while embeddings are fetched, not
    /// while they are laid out.
    /// @param onFrame gets intermediate positions, from this thread
    /// @throws Error (NotFound; InvalidArgument: options, no points, no texts of that kind), Cancelled
    EmbeddingMap embeddingMap(const MapSpec& spec, const RunContext& context,
                              const FrameCallback& onFrame = {});

    /// The @p count words of a vocabulary that come nearest to what tells the selected pictures from all of
    /// the map's: by cosine with the mean of the selected less the mean of all. Words are prompted by the
    /// spec's templates. @throws Error (InvalidArgument: no words, none or all selected), Cancelled
    SelectionNames nameSelection(const MapSpec& spec, std::span<const SampleId> samples,
                                 std::span<const std::string> words, size_t count, const RunContext& context);

    /// What looks for duplicates, wrong labels and the like; include core/session/curator.h.
    Curator& curator();

    /// The samples whose captions, or the classes whose names, are nearest to a sample's in the model's text
    /// space; include core/session/text_neighbours.h. @throws Error, Cancelled
    TextNeighbours textNeighbours(const TextNeighbourQuery& query, const RunContext& context);

    /// How alike two models' embeddings of the same pictures are; include core/session/space_comparison.h.
    /// @throws Error, Cancelled
    SpaceComparison compareSpaces(const SpaceSpec& spec, const RunContext& context);

    /// Which patches of a picture, and which words, its similarity with a text comes from; include
    /// core/session/explanation.h. Never waits for a run.
    /// @throws Error (as explain(); for a picture that cannot be read), Cancelled
    Explanation explain(const ExplainQuery& query, const RunContext& context);

    /// The labelled images that prompts are tried on; include core/session/prompt_workbench.h. @param spec
    /// its dataset, model, split, samples and labels; task and parameters are not looked at
    /// @param encodeMissing else images that are not encoded are not waited for, nor is a run. The session
    /// outlives the workbench, which encodes texts with the model.
    /// @throws Error (InvalidArgument: no labels, fewer than two classes; as encode()), Cancelled
    OpenedWorkbench openWorkbench(const RunSpec& spec, bool encodeMissing, const RunContext& context);

    /// Decoded and oriented, for showing. Runs on the calling thread.
    Result<Image> image(SampleId sample);
    Result<Image> thumbnail(SampleId sample, int side);
    /// The picture as @p model gets it: resized and cropped, before its values are normalised. Loads no
    /// weights; runs on the calling thread. @throws Error for a checkpoint that cannot be read
    Result<Image> modelImage(SampleId sample, ModelId model, Alpha alpha);

    /// Class names as they were when the run was made.
    std::vector<std::string> classNames(RunId run);

private:
    struct Private;
    explicit Session(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

/// Makes (first time) or completes the demo workspace from the program's resources. @p path empty: the user's
/// data folder ($XDG_DATA_HOME/diptych/demo). @throws Error
DemoWorkspace prepareDemoWorkspace(const std::filesystem::path& path, const RunContext& context);

} // namespace diptych
