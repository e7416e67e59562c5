// SPDX-License-Identifier: GPL-3.0-or-later
// transformers' preprocessor_config.json, with what each image processor class assumes for keys left out.
#include "core/base/file.h"
#include "core/image/image_recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace diptych {
namespace {

using namespace recipe;

/// Which steps a class has beyond those of all.
enum class Kind { Plain, EfficientNet, ConvNext, Patches };

/// What an image processor class of transformers assumes for keys its file leaves out.
struct Defaults {
    std::string_view name; ///< without ImageProcessor, FeatureExtractor and the suffixes Fast and Pil
    int size;
    bool sizeIsShortestEdge;
    bool squareNumbers; ///< default_to_square: how "size": 224 is read
    bool centerCrop;
    int cropSize; ///< 0 = none
    Resample filter;
    std::array<double, 3> mean, std;
    Kind kind = Kind::Plain;
};

constexpr std::array<double, 3> kClipMean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kClipStd{0.26862954, 0.26130258, 0.27577711};
constexpr std::array<double, 3> kHalf{0.5, 0.5, 0.5};
// transformers 5.24, models/*/image_processing_pil_*.py
constexpr Defaults kDefaults[] = {
    {"CLIP", 224, true, false, true, 224, Resample::Bicubic, kClipMean, kClipStd},
    {"ChineseCLIP", 224, true, false, true, 224, Resample::Bicubic, kClipMean, kClipStd},
    {"Bit", 224, true, false, true, 224, Resample::Bicubic, kClipMean, kClipStd}, // DINOv2
    {"Siglip", 224, false, false, false, 0, Resample::Bicubic, kHalf, kHalf},
    {"Siglip2", 0, false, true, false, 0, Resample::Bilinear, kHalf, kHalf, Kind::Patches},
    {"EfficientNet", 346, false, true, false, 289, Resample::Bicubic, kHalf, kHalf,
     Kind::EfficientNet}, // ALIGN
    {"Flava", 224, false, true, true, 224, Resample::Bicubic, kClipMean, kClipStd},
    {"VideoMAE", 224, true, false, true, 224, Resample::Bilinear, kHalf, kHalf}, // X-CLIP, frame by frame
    {"ViT", 224, false, true, false, 0, Resample::Bilinear, kHalf, kHalf},
    {"ConvNext", 384, true, false, false, 0, Resample::Bicubic, kHalf, kHalf, Kind::ConvNext},
    {"Blip", 384, false, true, false, 0, Resample::Bicubic, kClipMean, kClipStd},
};

const Defaults& defaultsFor(const Json& config, std::string_view where) {
    std::string type = jsonString(config, "image_processor_type", "", where);
    if (type.empty())
        type = jsonString(config, "feature_extractor_type", "", where);
    if (type.empty())
        return kDefaults[0];
    std::string_view name = type;
    for (const std::string_view suffix : {"Pil", "Fast", "ImageProcessor", "FeatureExtractor"})
        if (name.ends_with(suffix))
            name.remove_suffix(suffix.size());
    std::vector<std::string_view> known;
    for (const Defaults& defaults : kDefaults) {
        if (defaults.name == name)
            return defaults;
        known.push_back(defaults.name);
    }
    fail(ErrorCode::Unsupported, where,
         fmt::format("the image processor '{}' is not supported; supported are {}", toValidUtf8(type),
                     fmt::join(known, ", ")));
}

/// One of the forms a size is written in.
struct Size {
    int shorter = 0, longer = 0;
    int width = 0, height = 0;
    bool isBox = false; ///< max_height and max_width
};

Size sizeFromObject(const Json& value, const std::string& key, std::string_view where) {
    const auto side = [&](const char* name) { return checkedSide(value.at(name), key + "." + name, where); };
    const auto has = [&](const char* name) { return value.contains(name) && !value.at(name).is_null(); };
    for (const char* name : {"max_pixels", "min_pixels"})
        if (has(name))
            fail(ErrorCode::Unsupported, where, fmt::format("'{}.{}' is not supported", key, name));
    const bool exact = has("height") && has("width");
    if (has("shortest_edge") && !exact)
        return {side("shortest_edge"), has("longest_edge") ? side("longest_edge") : 0};
    if (has("longest_edge"))
        fail(ErrorCode::Unsupported, where,
             fmt::format("'{}.longest_edge' without 'shortest_edge' is not supported", key));
    if (has("max_height") && has("max_width"))
        return {0, 0, side("max_width"), side("max_height"), true};
    if (exact && !has("shortest_edge"))
        return {0, 0, side("width"), side("height")};
    fail(ErrorCode::Corrupt, where,
         fmt::format("'{}' should hold 'shortest_edge', or 'height' and 'width'; it is {}", key,
                     describe(value)));
}

Size readSize(const Json& value, const char* key, bool squareNumbers, std::string_view where) {
    if (value.is_object())
        return sizeFromObject(value, key, where);
    if (value.is_array()) { // (height, width)
        if (value.size() != 2)
            fail(ErrorCode::Corrupt, where,
                 fmt::format("'{}' should hold two numbers, it is {}", key, describe(value)));
        return {0, 0, checkedSide(value[1], fmt::format("{}[1]", key), where),
                checkedSide(value[0], fmt::format("{}[0]", key), where)};
    }
    if (!value.is_number())
        fail(ErrorCode::Corrupt, where, fmt::format("'{}' should be a size, it is {}", key, describe(value)));
    const int side = checkedSide(value, key, where);
    return squareNumbers ? Size{0, 0, side, side} : Size{side};
}

/// Height and width of a crop or a padding.
ImageSize readFixedSize(const Json& value, const char* key, std::string_view where) {
    const Size size = readSize(value, key, true, where);
    if (size.shorter != 0 || size.isBox)
        fail(ErrorCode::Corrupt, where, fmt::format("'{}' should hold 'height' and 'width'", key));
    return {size.width, size.height};
}

/// Reads the keys of one file. A key left out takes the class's value; one that is null is off or not there,
/// as in transformers, which refuses what then misses.
class Reader {
public:
    Reader(const Json& config, std::string_view where)
        : m_config(config), m_where(where), m_defaults(defaultsFor(config, where)) {}

    ImageRecipe read();

private:
    const Json* given(const char* key) const {
        const auto found = m_config.find(key);
        return found == m_config.end() ? nullptr : &*found;
    }
    bool isOn(const char* key, bool fallback) const {
        const Json* value = given(key);
        return value && value->is_null() ? false : jsonBool(m_config, key, fallback, m_where);
    }
    /// @throws Error where the key is null, though a step that is on needs it
    const Json* needed(const char* key, const char* step) const {
        const Json* value = given(key);
        if (value && value->is_null())
            fail(ErrorCode::Corrupt, m_where, fmt::format("'{}' is null, and '{}' needs it", key, step));
        return value;
    }

    Resample readFilter() const;
    Size size() const;
    void readResize(ImageRecipe& out) const;
    void readConvNextResize(const Size& size, ImageRecipe& out) const;
    void readPatches(ImageRecipe& out) const;
    void readCrop(ImageRecipe& out) const;
    void readPadding(ImageRecipe& out) const;
    void readValues(ImageRecipe& out) const;
    std::array<float, 3> channels(const char* key, const std::array<double, 3>& fallback,
                                  const char* step) const;

    const Json& m_config;
    std::string_view m_where;
    const Defaults& m_defaults;
};

Resample Reader::readFilter() const {
    const Json* value = needed("resample", "do_resize");
    if (!value)
        return m_defaults.filter;
    if (value->is_string()) {
        if (const auto filter = filterNamed(value->get<std::string>()))
            return *filter;
    } else if (value->is_number_float()) {
        return Resample::Bilinear; // 3.0 is no filter to transformers' Pillow classes, which then take this
                                   // one
    } else if (value->is_number_integer()) {
        const int64_t number = jsonInt(m_config, "resample", m_where);
        if (number >= 0 && number <= static_cast<int64_t>(Resample::Hamming))
            return static_cast<Resample>(number);
    }
    fail(ErrorCode::Unsupported, m_where,
         fmt::format(
             "'resample' should be one of Pillow's filters, 0 to 5 or a name such as \"bicubic\"; it is {}",
             describe(*value)));
}

Size Reader::size() const {
    // CLIPImageProcessor of KOSMOS-2 alone: whatever 'size' says.
    if (m_defaults.name == "CLIP" && isOn("use_square_size", false))
        return {0, 0, m_defaults.size, m_defaults.size};
    if (const Json* value = needed("size", "do_resize"))
        return readSize(*value, "size", isOn("default_to_square", m_defaults.squareNumbers), m_where);
    return m_defaults.sizeIsShortestEdge ? Size{m_defaults.size}
                                         : Size{0, 0, m_defaults.size, m_defaults.size};
}

void Reader::readResize(ImageRecipe& out) const {
    if (m_defaults.kind == Kind::Patches)
        readPatches(out);
    if (!isOn("do_resize", true))
        return;
    out.filter = readFilter();
    if (m_defaults.kind == Kind::Patches)
        return;
    const Size found = size();
    if (m_defaults.kind == Kind::ConvNext)
        return readConvNextResize(found, out);
    const Fit fit = found.isBox          ? Fit::Box
                    : found.longer != 0  ? Fit::ShortestAndLongest
                    : found.shorter != 0 ? Fit::ShortestEdge
                                         : Fit::Exact;
    out.resize = ResizeRule{fit, found.width, found.height, found.shorter, found.longer};
}

/// Below 384 pixels the picture is resized to somewhat more and cropped; from there on it is squashed.
void Reader::readConvNextResize(const Size& found, ImageRecipe& out) const {
    constexpr int kSquashFrom = 384;
    if (found.shorter == 0 || found.longer != 0)
        fail(ErrorCode::Corrupt, m_where, "'size' should hold 'shortest_edge' for ConvNextImageProcessor");
    if (isOn("do_center_crop", false))
        fail(ErrorCode::Unsupported, m_where, "'do_center_crop' is not supported for ConvNextImageProcessor");
    if (found.shorter >= kSquashFrom) {
        out.resize = ResizeRule{Fit::Exact, found.shorter, found.shorter};
        return;
    }
    const double share = jsonNumber(m_config, "crop_pct", 224.0 / 256.0, m_where);
    const double shorter = found.shorter / share;
    if (!(share > 0) || shorter > kMaxSide)
        fail(ErrorCode::InvalidArgument, m_where,
             fmt::format("'crop_pct' should be between 0 and 1, it is {}", share));
    out.resize = ResizeRule{Fit::ShortestEdge, 0, 0, static_cast<int>(shorter)};
    out.crop = CropRule{found.shorter, found.shorter};
}

void Reader::readPatches(ImageRecipe& out) const {
    constexpr int64_t kMaxPatchSize = 1024, kMostPatches = 65536;
    const auto whole = [&](const char* key, int64_t fallback, int64_t most) {
        const int64_t value = jsonInt(m_config, key, fallback, m_where);
        if (value < 1 || value > most)
            fail(ErrorCode::InvalidArgument, m_where,
                 fmt::format("'{}' should be between 1 and {}, it is {}", key, most, value));
        return static_cast<int>(value);
    };
    out.patchSize = whole("patch_size", 16, kMaxPatchSize);
    out.maxPatches = whole("max_num_patches", 256, kMostPatches);
    if (isOn("do_resize", true)) {
        out.resize = ResizeRule{Fit::Patches};
        out.resize->patchSize = out.patchSize;
        out.resize->maxPatches = out.maxPatches;
    }
}

void Reader::readCrop(ImageRecipe& out) const {
    if (out.isPatches() || m_defaults.kind == Kind::ConvNext ||
        !isOn("do_center_crop", m_defaults.centerCrop))
        return;
    const Json* value = needed("crop_size", "do_center_crop");
    if (!value && m_defaults.cropSize == 0)
        fail(ErrorCode::Corrupt, m_where, "'do_center_crop' is on, and 'crop_size' is missing");
    const ImageSize size = value ? readFixedSize(*value, "crop_size", m_where)
                                 : ImageSize{m_defaults.cropSize, m_defaults.cropSize};
    out.crop = CropRule{size.width, size.height};
}

void Reader::readPadding(ImageRecipe& out) const {
    if (m_defaults.kind != Kind::Plain || !isOn("do_pad", false))
        return; // the other classes do not look at it
    // Without a size a batch is padded to its largest picture, which is the batch's matter.
    if (const Json* value = given("pad_size"); value && !value->is_null())
        out.pad = readFixedSize(*value, "pad_size", m_where);
}

std::array<float, 3> Reader::channels(const char* key, const std::array<double, 3>& fallback,
                                      const char* step) const {
    const Json* value = needed(key, step);
    return recipe::readChannels(value ? *value : Json(fallback), key, m_where);
}

void Reader::readValues(ImageRecipe& out) const {
    out.values.factor.reset();
    if (isOn("do_rescale", true)) {
        needed("rescale_factor", "do_rescale");
        const double factor = jsonNumber(m_config, "rescale_factor", 1.0 / 255.0, m_where);
        if (!std::isfinite(factor) || factor <= 0)
            fail(ErrorCode::InvalidArgument, m_where,
                 fmt::format("'rescale_factor' should be a positive number, it is {}", factor));
        out.values.factor = factor;
    }
    const bool efficient = m_defaults.kind == Kind::EfficientNet;
    out.values.minusOne = efficient && out.values.factor && isOn("rescale_offset", false);
    out.values.divideByStdAgain = efficient && isOn("include_top", true);
    out.values.normalize = isOn("do_normalize", true);
    if (out.values.normalize)
        out.values.mean = channels("image_mean", m_defaults.mean, "do_normalize");
    if (out.values.normalize || out.values.divideByStdAgain) {
        out.values.std =
            channels("image_std", m_defaults.std, out.values.normalize ? "do_normalize" : "include_top");
        requirePositive(out.values.std, "image_std", m_where);
    }
}

ImageRecipe Reader::read() {
    ImageRecipe out;
    jsonBool(m_config, "do_convert_rgb", true, m_where); // pictures are RGB by then, whatever it says
    readResize(out);
    readCrop(out);
    readPadding(out);
    readValues(out);
    return out;
}

} // namespace

ImageRecipe readTransformersRecipe(const Json& root, std::string_view where) {
    // processor_config.json of newer checkpoints keeps the same keys one level down.
    const bool nested = root.is_object() && root.contains("image_processor");
    const Json& config = nested ? root.at("image_processor") : root;
    if (!config.is_object())
        fail(ErrorCode::Corrupt, where,
             fmt::format("should hold a JSON object with an image processor's settings, it is {}",
                         describe(config)));
    return Reader(config, where).read();
}

} // namespace diptych
