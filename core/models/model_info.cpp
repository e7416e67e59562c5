// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/models/dual_encoder.h"

namespace diptych {

Json ModelInfo::toJson() const {
    return {{"family", family},
            {"family_title", familyTitle},
            {"name", name},
            {"directory", displayPath(directory)},
            {"fingerprint", fingerprint},
            {"licence", licence},
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
            {"logit_scale", logitScale},
            {"logit_bias", logitBias}};
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
    info.logitScale = static_cast<float>(jsonNumber(json, "logit_scale", 1, where));
    info.logitBias = static_cast<float>(jsonNumber(json, "logit_bias", 0, where));
    return info;
}

} // namespace diptych
