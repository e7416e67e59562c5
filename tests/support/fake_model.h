// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"

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
class FakeModel : public Model, public Embedder {
public:
    /// @param size of the preprocessing, which ends in 8 x 8 pixels whatever it is
    explicit FakeModel(const Json& size = {{"height", 8}, {"width", 8}})
        : m_processor(ImageProcessor::fromConfig({{"size", size}, {"crop_size", 8}, {"do_normalize", false}},
                                                 "fake")) {
        m_info.family = "fake";
        m_info.fingerprint = "f";
        m_info.faces = {true, true};
        m_info.embeddingDim = m_info.pooledDim = 3;
        m_info.contextLength = 16;
        m_info.similarity = {Similarity::Kind::Softmax, 10, 0};
        m_compute = {Device::Cpu, Precision::Fp32, 1};
    }
    size_t imagesEncoded = 0, textsEncoded = 0, loads = 0;
    std::string tokenizerKey = "bytes";
    std::function<void()> beforeImages; ///< called before every batch

    std::string& fingerprint() { return m_info.fingerprint; }

    const ModelInfo& info() const override { return m_info; }
    const Compute& compute() const override { return m_compute; }
    void load() override { ++loads; }
    Prepared prepare(std::span<const Image> frames) const override {
        const Image& image = frames.front();
        Prepared out{{3, 8, 8}, std::vector<float>(3 * 64)};
        m_processor.process(image, out.values);
        return out;
    }
    std::string imageKey() const override { return m_processor.fingerprint(); }
    std::string textKey() const override { return tokenizerKey; }
    size_t batchSize() const override { return 4; }
    Embedder* embedder() override { return this; }

    Matrix embedImages(std::span<const Prepared> samples, ImageFeature) override {
        if (beforeImages)
            beforeImages();
        Matrix out(samples.size(), 3);
        constexpr size_t kPlane = 64;
        for (size_t i = 0; i < samples.size(); ++i)
            for (size_t c = 0; c < 3; ++c)
                for (size_t p = 0; p < kPlane; ++p)
                    out(i, c) += samples[i].values[c * kPlane + p] / static_cast<float>(kPlane);
        imagesEncoded += samples.size();
        return out;
    }
    TokenBatch tokenize(std::span<const std::string> texts) const override {
        return m_tokenizer.encodeBatch(texts, 16);
    }
    Matrix embedTokens(const TokenBatch& tokens) override {
        Matrix out(tokens.count, 3);
        for (size_t i = 0; i < tokens.count; ++i)
            out(i, static_cast<size_t>(tokens.row(i)[0]) % 3) = 1;
        textsEncoded += tokens.count;
        return out;
    }

private:
    ModelInfo m_info;
    Compute m_compute;
    ByteTokenizer m_tokenizer;
    ImageProcessor m_processor;
};

} // namespace diptych::test
