// SPDX-License-Identifier: GPL-3.0-or-later
// What the configurations of all image processors come down to; readers make it, ImageProcessor carries it
// out.
#pragma once

#include "core/base/json.h"
#include "core/image/image_processor.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diptych {

/// How the size to resize to follows from the size of the picture.
enum class Fit {
    Exact,              ///< width x height
    ShortestEdge,       ///< shorter side to `shorter`, the other keeps the ratio (truncated)
    ShortestAndLongest, ///< as before, but the longer side at most `longer`
    Box,                ///< as large as fits into width x height, ratio kept
    CoverKeepingRatio,  ///< OpenCLIP: covers width x height, sides rounded
    InsideKeepingRatio, ///< OpenCLIP: stays inside width x height, sides rounded
    Patches             ///< NaFlex: whole patches, at most `maxPatches` of them
};

struct ResizeRule {
    Fit fit = Fit::Exact;
    int width = 0, height = 0;
    int shorter = 0, longer = 0;
    int patchSize = 0, maxPatches = 0;
};

/// @throws Error LimitExceeded (a side above 2^31)
ImageSize sizeAfter(const ResizeRule& rule, ImageSize picture);

/// Where a middle that falls between two pixels goes.
enum class Middle {
    Floor,   ///< transformers: what does not fit evenly goes to the right and below
    HalfEven ///< torchvision's center_crop
};

struct CropRule {
    int width = 0, height = 0;
    Middle middle = Middle::Floor;
    uint8_t fill = 0; ///< what is outside the picture
};

/// Byte to number. Each step is there or not, in this order.
struct ValueRule {
    std::optional<double> factor = 1.0 / 255.0; ///< product in double, rounded to single
    bool divideBy255 = false;                   ///< instead of a factor: quotient in single, as torchvision's
    bool minusOne = false;
    bool normalize = true;
    bool divideByStdAgain = false; ///< EfficientNet's include_top
    std::array<float, 3> mean{}, std{};

    float apply(size_t channel, uint8_t byte) const;
};

struct ImageRecipe {
    std::optional<ResizeRule> resize;
    Resample filter = Resample::Bicubic;
    std::optional<CropRule> crop;
    std::optional<ImageSize> pad; ///< zeros to the right and below, after normalising
    ValueRule values;
    int patchSize = 0, maxPatches = 0; ///< above 0: the picture is handed out as rows of patches

    bool isPatches() const { return maxPatches > 0; }
    /// The size of every output; {0, 0} where it depends on the picture.
    ImageSize fixedOutput() const;
    std::string fingerprint() const;
};

/// transformers' preprocessor_config.json. @param where for messages. @throws Error
ImageRecipe readTransformersRecipe(const Json& config, std::string_view where);
/// OpenCLIP's open_clip_config.json. @throws Error
ImageRecipe readOpenClipRecipe(const Json& config, std::string_view where);

/// What a recipe does, in words and numbers: {"resize": "shorter side to 224", "filter": "bicubic", "crop":
/// "224 x 224 from the middle", "crop_middle": "floor" or "half-even", "mean": [3], "std": [3], "pad",
/// "patches"}; what it does not do is absent.
Json imageSteps(const ImageRecipe& recipe);

namespace recipe {

inline constexpr int64_t kMaxSide = 16384;

/// @throws Error that begins with @p where
[[noreturn]] void fail(ErrorCode code, std::string_view where, const std::string& message);
/// A value as short JSON, for messages.
std::string describe(const Json& value);
/// A side of 1 to kMaxSide pixels. @throws Error that names @p key
int checkedSide(const Json& value, const std::string& key, std::string_view where);
/// Three numbers, or one for all channels. @throws Error that names @p key
std::array<float, 3> readChannels(const Json& value, const char* key, std::string_view where);
/// "nearest", "bilinear", ... @return nothing for other words
std::optional<Resample> filterNamed(std::string_view name);
/// @throws Error that names @p key where a standard deviation is not above 0
void requirePositive(const std::array<float, 3>& std, const char* key, std::string_view where);

} // namespace recipe
} // namespace diptych
