// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"
#include "tests/support/fake_model.h"

namespace diptych::test {

/// All that a family needs, as small as it can be: pictures are their mean colour, texts the colour they
/// name.
class MeanColourModel : public Model, public Embedder {
public:
    MeanColourModel(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute)
        : m_info(inspect(*checkpoint)),
          m_compute(resolveCompute(compute)),
          m_processor(checkpoint->imageProcessor()) {}

    static bool matches(const Checkpoint& checkpoint) { return checkpoint.modelType() == "mean_colour"; }
    static ModelInfo inspect(const Checkpoint& checkpoint) {
        ModelInfo info;
        info.family = "mean_colour";
        info.familyTitle = "Mean colour";
        info.name = checkpoint.name();
        info.directory = checkpoint.directory();
        info.fingerprint = checkpoint.fingerprint();
        info.faces = {.imageEmbeddings = true, .textEmbeddings = true};
        info.embeddingDim = info.pooledDim = 3;
        info.similarity.scale = 20;
        info.facts = {{"Sees", "one colour"}};
        return info;
    }
    static std::unique_ptr<Model> open(std::shared_ptr<const Checkpoint> checkpoint, const Compute& compute) {
        return std::make_unique<MeanColourModel>(std::move(checkpoint), compute);
    }

    const ModelInfo& info() const override { return m_info; }
    const Compute& compute() const override { return m_compute; }
    void load() override {}
    Prepared prepare(std::span<const Image> frames) const override {
        PreparedImage done = m_processor.prepare(frames.front());
        return {{3, done.height, done.width}, std::move(done.values)};
    }
    std::string imageKey() const override { return m_processor.fingerprint(); }
    std::string textKey() const override { return "bytes"; }
    size_t batchSize() const override { return 4; }
    Embedder* embedder() override { return this; }

    Matrix embedImages(std::span<const Prepared> samples, ImageFeature) override {
        Matrix rows(samples.size(), 3);
        for (size_t i = 0; i < samples.size(); ++i)
            for (size_t at = 0; at < samples[i].values.size(); ++at)
                rows(i, at * 3 / samples[i].values.size()) += samples[i].values[at];
        return rows;
    }
    TokenBatch tokenize(std::span<const std::string> texts) const override {
        return ByteTokenizer().encodeBatch(texts, 64);
    }
    Matrix embedTokens(const TokenBatch& tokens) override {
        constexpr const char* kColours[] = {"red", "green", "blue"};
        Matrix rows(tokens.count, 3);
        for (size_t i = 0; i < tokens.count; ++i)
            for (size_t c = 0; c < 3; ++c)
                rows(i, c) =
                    ByteTokenizer().decode(tokens.row(i)).find(kColours[c]) != std::string::npos ? 1 : 0.1F;
        return rows;
    }

private:
    ModelInfo m_info;
    Compute m_compute;
    ImageProcessor m_processor;
};

inline ModelFamily meanColourFamily() {
    return {"mean_colour", "Mean colour", MeanColourModel::matches, MeanColourModel::inspect,
            MeanColourModel::open};
}

} // namespace diptych::test
