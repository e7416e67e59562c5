// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/clip.h"
#include "core/models/nn/runtime.h"
#include "core/tensor/safetensors.h"

#include <QTest>

#include <c10/core/InferenceMode.h>

using namespace diptych;

namespace {

/// Small, with sides that are no powers of two and a projection narrower than both towers.
ClipConfig smallConfig() {
    ClipConfig config;
    config.vision = {24, 56, 3, 3};
    config.text = {20, 44, 2, 5};
    config.imageSize = 30; // not a multiple of the patch: the last two pixels are not seen
    config.patchSize = 7;
    config.vocabularySize = 40;
    config.contextLength = 12;
    config.eosTokenId = 39;
    config.projectionSize = 16;
    config.initializerFactor = config.vision.initializerFactor = config.text.initializerFactor = 4.0;
    return config;
}

at::Tensor somePixels(int64_t n, const ClipConfig& config) {
    at::manual_seed(3);
    return at::randn({n, 3, config.imageSize, config.imageSize});
}

at::Tensor someIds() {
    return at::tensor({1, 7,  39, 5, 6, 0, 0,  0, 0, 0, 0, 0, //
                       1, 3,  8,  9, 2, 4, 39, 0, 0, 0, 0, 0, //
                       1, 39, 0,  0, 0, 0, 0,  0, 0, 0, 0, 0},
                      at::kLong)
        .view({3, 12});
}

/// A network to train, with its weights by name.
struct Trained {
    Weights weights;
    ClipNetwork network;
    Trained(const ClipConfig& config, uint64_t seed)
        : weights(randomWeights(config, seed)), network(weights, config) {}
    const ParameterMap& parameters() const { return weights.parameters(); }
};

/// One file of tensors.
class FileSource final : public TensorSource {
public:
    explicit FileSource(const std::filesystem::path& path) : m_file(path) {}
    const TensorView* find(const std::string& name) const override { return m_file.find(name); }
    std::vector<std::string> tensorNames() const override { return m_file.names(); }
    std::filesystem::path fileOf(const std::string&) const override { return m_file.path(); }

private:
    SafetensorsFile m_file;
};

/// The same weights, read back for inference.
ClipNetwork packed(const ClipConfig& config, uint64_t seed) {
    const TemporaryDirectory dir;
    saveCheckpoint(dir.path(), config.toJson(), Trained(config, seed).parameters());
    const FileSource source(dir.path() / "model.safetensors");
    return ClipNetwork(Weights::of(source, {}), config);
}

double worstDifference(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kFloat) - b.to(at::kFloat)).abs().max().item<double>();
}

at::Tensor normalised(const at::Tensor& x) {
    return x / x.norm(2, -1, true);
}

} // namespace

class TestClipNetwork : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        useTorchThreads(1); // tiny work: threads would only wait for each other on a busy machine
    }

    void everyParameterLearns() {
        const Trained trained(smallConfig(), 1);
        const ClipNetwork& network = trained.network;
        const at::Tensor images = normalised(network.encodeImages(somePixels(3, network.config())));
        const at::Tensor texts = normalised(network.embedTexts(someIds(), {}));
        QCOMPARE(images.sizes().vec(), (std::vector<int64_t>{3, 16}));
        QCOMPARE(texts.sizes().vec(), (std::vector<int64_t>{3, 16}));
        const at::Tensor logits = network.logitScale().exp() * images.matmul(texts.t());
        at::cross_entropy_loss(logits, at::arange(3, at::kLong)).backward();
        for (const auto& [name, parameter] : trained.parameters()) {
            QVERIFY2(parameter.grad().defined(), name.c_str());
            QVERIFY2(parameter.grad().isfinite().all().item<bool>(), name.c_str());
            // The gradient of a key's bias is zero in exact arithmetic: it shifts all scores of a query
            // alike.
            if (!name.ends_with("k_proj.bias"))
                QVERIFY2(parameter.grad().abs().max().item<double>() > 0, name.c_str());
        }
    }

    void inferenceEqualsTraining_data() {
        QTest::addColumn<int>("activation");
        QTest::newRow("quick_gelu") << static_cast<int>(Activation::QuickGelu);
        QTest::newRow("gelu") << static_cast<int>(Activation::Gelu);
        QTest::newRow("gelu_tanh") << static_cast<int>(Activation::GeluTanh);
    }
    void inferenceEqualsTraining() {
        QFETCH(int, activation);
        ClipConfig config = smallConfig();
        config.vision.activation = config.text.activation = static_cast<Activation>(activation);
        const Trained trained(config, 5);
        const ClipNetwork inference = packed(config, 5);
        const at::Tensor pixels = somePixels(4, config);
        const at::Tensor wantedImages = normalised(trained.network.encodeImages(pixels)).detach();
        const at::Tensor wantedTexts = normalised(trained.network.embedTexts(someIds(), {})).detach();
        const c10::InferenceMode guard;
        QVERIFY(worstDifference(normalised(inference.encodeImages(pixels)), wantedImages) < 2e-6);
        QVERIFY(worstDifference(normalised(inference.embedTexts(someIds(), {})), wantedTexts) < 2e-6);
        QCOMPARE(inference.poolImages({pixels, {}}).size(1), int64_t{24});
        QVERIFY(std::abs(inference.similarity().scale - std::exp(2.6592f)) < 1e-4f);
    }

    void patchesEqualTheConvolution() {
        const Weights weights = Weights::random([](const std::string&) { return InitialValues{0.1}; }, 2);
        const PatchEmbedding patches(weights, "patch_embedding", 24, 7, false);
        const at::Tensor pixels = somePixels(2, smallConfig());
        const at::Tensor weight = weights.parameters().at("patch_embedding.weight");
        const at::Tensor wanted = at::conv2d(pixels, weight, {}, 7).flatten(2).transpose(1, 2);
        QVERIFY(worstDifference(patches(pixels), wanted) < 1e-5);
    }

    void textBehindTheEndTokenHasNoInfluence() {
        const ClipNetwork network = packed(smallConfig(), 1);
        const c10::InferenceMode inference;
        const at::Tensor before = network.embedTexts(someIds(), {});
        at::Tensor changed = someIds().clone();
        changed[2].slice(0, 2) = 17;
        QVERIFY(worstDifference(network.embedTexts(changed, {}), before) < 1e-6);
        changed[1][3] = 11; // a token before the end token counts
        const at::Tensor difference = (network.embedTexts(changed, {}) - before).abs();
        QVERIFY(difference[1].max().item<double>() > 1e-3);
        QVERIFY(difference[0].max().item<double>() < 1e-6);
    }

    void rowsDoNotDependOnTheirBatch() {
        const ClipNetwork network = packed(smallConfig(), 9);
        const c10::InferenceMode inference;
        const at::Tensor pixels = somePixels(5, network.config());
        const at::Tensor images = network.encodeImages(pixels), texts = network.embedTexts(someIds(), {});
        for (int64_t i = 0; i < 5; ++i)
            QVERIFY(worstDifference(network.encodeImages(pixels.narrow(0, i, 1))[0], images[i]) < 1e-5);
        for (int64_t i = 0; i < 3; ++i)
            QVERIFY(worstDifference(network.embedTexts(someIds().narrow(0, i, 1), {})[0], texts[i]) < 1e-5);
        QVERIFY(worstDifference(network.encodeImages(pixels.flip(0)), images.flip(0)) < 1e-5);
        QVERIFY(worstDifference(network.embedTexts(someIds().flip(0), {}), texts.flip(0)) < 1e-5);
    }

    void featurePositionFollowsTheEndToken() {
        const at::Tensor ids = at::tensor({1, 5, 9, 5, 2, 9, 4, 4}, at::kLong).view({2, 4});
        QVERIFY(at::equal(textFeaturePositions(ids, {}), at::tensor({2, 1}, at::kLong))); // largest id
        QVERIFY(at::equal(textFeaturePositions(ids, 5), at::tensor({1, 0}, at::kLong)));  // first 5; none: 0
        QVERIFY(at::equal(textFeaturePositions(ids, 4), at::tensor({0, 2}, at::kLong)));
    }

    void initialisationIsTransformers() {
        ClipConfig config = smallConfig();
        config.text.initializerFactor = config.vision.initializerFactor = config.initializerFactor = 1.0;
        config.vocabularySize = 500;
        config.eosTokenId = 499;
        const Trained a(config, 1), same(config, 1), other(config, 2);
        const auto deviation = [&](const char* name) { return a.parameters().at(name).std().item<double>(); };
        for (const auto& [name, parameter] : a.parameters())
            QVERIFY2(at::equal(parameter, same.parameters().at(name)), name.c_str());
        const char* const tokens = "text_model.embeddings.token_embedding.weight";
        QVERIFY(!at::equal(a.parameters().at(tokens), other.parameters().at(tokens)));
        QVERIFY(std::abs(deviation(tokens) - 0.02) < 0.001);
        const double query = std::pow(24.0, -0.5) * std::pow(6.0, -0.5);
        QVERIFY(std::abs(deviation("vision_model.encoder.layers.0.self_attn.q_proj.weight") / query - 1) <
                0.1);
        QVERIFY(std::abs(deviation("vision_model.encoder.layers.0.mlp.fc2.weight") / query - 1) < 0.1);
        QVERIFY(std::abs(deviation("vision_model.encoder.layers.0.mlp.fc1.weight") / std::pow(48.0, -0.5) -
                         1) < 0.1);
        QCOMPARE(a.parameters().at("vision_model.pre_layrnorm.weight").min().item<float>(), 1.0f);
        QCOMPARE(a.parameters().at("text_model.encoder.layers.0.mlp.fc1.bias").abs().max().item<float>(),
                 0.0f);
        QCOMPARE(a.network.logitScale().item<float>(), 2.6592f);
    }

    void savedCheckpointHoldsTheSameNumbers() {
        const TemporaryDirectory dir;
        const ClipConfig config = smallConfig();
        const Trained network(config, 4);
        saveCheckpoint(dir.path() / "new" / "folder", config.toJson(), network.parameters());
        const SafetensorsFile file(dir.path() / "new" / "folder" / "model.safetensors");
        QCOMPARE(file.metadata().at("format"), std::string("pt"));
        QCOMPARE(file.names().size(), network.parameters().size());
        for (const auto& [name, parameter] : network.parameters()) {
            const TensorView* view = file.find(name);
            QVERIFY2(view && at::IntArrayRef(view->shape) == parameter.sizes(), name.c_str());
            QVERIFY(std::memcmp(view->bytes.data(), parameter.data_ptr(), view->bytes.size()) == 0);
        }
        const Json written = readJsonFile(dir.path() / "new" / "folder" / "config.json");
        QVERIFY(ClipConfig::fromJson(written, "config.json").toJson() == config.toJson());
    }
};

QTEST_GUILESS_MAIN(TestClipNetwork)
#include "tst_clip_network.moc"
