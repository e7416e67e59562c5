// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/families.h"
#include "core/models/scoped_family.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// Every family there is, in the order they are tried. A new one is a file and a line here.
std::vector<ModelFamily>& table() {
    static std::vector<ModelFamily> families = {
        clipVisionFamily(), clipFamily(),  siglipFamily(),         siglip2Family(),
        alignFamily(),      flavaFamily(), chineseClipFamily(),    altClipFamily(),
        vitFamily(),        xClipFamily(), openClipSiglipFamily(), openClipFamily(),
    };
    return families;
}

const ModelFamily& familyOf(const Checkpoint& checkpoint) {
    std::string known;
    for (const ModelFamily& family : modelFamilies()) {
        if (family.matches(checkpoint))
            return family;
        known += (known.empty() ? "" : ", ") + family.id;
    }
    const std::string type = checkpoint.modelType();
    throw Error(ErrorCode::Unsupported,
                fmt::format("{}: {}; families that can be loaded: {}", displayPath(checkpoint.configPath()),
                            type.empty() ? std::string("'model_type' is missing")
                                         : fmt::format("model_type '{}' is not supported", toValidUtf8(type)),
                            known));
}

} // namespace

const std::vector<ModelFamily>& modelFamilies() {
    return table();
}

ScopedModelFamily::ScopedModelFamily(ModelFamily family) {
    table().push_back(std::move(family));
}

ScopedModelFamily::~ScopedModelFamily() {
    table().pop_back();
}

ModelInfo inspectModel(const Checkpoint& checkpoint) {
    return familyOf(checkpoint).inspect(checkpoint);
}

std::unique_ptr<Model> openModel(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute) {
    const ModelFamily& family = familyOf(*checkpoint);
    return family.open(std::move(checkpoint), compute);
}

} // namespace diptych
