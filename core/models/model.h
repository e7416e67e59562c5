// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/image/image_processor.h"
#include "core/models/checkpoint.h"
#include "core/models/compute.h"
#include "core/models/similarity.h"
#include "core/tensor/matrix.h"
#include "core/text/tokenizer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diptych {

/// What a model can be asked for. Tasks say which of these they need, so that an unfit model is refused
/// before the run.
struct Faces {
    bool imageEmbeddings = false;
    bool textEmbeddings = false;            ///< in the space of the images' embeddings
    bool matching = false;                  ///< scores of image-text pairs that look at both together
    std::vector<std::string> names() const; ///< for people: "image embeddings", ...
    /// Those of @p needed that are not among these.
    Faces missing(const Faces& needed) const;
};

/// What the Models page and `diptych models` show; read from config and headers, no weights loaded. The same
/// for every family; a number that a model does not have is 0.
struct ModelInfo {
    std::string family;      ///< registry id, e.g. "clip"
    std::string familyTitle; ///< "CLIP"
    std::string name;
    std::filesystem::path directory;
    std::string fingerprint; ///< weights, config
    std::string licence;
    Faces faces;
    int frames = 1;                   ///< pictures of a sample: more than one for models of clips
    int imageSize = 0, patchSize = 0; ///< pixels
    int embeddingDim = 0;             ///< of the space images and texts share
    int pooledDim = 0;                ///< of the pooled image feature before its projection
    int contextLength = 0, vocabularySize = 0;
    int visionLayers = 0, visionWidth = 0, textLayers = 0, textWidth = 0;
    int64_t parameterCount = 0;
    uint64_t weightBytes = 0;
    std::string weightPrecision;    ///< dtype of the stored weights: "fp32", ...
    uint64_t memoryNeededBytes = 0; ///< estimate: weights in fp32 plus activations of a batch of 32
    Similarity similarity;
    std::vector<std::pair<std::string, std::string>> facts; ///< further rows for people: what, value

    /// Whether Model::explainer() is there: the image tower sees one picture as patches, and there are texts
    /// to compare it with.
    bool explains() const {
        return faces.imageEmbeddings && faces.textEmbeddings && patchSize > 0 && frames == 1;
    }
    Json toJson() const;
    /// Also what earlier versions wrote. @throws Error Corrupt
    static ModelInfo fromJson(const Json& json, std::string_view where);
};

/// Which image feature: after the projection (what the texts' embeddings are compared with) or the pooled
/// tower output before it (what linear probes of the CLIP paper use).
enum class ImageFeature { Projected, Pooled };

/// One sample as a model takes it: float32 of the shape given, e.g. [3, height, width], or
/// [frames, 3, height, width] for a model of clips.
struct Prepared {
    std::vector<int64_t> shape;
    std::vector<float> values;
    /// Where pictures keep their proportions (NaFlex): shape is [patches, values of a patch], and the first
    /// gridHeight x gridWidth patches hold the picture, row by row; else 0.
    int gridHeight = 0, gridWidth = 0;
};

/// A model whose images, and often texts, become points of one space.
class Embedder {
public:
    virtual ~Embedder() = default;
    /// [samples, embeddingDim] (Projected) or [samples, pooledDim] (Pooled), not normalised. @throws Error
    virtual Matrix embedImages(std::span<const Prepared> samples, ImageFeature feature) = 0;
    /// Ids as the model takes them, padded as it was trained. @throws Error Unsupported without texts
    virtual TokenBatch tokenize(std::span<const std::string> texts) const = 0;
    /// [count, embeddingDim], not normalised. @throws Error (ids outside the vocabulary, too long a text)
    virtual Matrix embedTokens(const TokenBatch& tokens) = 0;
    Matrix embedTexts(std::span<const std::string> texts) { return embedTokens(tokenize(texts)); }
};

/// What a model makes of a sample and several texts.
struct TextMatches {
    Matrix logits; ///< [texts, Matcher::logitsPerPair()]
    Matrix
        texts; ///< [texts, d]: their embeddings in the light of the sample, not normalised; empty where none
};

/// A model that scores how well a text fits a picture or clip by looking at both together.
class Matcher {
public:
    virtual ~Matcher() = default;
    /// 1: a logit that is compared between texts. 2: logits of "does not match" and "matches".
    virtual int logitsPerPair() const = 0;
    /// @param texts of each sample. @throws Error as Embedder
    virtual std::vector<TextMatches> match(std::span<const Prepared> samples,
                                           std::span<const std::vector<std::string>> texts) = 0;
};

/// What a model looked at when it compared one picture with one text. Values mean something beside each other
/// only.
struct Relevance {
    float logit = 0;                      ///< of the pair, by the model's own forward pass; relevance() alone
    int gridHeight = 0, gridWidth = 0;    ///< patches of the picture as the model sees it
    int patchSize = 0;                    ///< side of one in that picture, in pixels
    int layers = 0, heads = 0;            ///< of the image tower's attention; a pool counts as a layer
    std::vector<float> patches;           ///< [gridHeight * gridWidth], row by row
    std::vector<std::string> tokens = {}; ///< of the text, padding left out
    std::vector<float> tokenValues = {};  ///< one for each token
};

/// Says which patches and words the similarity of a picture and a text came from.
class Explainer {
public:
    virtual ~Explainer() = default;
    /// Gradient-weighted attention, rolled out through the last layers (Chefer, Gur and Wolf 2021, "Generic
    /// Attention-model Explainability", eq. 5, 6 and 11). @param lastLayers of both towers; 0 = all, as far
    /// as there are so many. Values are 0 or more. @throws Error as Embedder
    virtual Relevance relevance(const Prepared& sample, const std::string& text, int lastLayers) = 0;
    /// The image tower's attention by itself, which does not depend on a text: of the token that is read
    /// (the mean of all where a layer has no such token). @param layer from 0; -1 = the last @param head from
    /// 0; -1 = the mean of all. No tokens. @throws Error InvalidArgument; as Embedder
    virtual Relevance attention(const Prepared& sample, int layer, int head) = 0;
    /// The cosine of each patch with the text: a patch's state after the last layer, put through what else
    /// only the token that is read goes through (norm, projection; of an attention pool, as if it were all
    /// there is). Nothing trained these states to be compared with texts. No tokens. @throws Error as
    /// Embedder
    virtual Relevance patchSimilarity(const Prepared& sample, const std::string& text) = 0;
};

/// A checkpoint ready to be used. Weights are read by load() or the first use that needs them. One thread at
/// a time, except prepare().
class Model {
public:
    virtual ~Model() = default;
    virtual const ModelInfo& info() const = 0;
    virtual const Compute& compute() const = 0; ///< nothing in it is Auto
    /// Reads the weights if that has not been done. @throws Error
    virtual void load() = 0;
    /// @param frames info().frames pictures, of which the model sees what its preprocessing leaves.
    /// Thread-safe. @throws Error
    virtual Prepared prepare(std::span<const Image> frames) const = 0;
    /// Identity of the images' preprocessing, and of how texts become ids: what a cached embedding depends on
    /// besides weights and precision.
    virtual std::string imageKey() const = 0;
    virtual std::string textKey() const = 0;
    /// Images a batch should hold on this device for good speed.
    virtual size_t batchSize() const = 0;
    virtual Embedder* embedder() { return nullptr; }   ///< null where the model has none
    virtual Matcher* matcher() { return nullptr; }     ///< null where the model has none
    virtual Explainer* explainer() { return nullptr; } ///< null unless info().explains()
};

/// Keys of cached embeddings: family, weights, preprocessing or tokenizer, precision and feature (not the
/// device: same numbers up to rounding).
std::string imageSpaceKey(const Model& model, ImageFeature feature);
std::string textSpaceKey(const Model& model);

/// One family of models. Stateless table entry; adding one is a file in families/ and a line in registry.cpp.
struct ModelFamily {
    std::string id;    ///< "clip"
    std::string title; ///< "CLIP"
    bool (*matches)(const Checkpoint& checkpoint);
    ModelInfo (*inspect)(const Checkpoint& checkpoint); ///< also checks every tensor's presence and shape
    std::unique_ptr<Model> (*open)(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute);
};
const std::vector<ModelFamily>& modelFamilies();

/// @throws Error Unsupported that names model_type and the families known
ModelInfo inspectModel(const Checkpoint& checkpoint);
/// @throws Error as inspectModel(); also if tokenizer or preprocessing are missing or do not fit
std::unique_ptr<Model> openModel(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute);

} // namespace diptych
