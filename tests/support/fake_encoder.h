// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/dual_encoder.h"

#include <functional>

namespace diptych::test {

/// One token a byte.
class ByteTokenizer : public Tokenizer {
public:
    std::vector<int64_t> encode(std::string_view text, size_t maxLength) const override {
        std::vector<int64_t> ids(text.begin(), text.end());
        ids.resize(std::min(ids.size(), maxLength - 1));
        ids.push_back(eosId());
        return ids;
    }
    std::string decode(std::span<const int64_t> ids) const override {
        return std::string(ids.begin(), ids.end());
    }
    size_t vocabularySize() const override { return 257; }
    int64_t padId() const override { return 0; }
    int64_t eosId() const override { return 256; }
    std::string_view token(int64_t) const override { return {}; }
};

/// Embeds a picture as its mean red, green and blue, so that every row can be predicted, and counts what it
/// is asked.
class FakeEncoder : public DualEncoder {
public:
    FakeEncoder()
        : m_processor(ImageProcessor::fromConfig(
              {{"size", {{"height", 8}, {"width", 8}}}, {"do_center_crop", false}, {"do_normalize", false}},
              "fake")) {
        m_info.family = "fake";
        m_info.fingerprint = "f";
        m_info.embeddingDim = m_info.visionWidth = 3;
        m_info.contextLength = 16;
    }
    size_t imagesEncoded = 0, textsEncoded = 0;
    std::function<void()> beforeImages; ///< called before every batch

    const ModelInfo& info() const override { return m_info; }
    Device device() const override { return Device::Cpu; }
    Precision precision() const override { return Precision::Fp32; }
    const Tokenizer& tokenizer() const override { return m_tokenizer; }
    const ImageProcessor& imageProcessor() const override { return m_processor; }
    Matrix encodeImages(const PixelBatch& pixels, ImageFeature) override {
        if (beforeImages)
            beforeImages();
        Matrix out(pixels.count, 3);
        const size_t plane = pixels.imageSize() / 3;
        for (size_t i = 0; i < pixels.count; ++i)
            for (size_t c = 0; c < 3; ++c)
                for (size_t p = 0; p < plane; ++p)
                    out(i, c) += pixels.image(i)[c * plane + p] / static_cast<float>(plane);
        imagesEncoded += pixels.count;
        return out;
    }
    Matrix encodeTexts(const TokenBatch& tokens) override {
        Matrix out(tokens.count, 3);
        for (size_t i = 0; i < tokens.count; ++i)
            out(i, static_cast<size_t>(tokens.row(i)[0]) % 3) = 1;
        textsEncoded += tokens.count;
        return out;
    }
    float logitScale() const override { return 10; }
    float logitBias() const override { return 0; }
    size_t preferredBatchSize() const override { return 4; }

private:
    ModelInfo m_info;
    ByteTokenizer m_tokenizer;
    ImageProcessor m_processor;
};

} // namespace diptych::test
