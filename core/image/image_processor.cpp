// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_processor.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/image/resample.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace diptych {
namespace {

/// Raised when the same configuration would give other pixels than before (also a change in decoding).
constexpr int kAlgorithmVersion = 1;
constexpr int64_t kMaxSide = 16384;

/// What an image processor class of transformers assumes for keys its file leaves out.
struct Defaults {
    std::string_view name; ///< without ImageProcessor, FeatureExtractor and the suffixes Fast and Pil
    bool sizeIsShortestEdge;
    int size;
    bool centerCrop;
    Resample filter;
    std::array<double, 3> mean, std;
    bool numberMeansShortestEdge; ///< how "size": 224 is read (default_to_square is false)
};

constexpr std::array<double, 3> kClipMean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kClipStd{0.26862954, 0.26130258, 0.27577711};
constexpr std::array<double, 3> kHalf{0.5, 0.5, 0.5};
// transformers 5.24, models/*/image_processing_pil_*.py
constexpr Defaults kDefaults[] = {
    {"CLIP", true, 224, true, Resample::Bicubic, kClipMean, kClipStd, true},
    {"ChineseCLIP", true, 224, true, Resample::Bicubic, kClipMean, kClipStd, true},
    {"Siglip", false, 224, false, Resample::Bicubic, kHalf, kHalf, true},
    {"Blip", false, 384, false, Resample::Bicubic, kClipMean, kClipStd, false},
    {"ViT", false, 224, false, Resample::Bilinear, kHalf, kHalf, false},
};

[[noreturn]] void fail(ErrorCode code, std::string_view where, const std::string& message) {
    throw Error(code, fmt::format("{}: {}", where, message));
}

std::string describe(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    constexpr size_t kLongest = 80;
    return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

void removeSuffix(std::string_view& text, std::string_view suffix) {
    if (text.ends_with(suffix))
        text.remove_suffix(suffix.size());
}

const Defaults& defaultsFor(const Json& config, std::string_view where) {
    std::string type = jsonString(config, "image_processor_type", "", where);
    if (type.empty())
        type = jsonString(config, "feature_extractor_type", "", where);
    if (type.empty())
        return kDefaults[0];
    std::string_view name = type;
    for (const std::string_view suffix : {"Pil", "Fast", "ImageProcessor", "FeatureExtractor"})
        removeSuffix(name, suffix);
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

int checkedSide(const Json& value, const std::string& key, std::string_view where) {
    if (!value.is_number_integer())
        fail(ErrorCode::Corrupt, where,
             fmt::format("'{}' should be a whole number, it is {}", key, describe(value)));
    const bool huge = value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{kMaxSide};
    if (huge || value.get<int64_t>() < 1 || value.get<int64_t>() > kMaxSide)
        fail(ErrorCode::InvalidArgument, where,
             fmt::format("'{}' should be between 1 and {}, it is {}", key, kMaxSide, describe(value)));
    return static_cast<int>(value.get<int64_t>());
}

/// One of the forms a size is written in.
struct Size {
    int shortestEdge = 0; ///< 0 = width and height
    int width = 0, height = 0;
};

Size squareOf(int side) {
    return {0, side, side};
}

Size sizeFromObject(const Json& value, const std::string& key, std::string_view where) {
    const auto side = [&](const char* name) { return checkedSide(value.at(name), key + "." + name, where); };
    const auto has = [&](const char* name) { return value.contains(name) && !value.at(name).is_null(); };
    for (const char* name : {"longest_edge", "max_height", "max_width", "max_pixels", "min_pixels"})
        if (has(name))
            fail(ErrorCode::Unsupported, where,
                 fmt::format("'{}.{}' makes pictures of different sizes, which is not supported", key, name));
    if (has("shortest_edge"))
        return {side("shortest_edge"), 0, 0};
    if (has("height") && has("width"))
        return {0, side("width"), side("height")};
    fail(ErrorCode::Corrupt, where,
         fmt::format("'{}' should hold 'shortest_edge', or 'height' and 'width'; it is {}", key,
                     describe(value)));
}

std::optional<Size> readSize(const Json& config, const char* key, bool numberMeansShortestEdge,
                             std::string_view where) {
    const auto found = config.find(key);
    if (found == config.end() || found->is_null())
        return std::nullopt;
    if (found->is_object())
        return sizeFromObject(*found, key, where);
    if (found->is_array()) { // (height, width)
        if (found->size() != 2)
            fail(ErrorCode::Corrupt, where,
                 fmt::format("'{}' should hold two numbers, it is {}", key, describe(*found)));
        return Size{0, checkedSide((*found)[1], fmt::format("{}[1]", key), where),
                    checkedSide((*found)[0], fmt::format("{}[0]", key), where)};
    }
    if (!found->is_number())
        fail(ErrorCode::Corrupt, where,
             fmt::format("'{}' should be a size, it is {}", key, describe(*found)));
    const int side = checkedSide(*found, key, where);
    return numberMeansShortestEdge ? Size{side, 0, 0} : squareOf(side);
}

/// image_mean or image_std: three numbers, or one for all channels.
std::array<float, 3> readChannels(const Json& config, const char* key, const std::array<double, 3>& fallback,
                                  std::string_view where) {
    const auto found = config.find(key);
    std::array<double, 3> values = fallback;
    if (found != config.end() && !found->is_null()) {
        if (found->is_number())
            values.fill(found->get<double>());
        else if (found->is_array() && found->size() == 3 &&
                 std::all_of(found->begin(), found->end(), [](const Json& v) { return v.is_number(); }))
            values = {(*found)[0].get<double>(), (*found)[1].get<double>(), (*found)[2].get<double>()};
        else
            fail(ErrorCode::Corrupt, where,
                 fmt::format("'{}' should be three numbers, it is {}", key, describe(*found)));
    }
    std::array<float, 3> out;
    for (size_t i = 0; i < 3; ++i) {
        if (!(std::fabs(values[i]) <= std::numeric_limits<float>::max()))
            fail(ErrorCode::InvalidArgument, where,
                 fmt::format("'{}' is out of range: {}", key, describe(*found)));
        out[i] = static_cast<float>(values[i]);
    }
    return out;
}

Resample readFilter(const Json& config, Resample fallback, std::string_view where) {
    const int64_t number = jsonInt(config, "resample", static_cast<int64_t>(fallback), where);
    if (number < 0 || number > static_cast<int64_t>(Resample::Hamming))
        fail(ErrorCode::Unsupported, where,
             fmt::format("'resample' should be one of Pillow's filters 0 to 5, it is {}", number));
    return static_cast<Resample>(number);
}

/// Python's // for a positive divisor.
int64_t floorHalf(int64_t value) {
    return value >= 0 ? value / 2 : -((1 - value) / 2);
}

} // namespace

ImageProcessor ImageProcessor::fromConfig(const Json& root, std::string_view where) {
    // processor_config.json of newer checkpoints keeps the same keys one level down.
    const bool nested = root.is_object() && root.contains("image_processor");
    const Json& config = nested ? root.at("image_processor") : root;
    if (!config.is_object())
        fail(ErrorCode::Corrupt, where,
             fmt::format("should hold a JSON object with an image processor's settings, it is {}",
                         describe(config)));
    const Defaults& defaults = defaultsFor(config, where);
    ImageProcessor out;
    out.m_doResize = jsonBool(config, "do_resize", true, where);
    out.m_doCenterCrop = jsonBool(config, "do_center_crop", defaults.centerCrop, where);
    out.m_doRescale = jsonBool(config, "do_rescale", true, where);
    out.m_doNormalize = jsonBool(config, "do_normalize", true, where);
    jsonBool(config, "do_convert_rgb", true, where); // images are RGB from decoding on; the type is checked
    if (jsonBool(config, "do_pad", false, where))
        fail(ErrorCode::Unsupported, where, "'do_pad' is not supported");
    out.m_resample = readFilter(config, defaults.filter, where);
    out.readSizes(config, defaults.sizeIsShortestEdge, defaults.size, defaults.numberMeansShortestEdge,
                  where);
    out.m_rescaleFactor = jsonNumber(config, "rescale_factor", 1.0 / 255.0, where);
    if (!std::isfinite(out.m_rescaleFactor) || out.m_rescaleFactor <= 0)
        fail(ErrorCode::InvalidArgument, where,
             fmt::format("'rescale_factor' should be a positive number, it is {}", out.m_rescaleFactor));
    out.m_mean = readChannels(config, "image_mean", defaults.mean, where);
    out.m_std = readChannels(config, "image_std", defaults.std, where);
    for (const float value : out.m_std)
        if (!(value > 0))
            fail(ErrorCode::InvalidArgument, where,
                 fmt::format("'image_std' should be above 0, it holds {}", value));
    out.buildTables();
    return out;
}

void ImageProcessor::readSizes(const Json& config, bool defaultIsShortestEdge, int defaultSize,
                               bool numberMeansShortestEdge, std::string_view where) {
    const Size fallback = defaultIsShortestEdge ? Size{defaultSize, 0, 0} : squareOf(defaultSize);
    const Size size = readSize(config, "size", numberMeansShortestEdge, where).value_or(fallback);
    const Size crop = readSize(config, "crop_size", false, where).value_or(squareOf(defaultSize));
    if (m_doResize) {
        m_shortestEdge = size.shortestEdge;
        m_resizeWidth = size.width;
        m_resizeHeight = size.height;
    }
    if (m_doCenterCrop) {
        if (crop.shortestEdge != 0)
            fail(ErrorCode::Corrupt, where, "'crop_size' should hold 'height' and 'width'");
        m_cropWidth = m_outputWidth = crop.width;
        m_cropHeight = m_outputHeight = crop.height;
    } else if (m_doResize && m_shortestEdge == 0) {
        m_outputWidth = m_resizeWidth;
        m_outputHeight = m_resizeHeight;
    } else {
        fail(ErrorCode::Unsupported, where,
             m_doResize ? "'size.shortest_edge' without 'do_center_crop' makes pictures of different sizes, "
                          "which is not supported"
                        : "'do_resize' and 'do_center_crop' are both off, so pictures keep their sizes, "
                          "which is not supported");
    }
}

/// transformers' numpy arithmetic: rescale multiplies in double and rounds to single, normalize subtracts and
/// divides in single. A byte has 256 values, so a table holds them all.
void ImageProcessor::buildTables() {
    for (size_t channel = 0; channel < 3; ++channel)
        for (size_t value = 0; value < 256; ++value) {
            float v = static_cast<float>(value);
            if (m_doRescale)
                v = static_cast<float>(static_cast<double>(value) * m_rescaleFactor);
            if (m_doNormalize)
                v = (v - m_mean[channel]) / m_std[channel];
            m_tables[channel][value] = v;
        }
}

Image ImageProcessor::resized(const Image& image) const {
    if (image.width <= 0 || image.height <= 0 || image.rgb.empty())
        throw Error(ErrorCode::InvalidArgument, "An empty image cannot be prepared for a model");
    int64_t width = image.width, height = image.height;
    if (m_doResize && m_shortestEdge != 0) {
        const int64_t shorter = std::min(width, height), longer = std::max(width, height);
        // int(size * long / short): Python divides two whole numbers into a double, then truncates.
        const auto longEdge =
            static_cast<int64_t>(static_cast<double>(m_shortestEdge * longer) / static_cast<double>(shorter));
        if (longEdge > std::numeric_limits<int>::max())
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("An image of {} x {} pixels is too narrow to be resized to a shorter "
                                    "side of {}",
                                    width, height, m_shortestEdge));
        (width <= height ? width : height) = m_shortestEdge;
        (image.width <= image.height ? height : width) = longEdge;
    } else if (m_doResize) {
        width = m_resizeWidth;
        height = m_resizeHeight;
    }
    // Where the picture is smaller than the crop, the crop starts outside it, and what is outside is black:
    // transformers pads with zeros before it normalises.
    const ResizeWindow window{m_doCenterCrop ? static_cast<int>(floorHalf(width - m_outputWidth)) : 0,
                              m_doCenterCrop ? static_cast<int>(floorHalf(height - m_outputHeight)) : 0,
                              m_outputWidth, m_outputHeight};
    return resizeWindow(image, static_cast<int>(width), static_cast<int>(height), m_resample, window);
}

void ImageProcessor::process(const Image& image, std::span<float> out) const {
    const size_t plane = static_cast<size_t>(m_outputWidth) * static_cast<size_t>(m_outputHeight);
    DIPTYCH_ASSERT(out.size() == 3 * plane);
    const Image pixels = resized(image);
    const uint8_t* in = pixels.rgb.data();
    float* red = out.data();
    float* green = red + plane;
    float* blue = green + plane;
    for (size_t i = 0; i < plane; ++i) {
        red[i] = m_tables[0][in[3 * i]];
        green[i] = m_tables[1][in[3 * i + 1]];
        blue[i] = m_tables[2][in[3 * i + 2]];
    }
}

std::string ImageProcessor::fingerprint() const {
    // Settings that are switched off do not count; floats go in by their bits.
    std::string text =
        fmt::format("image-processor {} out {}x{}", kAlgorithmVersion, m_outputWidth, m_outputHeight);
    if (m_doResize)
        text += fmt::format(" resize {} {}x{} filter {}", m_shortestEdge, m_resizeWidth, m_resizeHeight,
                            static_cast<int>(m_resample));
    if (m_doCenterCrop)
        text += fmt::format(" crop {}x{}", m_cropWidth, m_cropHeight);
    if (m_doRescale)
        text += fmt::format(" rescale {:x}", std::bit_cast<uint64_t>(m_rescaleFactor));
    if (m_doNormalize)
        for (size_t i = 0; i < 3; ++i)
            text += fmt::format(" {:x}/{:x}", std::bit_cast<uint32_t>(m_mean[i]),
                                std::bit_cast<uint32_t>(m_std[i]));
    return hashText(text).hex();
}

} // namespace diptych
