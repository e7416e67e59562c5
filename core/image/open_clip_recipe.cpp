// SPDX-License-Identifier: GPL-3.0-or-later
// open_clip's image_transform for inference (open_clip 3, src/open_clip/transform.py), whose resizing is
// Pillow's and whose arithmetic is torchvision's.
#include "core/base/file.h"
#include "core/image/image_recipe.h"

#include <fmt/format.h>

namespace diptych {
namespace {

using namespace recipe;

const Json& sectionOf(const Json& config, const char* key, std::string_view where) {
    static const Json empty = Json::object();
    const auto found = config.find(key);
    if (found == config.end() || found->is_null())
        return empty;
    if (!found->is_object())
        fail(ErrorCode::Corrupt, where,
             fmt::format("'{}' should be an object, it is {}", key, describe(*found)));
    return *found;
}

/// One number, or [height, width].
ImageSize readSize(const Json& value, const std::string& key, std::string_view where) {
    if (!value.is_array()) {
        const int side = checkedSide(value, key, where);
        return {side, side};
    }
    if (value.size() != 2)
        fail(ErrorCode::Corrupt, where,
             fmt::format("'{}' should hold two numbers, it is {}", key, describe(value)));
    return {checkedSide(value[1], key + "[1]", where), checkedSide(value[0], key + "[0]", where)};
}

/// The model's own size counts before the one that preprocess_cfg names, as in open_clip.
ImageSize sizeOf(const Json& config, const Json& preprocess, std::string_view where) {
    const Json& vision = sectionOf(sectionOf(config, "model_cfg", where), "vision_cfg", where);
    if (const auto own = vision.find("image_size"); own != vision.end() && !own->is_null())
        return readSize(*own, "model_cfg.vision_cfg.image_size", where);
    if (const auto size = preprocess.find("size"); size != preprocess.end() && !size->is_null())
        return readSize(*size, "preprocess_cfg.size", where);
    return {224, 224};
}

std::array<float, 3> channelsOf(const Json& preprocess, const char* key, const Json& fallback,
                                std::string_view where) {
    const auto found = preprocess.find(key);
    return readChannels(found == preprocess.end() || found->is_null() ? fallback : *found, key, where);
}

void readGeometry(const Json& preprocess, ImageSize size, ImageRecipe& out, std::string_view where) {
    const std::string mode = jsonString(preprocess, "resize_mode", "shortest", where);
    ResizeRule resize;
    CropRule crop{size.width, size.height, Middle::HalfEven, 0};
    resize.width = size.width;
    resize.height = size.height;
    if (mode == "squash") {
        out.resize = resize;
        return;
    }
    if (mode == "longest") {
        const int64_t fill = jsonInt(preprocess, "fill_color", 0, where);
        if (fill < 0 || fill > 255)
            fail(ErrorCode::InvalidArgument, where,
                 fmt::format("'fill_color' should be between 0 and 255, it is {}", fill));
        crop.fill = static_cast<uint8_t>(fill);
        resize.fit = Fit::InsideKeepingRatio;
    } else if (mode != "shortest") {
        fail(ErrorCode::Unsupported, where,
             fmt::format("'resize_mode' should be shortest, longest or squash, it is '{}'",
                         toValidUtf8(mode)));
    } else if (size.width == size.height) {
        resize = {Fit::ShortestEdge, 0, 0, size.width, 0, 0, 0};
    } else {
        resize.fit = Fit::CoverKeepingRatio;
        out.filter = Resample::Bicubic; // whatever 'interpolation' says: open_clip does not pass it on here
    }
    out.resize = resize;
    out.crop = crop;
}

} // namespace

ImageRecipe readOpenClipRecipe(const Json& config, std::string_view where) {
    if (!config.is_object())
        fail(ErrorCode::Corrupt, where,
             fmt::format("should hold a JSON object with 'preprocess_cfg', it is {}", describe(config)));
    const Json& preprocess = sectionOf(config, "preprocess_cfg", where);
    const std::string mode = jsonString(preprocess, "mode", "RGB", where);
    if (mode != "RGB")
        fail(ErrorCode::Unsupported, where,
             fmt::format("'mode' should be RGB, it is '{}'", toValidUtf8(mode)));
    const std::string interpolation = jsonString(preprocess, "interpolation", "bicubic", where);
    const auto filter = filterNamed(interpolation == "random" ? "bicubic" : interpolation); // as open_clip
    if (!filter)
        fail(ErrorCode::Unsupported, where,
             fmt::format("'interpolation' should be bicubic or bilinear, it is '{}'",
                         toValidUtf8(interpolation)));
    ImageRecipe out;
    out.filter = *filter;
    readGeometry(preprocess, sizeOf(config, preprocess, where), out, where);
    out.values.factor.reset();
    out.values.divideBy255 = true;
    out.values.mean = channelsOf(preprocess, "mean", {0.48145466, 0.4578275, 0.40821073}, where);
    out.values.std = channelsOf(preprocess, "std", {0.26862954, 0.26130258, 0.27577711}, where);
    requirePositive(out.values.std, "std", where);
    return out;
}

} // namespace diptych
