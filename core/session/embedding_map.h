// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/projection/projection.h"
#include "core/session/evaluator.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// What a map shows: the pictures of a dataset, its texts, or both in one space.
enum class MapContent { Images, Texts, Both };
/// Which texts: one for each class, from prompts, or the captions of the samples.
enum class MapTexts { Classes, Captions };

/// An axis of a map that text spans: how near a point is to one text, or how much nearer than to another.
struct TextAxis {
    std::string text;
    std::string less; ///< subtracted, both at length 1; empty = nothing
};

/// One map, completely described: the same spec gives the same map from the window and the command line.
struct MapSpec {
    std::string dataset; ///< name in the workspace
    std::string model;   ///< name in the workspace, or a checkpoint folder (then added to it)
    std::string split;   ///< only this split; empty = all samples
    MapContent content = MapContent::Images;
    MapTexts texts = MapTexts::Classes;
    std::string templates = "simple"; ///< of the class prompts: a set, a file or a template with {}
    /// Subtracts from pictures and from texts the mean of each, which takes the gap between the two away.
    bool center = false;
    ProjectionOptions projection;
    /// Two or three instead of the projection: a point's coordinates are the cosines of its embedding with
    /// the axes.
    std::vector<TextAxis> axes;
    uint64_t seed = 0;
    bool recall = false;     ///< asks for EmbeddingMap::recall and centredRecall; for pictures with texts
    bool neighbours = false; ///< asks for EmbeddingMap::neighbours
    /// Placed into the map, which stays as it is: exactly where axes are straight (PCA, text), else among the
    /// points nearest to them. Not for centred maps.
    std::vector<std::string> placeTexts;
    std::vector<std::filesystem::path> placeImages; ///< files; need not be of the dataset
    /// Waits for the model and encodes what the cache lacks first, which may take long; else the answer may
    /// be NotEncoded or Busy.
    bool encodeMissing = true;
    /// Only a layout that is kept: NotEncoded where there is none.
    bool keptOnly = false;
    Device device = Device::Auto;
    Precision precision = Precision::Auto;
    Alpha alpha = Alpha::Drop;
    unsigned threads = 0;
};

/// What a point of the map stands for.
struct MapPoint {
    enum class Kind { Image, Class, Caption };
    Kind kind = Kind::Image;
    SampleId sample;  ///< the picture, or the sample a caption belongs to; none for a class
    int label = -1;   ///< of the sample, or the class; -1 = none
    std::string text; ///< the class name or the caption; empty for a picture
};

/// How far apart pictures and texts lie, in the embeddings that were projected (Liang et al. 2022).
struct ModalityGap {
    double centroidDistance = 0; ///< Euclidean, of the mean of the pictures and the mean of the texts
    double meanPairDistance = 0; ///< Euclidean, of a picture and its class or caption
    size_t pairs = 0;            ///< pictures with a class prompt, or captions
};

/// Of those that have a partner, how many find it first by cosine, in [0, 1]: recall at 1 both ways.
struct PairRecall {
    double imageToText = 0; ///< pictures whose nearest class or caption is (one of) their own
    double textToImage = 0; ///< classes and captions whose nearest picture is (one of) theirs
};

/// A text or picture that was placed into a map.
struct PlacedPoint {
    std::string name;              ///< the text, or the file
    std::vector<float> position;   ///< as many as the map has dimensions
    std::vector<uint32_t> nearest; ///< points of the map nearest in the embeddings, nearest first
};

/// A laid out map. Points that cannot be encoded are not on it.
struct EmbeddingMap {
    Answer answer = Answer::Ready; ///< else there is nothing else
    std::vector<MapPoint> points;  ///< pictures in the dataset's order, then texts
    Matrix positions;              ///< [points, 2 or 3]
    /// Of every point the share of its nearest neighbours in the embeddings (kMapNeighbours of them) that are
    /// among as many nearest in the map, in [0, 1].
    std::vector<float> preservation;
    /// The share of the true neighbours that preservation was measured with, and t-SNE and UMAP are made of:
    /// 1 up to kMostExactNeighbourRows points, else measured on a sample.
    double neighbourRecall = 1;
    std::vector<double> explainedVarianceRatio; ///< PCA: of each axis; else empty
    /// As the model gives embeddings, and after the mean of pictures and of texts is subtracted, if asked
    /// for.
    std::optional<PairRecall> recall, centredRecall;
    std::optional<ModalityGap> gap; ///< for pictures and texts in one map
    NeighbourTable neighbours;      ///< of the points in the embeddings, if asked for: kMapNeighbours of each
    std::vector<PlacedPoint> placed;   ///< texts, then pictures, in the spec's order
    std::vector<ItemFailure> failures; ///< pictures that cannot be read
    std::vector<std::string> notes;    ///< what was done otherwise than asked, for people
    bool fromCache = false;            ///< the layout was there already
};
inline constexpr size_t kMapNeighbours = 10;
/// How many neighbours of each point that is: fewer where there are not so many others.
inline size_t neighboursCompared(const EmbeddingMap& map) {
    return map.points.empty() ? 0 : std::min(kMapNeighbours, map.points.size() - 1);
}
/// 2 or 3: those of the projection, or as many as there are axes by text.
size_t mapDimensions(const MapSpec& spec);

/// A word, and the cosine of its embedding with what tells the selected pictures from all.
struct SelectionName {
    std::string word;
    double cosine = 0;
};
struct SelectionNames {
    Answer answer = Answer::Ready;    ///< else there is nothing else
    std::vector<SelectionName> names; ///< nearest first
    size_t samples = 0;               ///< selected pictures that are on the map
};

/// Makes maps, and keeps them in the workspace. Thread-safe.
class Mapper {
public:
    /// All outlive it.
    Mapper(Workspace& workspace, Catalog& catalog, ModelPool& models)
        : m_workspace(workspace), m_catalog(catalog), m_models(models) {}
    /// Session::embeddingMap().
    EmbeddingMap map(const MapSpec& spec, const RunContext& context, const FrameCallback& onFrame);
    /// Session::nameSelection().
    SelectionNames nameSelection(const MapSpec& spec, std::span<const SampleId> samples,
                                 std::span<const std::string> words, size_t count, const RunContext& context);

private:
    Answer withModel(const MapSpec& spec, const TaskDataset& dataset, const Faces& needed,
                     const RunContext& context, const std::function<void(LoadedModel&)>& use);
    static void measureGap(const MapSpec& spec, struct MapInput& input, EmbeddingMap& map,
                           const RunContext& context);

    Workspace& m_workspace;
    Catalog& m_catalog;
    ModelPool& m_models;
};

} // namespace diptych
