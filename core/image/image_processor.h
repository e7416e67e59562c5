// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/image/image.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

struct ImageRecipe;

/// Pixels ready for a model: float32 [count, 3, height, width].
struct PixelBatch {
    size_t count = 0;
    int height = 0, width = 0;
    std::vector<float> values;
    size_t imageSize() const { return size_t{3} * static_cast<size_t>(height) * static_cast<size_t>(width); }
    std::span<float> image(size_t i) { return {values.data() + i * imageSize(), imageSize()}; }
    std::span<const float> image(size_t i) const { return {values.data() + i * imageSize(), imageSize()}; }
};

/// One picture ready for a model.
struct PreparedImage {
    int height = 0, width = 0; ///< of the picture the model sees, in pixels
    /// NaFlex alone: the first gridHeight x gridWidth rows of values hold the picture, row by row, the others
    /// are zero; the mask of these rows is 1 and then 0.
    int gridHeight = 0, gridWidth = 0;
    std::vector<float> values; ///< [3, height, width]; NaFlex: [maxPatches, patchSize * patchSize * 3]
};

/// What becomes of a picture's transparency before a model sees it. Drop keeps the colours stored under
/// transparent pixels, as Pillow's convert("RGB") does and so OpenAI's and OpenCLIP's code; White blends them
/// over white, as transformers from 5.24 on do where do_convert_rgb is on.
enum class Alpha { Drop, White };
std::string_view alphaName(Alpha alpha); ///< "drop", "white"
Alpha parseAlpha(std::string_view name); ///< @throws Error InvalidArgument

/// Whether a model can take pictures of different sizes.
enum class OutputSizes { Fixed, Any };

/// What a checkpoint's image processor does: resize, crop or pad, rescale and normalise. Immutable,
/// thread-safe.
///
/// Follows Pillow, not torchvision: equal bit for bit to transformers 5.24's classes with Pillow 13.0
/// (CLIPImageProcessorPil and so on), whose float arithmetic it repeats, and to open_clip's image_transform
/// for inference, both for pictures that are RGB without transparency. Pictures of other kinds are made RGB
/// first, transparent ones as Alpha says: transformers 5.24 do as White does and older ones as Drop;
/// open_clip resizes before it converts, which differs for palettes and for transparency.
class ImageProcessor {
public:
    /// preprocessor_config.json of CLIPImageProcessor, Siglip-, Siglip2- (NaFlex), ChineseCLIP-, Bit-
    /// (DINOv2), ViT-, EfficientNet- (ALIGN), Flava-, VideoMAE- (X-CLIP, one frame at a time), ConvNext- and
    /// BlipImageProcessor, with their defaults; old feature-extractor files and processor_config.json with
    /// its "image_processor" too. A step that is null is off, as in transformers; 'resample' is one of
    /// Pillow's numbers or a name. @param where for messages. @throws Error (absurd sizes, wrong types, an
    /// output size that is not fixed where it must be)
    static ImageProcessor fromConfig(const Json& config, std::string_view where,
                                     OutputSizes sizes = OutputSizes::Fixed);
    /// open_clip_config.json: its preprocess_cfg (mean, std, interpolation, resize_mode, fill_color) at the
    /// size of its model_cfg. @throws Error as fromConfig()
    static ImageProcessor fromOpenClipConfig(const Json& config, std::string_view where);
    /// The same with another treatment of transparency; Alpha::Drop unless set.
    ImageProcessor withAlpha(Alpha alpha) const;

    Alpha alpha() const { return m_alpha; }
    /// Sides of every output; 0 where they depend on the picture.
    int outputWidth() const { return m_output.width; }
    int outputHeight() const { return m_output.height; }
    int maxPatches() const; ///< NaFlex; 0 for all others
    int patchSize() const;  ///< NaFlex; 0 for all others
    /// The 8-bit picture the model sees, after resize and crop. Only what the crop shows is computed, so
    /// extreme shapes cost no memory. @throws Error (an empty image; one so narrow that its longer side would
    /// exceed 2^31, or that would not fit into the padding or the patches)
    Image resized(const Image& image) const;
    /// @throws Error as resized()
    PreparedImage prepare(const Image& image) const;
    /// Into memory of the caller's, for fixed sizes. @param out [3, outputHeight, outputWidth]. @throws Error
    /// as resized()
    void process(const Image& image, std::span<float> out) const;
    /// Changes whenever the pixels a model gets could change; part of the key of cached embeddings.
    std::string fingerprint() const;

private:
    explicit ImageProcessor(std::shared_ptr<const ImageRecipe> recipe);
    void writePlanes(const Image& pixels, std::span<float> out) const;
    void writePatches(const Image& pixels, PreparedImage& out) const;

    std::shared_ptr<const ImageRecipe> m_recipe;
    Alpha m_alpha = Alpha::Drop;
    ImageSize m_output;
    std::array<std::array<float, 256>, 3> m_tables{}; ///< [channel][byte]: rescaled and normalised
};

} // namespace diptych
