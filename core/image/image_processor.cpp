// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_processor.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/image/image_recipe.h"
#include "core/image/resample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

/// Python's // for a positive divisor.
int64_t floorHalf(int64_t value) {
    return value >= 0 ? value / 2 : -((1 - value) / 2);
}

/// Where a crop of @p inside starts in a side of @p whole pixels; negative where the picture is smaller.
int cropStart(int64_t whole, int64_t inside, Middle middle) {
    const int64_t rest = whole - inside;
    if (middle == Middle::Floor)
        return static_cast<int>(floorHalf(rest));
    return static_cast<int>(rest < 0 ? -(-rest / 2) : std::nearbyint(static_cast<double>(rest) / 2.0));
}

ImageRecipe requireFixedSize(ImageRecipe recipe, std::string_view where) {
    if (recipe.fixedOutput().width == 0)
        throw Error(
            ErrorCode::Unsupported,
            fmt::format("{}: makes pictures of different sizes, which this model cannot take (it needs "
                        "'do_center_crop', or 'do_resize' with 'size.height' and 'size.width')",
                        where));
    return recipe;
}

void requirePixels(const Image& image) {
    if (image.width <= 0 || image.height <= 0 || image.rgb.empty())
        throw Error(ErrorCode::InvalidArgument, "An empty image cannot be prepared for a model");
}

} // namespace

std::string_view alphaName(Alpha alpha) {
    return alpha == Alpha::White ? "white" : "drop";
}

Alpha parseAlpha(std::string_view name) {
    for (const Alpha alpha : {Alpha::Drop, Alpha::White})
        if (alphaName(alpha) == name)
            return alpha;
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("Transparency can be 'drop' or 'white', not '{}'", toValidUtf8(name)));
}

ImageProcessor::ImageProcessor(std::shared_ptr<const ImageRecipe> recipe)
    : m_recipe(std::move(recipe)), m_output(m_recipe->fixedOutput()) {
    for (size_t channel = 0; channel < m_tables.size(); ++channel)
        for (size_t value = 0; value < m_tables[channel].size(); ++value)
            m_tables[channel][value] = m_recipe->values.apply(channel, static_cast<uint8_t>(value));
}

ImageProcessor ImageProcessor::fromConfig(const Json& config, std::string_view where, OutputSizes sizes) {
    ImageRecipe recipe = readTransformersRecipe(config, where);
    return ImageProcessor(std::make_shared<const ImageRecipe>(
        sizes == OutputSizes::Fixed ? requireFixedSize(std::move(recipe), where) : std::move(recipe)));
}

ImageProcessor ImageProcessor::fromOpenClipConfig(const Json& config, std::string_view where) {
    return ImageProcessor(std::make_shared<const ImageRecipe>(readOpenClipRecipe(config, where)));
}

ImageProcessor ImageProcessor::withAlpha(Alpha alpha) const {
    ImageProcessor out = *this;
    out.m_alpha = alpha;
    return out;
}

int ImageProcessor::maxPatches() const {
    return m_recipe->maxPatches;
}

int ImageProcessor::patchSize() const {
    return m_recipe->patchSize;
}

Image ImageProcessor::resized(const Image& image) const {
    requirePixels(image);
    if (m_alpha == Alpha::White && !image.alpha.empty())
        return withAlpha(Alpha::Drop).resized(compositeOver(image, 255, 255, 255));
    const ImageRecipe& recipe = *m_recipe;
    const ImageSize own{image.width, image.height};
    const ImageSize size = recipe.resize ? sizeAfter(*recipe.resize, own) : own;
    // Where the picture is smaller than the crop, the crop starts outside it.
    ResizeWindow window{0, 0, size.width, size.height};
    if (recipe.crop)
        window = {cropStart(size.width, recipe.crop->width, recipe.crop->middle),
                  cropStart(size.height, recipe.crop->height, recipe.crop->middle), recipe.crop->width,
                  recipe.crop->height};
    if (int64_t{window.width} * window.height > kDefaultMaxPixels)
        throw Error(
            ErrorCode::LimitExceeded,
            fmt::format("an image of {} x {} pixels is too narrow: the model wants it resized to {} x {}",
                        image.width, image.height, size.width, size.height));
    return resizeWindow(image, size.width, size.height, recipe.filter, window,
                        recipe.crop ? recipe.crop->fill : uint8_t{0});
}

void ImageProcessor::writePlanes(const Image& pixels, std::span<float> out) const {
    const ImageSize whole = m_recipe->pad.value_or(ImageSize{pixels.width, pixels.height});
    if (pixels.width > whole.width || pixels.height > whole.height)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("the image has {} x {} pixels after resizing and does not fit into the {} x {} of "
                        "'pad_size'",
                        pixels.width, pixels.height, whole.width, whole.height));
    const auto width = static_cast<size_t>(pixels.width), stride = static_cast<size_t>(whole.width);
    const size_t plane = stride * static_cast<size_t>(whole.height);
    DIPTYCH_ASSERT(out.size() == 3 * plane);
    if (m_recipe->pad)
        std::fill(out.begin(), out.end(), 0.0f);
    for (size_t y = 0; y < static_cast<size_t>(pixels.height); ++y) {
        const uint8_t* in = pixels.rgb.data() + y * width * 3;
        float* red = out.data() + y * stride;
        float* green = red + plane;
        float* blue = green + plane;
        for (size_t x = 0; x < width; ++x) {
            red[x] = m_tables[0][in[3 * x]];
            green[x] = m_tables[1][in[3 * x + 1]];
            blue[x] = m_tables[2][in[3 * x + 2]];
        }
    }
}

/// Rows of [patch row, patch column, channel], as Siglip2ImageProcessor's convert_image_to_patches.
void ImageProcessor::writePatches(const Image& pixels, PreparedImage& out) const {
    const int side = m_recipe->patchSize, most = m_recipe->maxPatches;
    out.gridHeight = pixels.height / side;
    out.gridWidth = pixels.width / side;
    if (pixels.height % side != 0 || pixels.width % side != 0 ||
        int64_t{out.gridHeight} * out.gridWidth > most)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("an image of {} x {} pixels does not make at most {} whole patches of {} pixels",
                        pixels.width, pixels.height, most, side));
    const auto patch = static_cast<size_t>(side), width = static_cast<size_t>(pixels.width);
    out.values.assign(static_cast<size_t>(most) * patch * patch * 3, 0.0f);
    float* to = out.values.data();
    for (size_t row = 0; row < static_cast<size_t>(out.gridHeight); ++row)
        for (size_t column = 0; column < static_cast<size_t>(out.gridWidth); ++column)
            for (size_t y = 0; y < patch; ++y) {
                const uint8_t* in = pixels.rgb.data() + ((row * patch + y) * width + column * patch) * 3;
                for (size_t i = 0; i < patch * 3; ++i)
                    *to++ = m_tables[i % 3][in[i]];
            }
}

PreparedImage ImageProcessor::prepare(const Image& image) const {
    PreparedImage out;
    const Image pixels = resized(image);
    const ImageSize whole = m_recipe->pad.value_or(ImageSize{pixels.width, pixels.height});
    out.width = whole.width;
    out.height = whole.height;
    if (m_recipe->isPatches()) {
        writePatches(pixels, out);
    } else {
        out.values.resize(size_t{3} * static_cast<size_t>(whole.width) * static_cast<size_t>(whole.height));
        writePlanes(pixels, out.values);
    }
    return out;
}

void ImageProcessor::process(const Image& image, std::span<float> out) const {
    DIPTYCH_ASSERT(m_output.width > 0);
    writePlanes(resized(image), out);
}

std::string ImageProcessor::fingerprint() const {
    const std::string text = m_recipe->fingerprint();
    return m_alpha == Alpha::Drop ? text : hashText(text + " over white").hex();
}

} // namespace diptych
