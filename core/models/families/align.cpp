// SPDX-License-Identifier: GPL-3.0-or-later
// ALIGN (Jia et al. 2021) in Hugging Face's AlignModel layout: an EfficientNet and a BERT.
#include "core/models/dual_encoder.h"
#include "core/models/families/families.h"
#include "core/models/families/tower_config.h"
#include "core/models/nn/config_section.h"
#include "core/models/nn/convolution.h"
#include "core/models/nn/towers.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// What AlignProcessor pads and cuts texts to.
constexpr int64_t kTextLength = 64;

struct AlignConfig {
    EfficientNetSpec vision;
    int64_t imageSize = 600, projectionSize = 640;
    BertTowerSpec text;
};

std::vector<int64_t> readList(const ConfigSection& section, const char* key,
                              const std::vector<int64_t>& fallback, size_t length, int64_t most) {
    const std::vector<int64_t> values = section.integers(key, fallback);
    if (values.size() != length)
        section.fail(ErrorCode::Corrupt,
                     fmt::format("'{}' has {} values, one for each of {} stages is expected", key,
                                 values.size(), length));
    for (const int64_t value : values)
        if (value < 1 || value > most)
            section.fail(ErrorCode::LimitExceeded,
                         fmt::format("'{}' holds {}; 1 to {} is allowed", key, value, most));
    return values;
}

/// The defaults are transformers' AlignVisionConfig (5.24): EfficientNet B7.
EfficientNetSpec readVision(const ConfigSection& section) {
    constexpr int64_t kMaxChannels = 4096, kMaxRepeats = 64, kMaxKernel = 31;
    EfficientNetSpec spec;
    spec.widthCoefficient = section.number("width_coefficient", 2.0);
    spec.depthCoefficient = section.number("depth_coefficient", 3.1);
    if (!(spec.widthCoefficient > 0 && spec.widthCoefficient <= 16 && spec.depthCoefficient > 0 &&
          spec.depthCoefficient <= 16))
        section.fail(ErrorCode::LimitExceeded,
                     "'width_coefficient' and 'depth_coefficient' should be above 0 and at most 16");
    spec.depthDivisor = section.size("depth_divisor", 8, 256);
    spec.squeezeRatio = section.number("squeeze_expansion_ratio", 0.25);
    spec.epsilon = section.epsilon("batch_norm_eps", 0.001);
    spec.hiddenSize = section.size("hidden_dim", 2560, ConfigSection::kMaxWidth);
    spec.inChannels = section.integers("in_channels", {32, 16, 24, 40, 80, 112, 192});
    const size_t stages = spec.inChannels.size();
    spec.inChannels = readList(section, "in_channels", spec.inChannels, stages, kMaxChannels);
    spec.outChannels =
        readList(section, "out_channels", {16, 24, 40, 80, 112, 192, 320}, stages, kMaxChannels);
    spec.kernelSizes = readList(section, "kernel_sizes", {3, 3, 5, 3, 5, 5, 3}, stages, kMaxKernel);
    spec.strides = readList(section, "strides", {1, 2, 2, 2, 1, 2, 1}, stages, 2);
    spec.repeats = readList(section, "num_block_repeats", {1, 2, 2, 3, 3, 4, 1}, stages, kMaxRepeats);
    spec.expandRatios = readList(section, "expand_ratios", {1, 6, 6, 6, 6, 6, 6}, stages, 64);
    spec.symmetricBlocks = section.integers("depthwise_padding", {});
    if (section.text("hidden_act", "swish") != "swish" || section.text("pooling_type", "mean") != "mean")
        section.fail(ErrorCode::Unsupported,
                     "only 'hidden_act' swish and 'pooling_type' mean are supported, as ALIGN was published");
    return spec;
}

AlignConfig readConfig(const Checkpoint& checkpoint) {
    const ConfigSection top(checkpoint.config(), displayPath(checkpoint.configPath()));
    const ConfigSection vision = top.section("vision_config");
    AlignConfig config;
    config.vision = readVision(vision);
    config.imageSize = vision.size("image_size", 600, ConfigSection::kMaxImageSize);
    config.text = readBert(top.section("text_config"), 512);
    config.projectionSize = top.size("projection_dim", 640, ConfigSection::kMaxWidth);
    if (config.projectionSize != config.vision.hiddenSize)
        top.fail(ErrorCode::Corrupt,
                 fmt::format("'projection_dim' is {}, the image tower's 'hidden_dim' {}; both should be one "
                             "space",
                             config.projectionSize, config.vision.hiddenSize));
    return config;
}

class AlignNetwork final : public DualNetwork {
public:
    AlignNetwork(const Weights& weights, const AlignConfig& config)
        : m_vision(weights.at("vision_model"), config.vision),
          m_text(weights.at("text_model"), config.text),
          m_textProjection(
              weights.packedLinear("text_projection", config.projectionSize, config.text.layer.width)),
          m_scale(1.0f / weights.scalar("temperature", {})) {}

    at::Tensor poolImages(const PixelInput& images) const override {
        return m_vision(images.pixels).mean({2, 3});
    }
    at::Tensor projectImages(const at::Tensor& pooled) const override { return pooled; }
    at::Tensor embedTexts(const at::Tensor& ids, const at::Tensor& mask) const override {
        return m_textProjection(m_text(ids, mask).select(1, 0));
    }
    Similarity similarity() const override { return {Similarity::Kind::Softmax, m_scale, 0}; }

private:
    EfficientNet m_vision;
    BertTower m_text;
    Linear m_textProjection;
    float m_scale;
};

DualEncoderParts describeAlign(const Checkpoint& checkpoint) {
    const AlignConfig config = readConfig(checkpoint);
    DualEncoderParts parts;
    ModelInfo& info = parts.info;
    info.family = "align";
    info.familyTitle = "ALIGN";
    info.faces = {true, true};
    info.imageSize = checkpoint.imageProcessor().outputWidth(); // 289 where 'image_size' says 600
    info.embeddingDim = info.pooledDim = info.visionWidth = static_cast<int>(config.vision.hiddenSize);
    info.visionLayers = static_cast<int>(config.vision.blockCount());
    describeBert(config.text, info);
    info.contextLength = static_cast<int>(std::min<int64_t>(config.text.contextLength, kTextLength));
    info.facts = {{"Image tower", "EfficientNet"}, {"Image pooling", "mean"}};
    // The widest maps are the first: 32 channels and their expansion at half the resolution.
    parts.activationsPerImage = config.imageSize * config.imageSize / 4 * 64 * 6;
    parts.build = [config](const Weights& weights) {
        return std::make_unique<AlignNetwork>(weights, config);
    };
    parts.mayRemain = {"num_batches_tracked", "text_model.pooler."};
    return parts;
}

bool matchesAlign(const Checkpoint& checkpoint) {
    return checkpoint.modelType() == "align";
}

} // namespace

ModelFamily alignFamily() {
    return dualEncoderFamily<describeAlign>("align", "ALIGN", matchesAlign);
}

} // namespace diptych
