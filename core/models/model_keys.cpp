// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/models/model.h"

namespace diptych {

std::string imageSpaceKey(const Model& model, ImageFeature feature) {
    Hasher hasher;
    hasher.addField(model.info().family).addField(model.info().fingerprint).addField(model.imageKey());
    hasher.addField(precisionName(model.compute().precision));
    hasher.addField(feature == ImageFeature::Projected ? "projected" : "pooled");
    return hasher.finish().hex();
}

std::string textSpaceKey(const Model& model) {
    Hasher hasher;
    hasher.addField(model.info().family).addField(model.info().fingerprint).addField(model.textKey());
    hasher.addField(precisionName(model.compute().precision)).addField("text");
    return hasher.finish().hex();
}

} // namespace diptych
