// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/image/image.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// Pixels ready for a model: float32 [count, 3, height, width].
struct PixelBatch {
    size_t count = 0;
    int height = 0, width = 0;
    std::vector<float> values;
    size_t imageSize() const { return size_t{3} * static_cast<size_t>(height) * static_cast<size_t>(width); }
    std::span<float> image(size_t i) { return {values.data() + i * imageSize(), imageSize()}; }
    std::span<const float> image(size_t i) const { return {values.data() + i * imageSize(), imageSize()}; }
};

/// Resize, centre crop, rescale and normalise as a preprocessor_config.json says (CLIPImageProcessor and
/// SiglipImageProcessor's keys; sizes as {"shortest_edge"}, {"height","width"} or one number; old
/// feature-extractor files and processor_config.json with its "image_processor" too). Immutable, thread-safe.
/// Follows Pillow, not torchvision: equal bit for bit to transformers' CLIPImageProcessorPil and
/// SiglipImageProcessorPil (5.24, Pillow 13.0), whose float arithmetic it repeats.
class ImageProcessor {
public:
    /// @param where for messages. @throws Error (absurd sizes, wrong types, an output size that is not fixed)
    static ImageProcessor fromConfig(const Json& config, std::string_view where);

    int outputWidth() const { return m_outputWidth; }
    int outputHeight() const { return m_outputHeight; }
    /// The 8-bit picture the model sees, after resize and crop. [outputHeight, outputWidth, 3]. Only what the
    /// crop shows is computed, so extreme shapes cost no memory. @throws Error (an empty image; one so narrow
    /// that its longer side would exceed 2^31)
    Image resized(const Image& image) const;
    /// @param out [3, outputHeight, outputWidth]. @throws Error as resized()
    void process(const Image& image, std::span<float> out) const;
    /// Changes whenever the pixels a model gets could change; part of the key of cached embeddings.
    std::string fingerprint() const;
    const std::array<float, 3>& mean() const { return m_mean; }
    const std::array<float, 3>& standardDeviation() const { return m_std; }

private:
    ImageProcessor() = default;
    void readSizes(const Json& config, bool defaultIsShortestEdge, int defaultSize,
                   bool numberMeansShortestEdge, std::string_view where);
    void buildTables();

    bool m_doResize = true, m_doCenterCrop = true, m_doRescale = true, m_doNormalize = true;
    int m_shortestEdge = 0, m_resizeWidth = 0,
        m_resizeHeight = 0; ///< shortestEdge 0 = fixed width and height
    int m_cropWidth = 0, m_cropHeight = 0;
    int m_outputWidth = 0, m_outputHeight = 0;
    Resample m_resample = Resample::Bicubic;
    double m_rescaleFactor = 1.0 / 255.0;
    std::array<float, 3> m_mean{}, m_std{};
    std::array<std::array<float, 256>, 3> m_tables{}; ///< [channel][byte]: rescaled and normalised
};

} // namespace diptych
