// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_recipe.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace diptych {
namespace {

/// Raised when the same configuration would give other pixels than before (also a change in decoding).
constexpr int kAlgorithmVersion = 1;

/// Pillow's and torchvision's int(): whole numbers divided in double, then cut off.
int64_t scaled(int64_t size, int64_t longer, int64_t shorter) {
    return static_cast<int64_t>(static_cast<double>(size * longer) / static_cast<double>(shorter));
}

/// Python's round(): half to even.
int64_t rounded(double value) {
    return static_cast<int64_t>(std::nearbyint(value));
}

struct Sides {
    int64_t width, height;
};

Sides shortestEdge(int64_t shorter, ImageSize in) {
    return in.width <= in.height ? Sides{shorter, scaled(shorter, in.height, in.width)}
                                 : Sides{scaled(shorter, in.width, in.height), shorter};
}

/// transformers' get_size_with_aspect_ratio.
Sides shortestAndLongest(const ResizeRule& rule, ImageSize in) {
    const double least = std::min(in.width, in.height), most = std::max(in.width, in.height);
    int64_t size = rule.shorter;
    double exact = static_cast<double>(size);
    if (most / least * rule.shorter > rule.longer) {
        exact = rule.longer * least / most;
        size = rounded(exact);
    }
    if ((in.height <= in.width && in.height == size) || (in.width <= in.height && in.width == size))
        return {in.width, in.height};
    if (in.width < in.height)
        return {size, static_cast<int64_t>(exact * in.height / in.width)};
    return {static_cast<int64_t>(exact * in.width / in.height), size};
}

Sides box(const ResizeRule& rule, ImageSize in) {
    const double scale =
        std::min(static_cast<double>(rule.height) / in.height, static_cast<double>(rule.width) / in.width);
    return {static_cast<int64_t>(in.width * scale), static_cast<int64_t>(in.height * scale)};
}

/// open_clip's ResizeKeepRatio.
Sides keepingRatio(const ResizeRule& rule, ImageSize in) {
    const double down = static_cast<double>(in.height) / rule.height;
    const double across = static_cast<double>(in.width) / rule.width;
    const double ratio =
        rule.fit == Fit::InsideKeepingRatio ? std::max(down, across) : std::min(down, across);
    return {rounded(in.width / ratio), rounded(in.height / ratio)};
}

/// Siglip2ImageProcessor's get_image_size_for_max_num_patches: bisection for the largest scale that fits.
Sides patches(const ResizeRule& rule, ImageSize in) {
    constexpr double kPrecision = 1e-5;
    const auto side = [&](double scale, int size) {
        const double whole = std::ceil(size * scale / rule.patchSize) * rule.patchSize;
        return static_cast<int64_t>(std::max<double>(rule.patchSize, whole));
    };
    double least = kPrecision / 10, most = 100;
    while (most - least >= kPrecision) {
        const double scale = (least + most) / 2;
        const double count = static_cast<double>(side(scale, in.height)) / rule.patchSize *
                             (static_cast<double>(side(scale, in.width)) / rule.patchSize);
        (count <= rule.maxPatches ? least : most) = scale;
    }
    return {side(least, in.width), side(least, in.height)};
}

Sides sidesAfter(const ResizeRule& rule, ImageSize in) {
    switch (rule.fit) {
    case Fit::ShortestEdge:
        return shortestEdge(rule.shorter, in);
    case Fit::ShortestAndLongest:
        return shortestAndLongest(rule, in);
    case Fit::Box:
        return box(rule, in);
    case Fit::CoverKeepingRatio:
    case Fit::InsideKeepingRatio:
        return keepingRatio(rule, in);
    case Fit::Patches:
        return patches(rule, in);
    case Fit::Exact:
        break;
    }
    return {rule.width, rule.height};
}

} // namespace

ImageSize sizeAfter(const ResizeRule& rule, ImageSize picture) {
    const Sides sides = sidesAfter(rule, picture);
    constexpr int64_t kMost = std::numeric_limits<int>::max();
    if (sides.width > kMost || sides.height > kMost)
        throw Error(
            ErrorCode::LimitExceeded,
            fmt::format("an image of {} x {} pixels is too narrow: the model wants it resized to {} x {}",
                        picture.width, picture.height, sides.width, sides.height));
    if (sides.width < 1 || sides.height < 1)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("an image of {} x {} pixels is too narrow: nothing is left of it at the size "
                                "that the model wants",
                                picture.width, picture.height));
    return {static_cast<int>(sides.width), static_cast<int>(sides.height)};
}

// transformers' numpy arithmetic: rescale multiplies in double and rounds to single, normalize subtracts and
// divides in single. torchvision's is single throughout.
float ValueRule::apply(size_t channel, uint8_t byte) const {
    float value = static_cast<float>(byte);
    if (divideBy255)
        value /= 255.0f;
    else if (factor)
        value = static_cast<float>(static_cast<double>(byte) * *factor);
    if (minusOne)
        value -= 1.0f;
    if (normalize)
        value = (value - mean[channel]) / std[channel];
    if (divideByStdAgain)
        value /= std[channel];
    return value;
}

ImageSize ImageRecipe::fixedOutput() const {
    if (isPatches())
        return {};
    if (pad)
        return *pad;
    if (crop)
        return {crop->width, crop->height};
    if (resize && resize->fit == Fit::Exact)
        return {resize->width, resize->height};
    return {};
}

std::string ImageRecipe::fingerprint() const {
    // Settings that are switched off do not count; floats go in by their bits. What came later is added only
    // where it is used, so that the embeddings of earlier versions stay known.
    const ImageSize out = fixedOutput();
    std::string text = fmt::format("image-processor {} out {}x{}", kAlgorithmVersion, out.width, out.height);
    if (resize)
        text += fmt::format(" resize {} {}x{} filter {}", resize->shorter, resize->width, resize->height,
                            static_cast<int>(filter));
    if (resize && resize->fit != Fit::Exact && resize->fit != Fit::ShortestEdge)
        text +=
            fmt::format(" fit {} {} {}", static_cast<int>(resize->fit), resize->longer, resize->maxPatches);
    if (crop)
        text += fmt::format(" crop {}x{}", crop->width, crop->height);
    if (crop && (crop->middle != Middle::Floor || crop->fill != 0))
        text += fmt::format(" middle {} fill {}", static_cast<int>(crop->middle), crop->fill);
    if (values.divideBy255)
        text += " over 255";
    else if (values.factor)
        text += fmt::format(" rescale {:x}", std::bit_cast<uint64_t>(*values.factor));
    if (values.minusOne)
        text += " offset";
    if (values.normalize || values.divideByStdAgain)
        for (size_t i = 0; i < 3; ++i)
            text +=
                fmt::format(" {:x}/{:x}", std::bit_cast<uint32_t>(values.normalize ? values.mean[i] : 0.0f),
                            std::bit_cast<uint32_t>(values.std[i]));
    if (values.divideByStdAgain)
        text += values.normalize ? " twice" : " std alone";
    if (pad)
        text += fmt::format(" pad {}x{}", pad->width, pad->height);
    if (isPatches())
        text += fmt::format(" patches {} of {}", maxPatches, patchSize);
    return hashText(text).hex();
}

namespace recipe {

void fail(ErrorCode code, std::string_view where, const std::string& message) {
    throw Error(code, fmt::format("{}: {}", where, message));
}

std::string describe(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    constexpr size_t kLongest = 80;
    return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
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

std::array<float, 3> readChannels(const Json& value, const char* key, std::string_view where) {
    std::array<double, 3> values{};
    if (value.is_number())
        values.fill(value.get<double>());
    else if (value.is_array() && value.size() == 3 &&
             std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_number(); }))
        values = {value[0].get<double>(), value[1].get<double>(), value[2].get<double>()};
    else
        fail(ErrorCode::Corrupt, where,
             fmt::format("'{}' should be three numbers, it is {}", key, describe(value)));
    std::array<float, 3> out;
    for (size_t i = 0; i < 3; ++i) {
        if (!(std::fabs(values[i]) <= std::numeric_limits<float>::max()))
            fail(ErrorCode::InvalidArgument, where,
                 fmt::format("'{}' is out of range: {}", key, describe(value)));
        out[i] = static_cast<float>(values[i]);
    }
    return out;
}

std::optional<Resample> filterNamed(std::string_view name) {
    constexpr std::pair<std::string_view, Resample> kNames[] = {
        {"nearest", Resample::Nearest}, {"lanczos", Resample::Lanczos}, {"bilinear", Resample::Bilinear},
        {"bicubic", Resample::Bicubic}, {"box", Resample::Box},         {"hamming", Resample::Hamming}};
    for (const auto& [known, filter] : kNames)
        if (known == name)
            return filter;
    return std::nullopt;
}

void requirePositive(const std::array<float, 3>& std, const char* key, std::string_view where) {
    for (const float value : std)
        if (!(value > 0))
            fail(ErrorCode::InvalidArgument, where,
                 fmt::format("'{}' should be above 0, it holds {}", key, value));
}

} // namespace recipe
} // namespace diptych
