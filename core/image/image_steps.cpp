// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_recipe.h"

#include <fmt/format.h>

namespace diptych {
namespace {

const char* filterName(Resample filter) {
    switch (filter) {
    case Resample::Nearest:
        return "nearest";
    case Resample::Lanczos:
        return "Lanczos";
    case Resample::Bilinear:
        return "bilinear";
    case Resample::Bicubic:
        return "bicubic";
    case Resample::Box:
        return "box";
    case Resample::Hamming:
        return "Hamming";
    }
    return "";
}

std::string resizeText(const ResizeRule& rule) {
    switch (rule.fit) {
    case Fit::Exact:
        return fmt::format("{} x {}, whatever the proportions", rule.width, rule.height);
    case Fit::ShortestEdge:
        return fmt::format("shorter side to {}", rule.shorter);
    case Fit::ShortestAndLongest:
        return fmt::format("shorter side to {}, the longer at most {}", rule.shorter, rule.longer);
    case Fit::Box:
    case Fit::InsideKeepingRatio:
        return fmt::format("to fit inside {} x {}", rule.width, rule.height);
    case Fit::CoverKeepingRatio:
        return fmt::format("to cover {} x {}", rule.width, rule.height);
    case Fit::Patches:
        return fmt::format("to at most {} patches of {} pixels", rule.maxPatches, rule.patchSize);
    }
    return "";
}

/// To seven digits, which is what a float holds: more would show some that nobody wrote.
Json shortest(const std::array<float, 3>& values) {
    Json list = Json::array();
    for (const float value : values)
        list.push_back(parseJson(fmt::format("{:.7g}", value), "a number"));
    return list;
}

} // namespace

Json imageSteps(const ImageRecipe& recipe) {
    Json steps = Json::object();
    if (recipe.resize) {
        steps["resize"] = resizeText(*recipe.resize);
        steps["filter"] = filterName(recipe.filter);
    }
    if (recipe.crop) {
        steps["crop"] = fmt::format("{} x {} from the middle", recipe.crop->width, recipe.crop->height);
        steps["crop_middle"] = recipe.crop->middle == Middle::Floor ? "floor" : "half-even";
    }
    if (recipe.values.normalize) {
        steps["mean"] = shortest(recipe.values.mean);
        steps["std"] = shortest(recipe.values.std);
    }
    if (recipe.pad)
        steps["pad"] = fmt::format("{} x {}", recipe.pad->width, recipe.pad->height);
    if (recipe.isPatches())
        steps["patches"] = fmt::format("at most {} of {} pixels", recipe.maxPatches, recipe.patchSize);
    return steps;
}

} // namespace diptych
