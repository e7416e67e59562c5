// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/models/model.h"

namespace diptych {
namespace {

Json factsJson(const std::vector<std::pair<std::string, std::string>>& facts) {
    Json out = Json::array();
    for (const auto& [what, value] : facts)
        out.push_back({{"what", what}, {"value", value}});
    return out;
}

std::vector<std::pair<std::string, std::string>> factsFrom(const Json& json, std::string_view where) {
    std::vector<std::pair<std::string, std::string>> facts;
    const auto found = json.find("facts");
    if (found != json.end() && found->is_array())
        for (const Json& fact : *found)
            facts.emplace_back(jsonString(fact, "what", "", where), jsonString(fact, "value", "", where));
    return facts;
}

Faces facesFrom(const Json& json) {
    const auto found = json.find("faces");
    if (found == json.end() || !found->is_array())
        return {true, true};
    Faces faces;
    for (const Json& name : *found) {
        faces.imageEmbeddings |= name == "image embeddings";
        faces.textEmbeddings |= name == "text embeddings";
        faces.matching |= name == "image-text matching";
    }
    return faces;
}

} // namespace

std::vector<std::string> Faces::names() const {
    std::vector<std::string> names;
    if (imageEmbeddings)
        names.emplace_back("image embeddings");
    if (textEmbeddings)
        names.emplace_back("text embeddings");
    if (matching)
        names.emplace_back("image-text matching");
    return names;
}

Faces Faces::missing(const Faces& needed) const {
    return {needed.imageEmbeddings && !imageEmbeddings, needed.textEmbeddings && !textEmbeddings,
            needed.matching && !matching};
}

Json ModelInfo::toJson() const {
    return {{"family", family},
            {"family_title", familyTitle},
            {"name", name},
            {"directory", displayPath(directory)},
            {"fingerprint", fingerprint},
            {"licence", licence},
            {"frames", frames},
            {"image_size", imageSize},
            {"patch_size", patchSize},
            {"embedding_dim", embeddingDim},
            {"context_length", contextLength},
            {"vocabulary_size", vocabularySize},
            {"vision_layers", visionLayers},
            {"vision_width", visionWidth},
            {"text_layers", textLayers},
            {"text_width", textWidth},
            {"parameters", parameterCount},
            {"weight_bytes", weightBytes},
            {"weight_precision", weightPrecision},
            {"memory_needed_bytes", memoryNeededBytes},
            {"pooled_dim", pooledDim},
            {"faces", faces.names()},
            {"similarity", similarityName(similarity.kind)},
            {"logit_scale", similarity.scale},
            {"logit_bias", similarity.bias},
            {"facts", factsJson(facts)}};
}

ModelInfo ModelInfo::fromJson(const Json& json, std::string_view where) {
    const auto number = [&](const char* key) { return static_cast<int>(jsonInt(json, key, 0, where)); };
    ModelInfo info;
    info.family = jsonString(json, "family", "", where);
    info.familyTitle = jsonString(json, "family_title", "", where);
    info.name = jsonString(json, "name", "", where);
    info.directory = jsonString(json, "directory", "", where);
    info.fingerprint = jsonString(json, "fingerprint", "", where);
    info.licence = jsonString(json, "licence", "", where);
    info.frames = static_cast<int>(jsonInt(json, "frames", 1, where));
    info.imageSize = number("image_size");
    info.patchSize = number("patch_size");
    info.embeddingDim = number("embedding_dim");
    info.contextLength = number("context_length");
    info.vocabularySize = number("vocabulary_size");
    info.visionLayers = number("vision_layers");
    info.visionWidth = number("vision_width");
    info.textLayers = number("text_layers");
    info.textWidth = number("text_width");
    info.parameterCount = jsonInt(json, "parameters", 0, where);
    info.weightBytes = static_cast<uint64_t>(jsonInt(json, "weight_bytes", 0, where));
    info.weightPrecision = jsonString(json, "weight_precision", "", where);
    info.memoryNeededBytes = static_cast<uint64_t>(jsonInt(json, "memory_needed_bytes", 0, where));
    // Earlier versions knew CLIP alone and wrote none of these three.
    info.pooledDim = static_cast<int>(jsonInt(json, "pooled_dim", info.visionWidth, where));
    info.faces = facesFrom(json);
    info.similarity.kind = jsonString(json, "similarity", "softmax", where) == "sigmoid"
                               ? Similarity::Kind::Sigmoid
                               : Similarity::Kind::Softmax;
    info.similarity.scale = static_cast<float>(jsonNumber(json, "logit_scale", 1, where));
    info.similarity.bias = static_cast<float>(jsonNumber(json, "logit_bias", 0, where));
    info.facts = factsFrom(json, where);
    return info;
}

} // namespace diptych
