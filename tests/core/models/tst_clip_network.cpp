// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/clip_network.h"
#include "core/models/nn/runtime.h"
#include "core/tensor/safetensors.h"

#include <QTest>

#include <c10/core/InferenceMode.h>

#include <fstream>

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
        const ClipNetwork network = ClipNetwork::random(smallConfig(), 1);
        const at::Tensor images = normalised(network.encodeImages(somePixels(3, network.config())));
        const at::Tensor texts = normalised(network.encodeTexts(someIds()));
        QCOMPARE(images.sizes().vec(), (std::vector<int64_t>{3, 16}));
        QCOMPARE(texts.sizes().vec(), (std::vector<int64_t>{3, 16}));
        const at::Tensor logits = network.logitScale().exp() * images.matmul(texts.t());
        at::cross_entropy_loss(logits, at::arange(3, at::kLong)).backward();
        for (const auto& [name, parameter] : network.parameters()) {
            QVERIFY2(parameter.grad().defined(), name.c_str());
            QVERIFY2(parameter.grad().isfinite().all().item<bool>(), name.c_str());
            // The gradient of a key's bias is zero in exact arithmetic: it shifts all scores of a query
            // alike.
            if (!name.ends_with("k_proj.bias"))
                QVERIFY2(parameter.grad().abs().max().item<double>() > 0, name.c_str());
        }
    }

    void allKernelsAgree_data() {
        QTest::addColumn<int>("activation");
        QTest::newRow("quick_gelu") << static_cast<int>(Activation::QuickGelu);
        QTest::newRow("gelu") << static_cast<int>(Activation::Gelu);
        QTest::newRow("gelu_tanh") << static_cast<int>(Activation::GeluTanh);
    }
    void allKernelsAgree() {
        QFETCH(int, activation);
        ClipConfig config = smallConfig();
        config.vision.activation = config.text.activation = static_cast<Activation>(activation);
        const ClipNetwork trained = ClipNetwork::random(config, 5);
        ClipNetwork packed = ClipNetwork::random(config, 5);
        ClipNetwork plain = ClipNetwork::random(config, 5);
        packed.freeze(at::kCPU, at::kFloat, Kernels::Packed);
        plain.freeze(at::kCPU, at::kFloat, Kernels::Plain);
        QVERIFY(packed.parameters().empty());
        const at::Tensor pixels = somePixels(4, config);
        const at::Tensor wantedImages = normalised(trained.encodeImages(pixels)).detach();
        const at::Tensor wantedTexts = normalised(trained.encodeTexts(someIds())).detach();
        const c10::InferenceMode inference;
        for (const ClipNetwork* network : {&packed, &plain}) {
            QVERIFY(worstDifference(normalised(network->encodeImages(pixels)), wantedImages) < 2e-6);
            QVERIFY(worstDifference(normalised(network->encodeTexts(someIds())), wantedTexts) < 2e-6);
            QCOMPARE(network->poolImages(pixels).size(1), int64_t{24});
        }
    }

    void patchesEqualTheConvolution() {
        ClipConfig config = smallConfig();
        const ClipNetwork network = ClipNetwork::random(config, 2);
        const at::Tensor pixels = somePixels(2, config);
        const at::Tensor weight = network.parameters().at("vision_model.embeddings.patch_embedding.weight");
        const at::Tensor wanted = at::conv2d(pixels, weight, {}, 7).flatten(2).transpose(1, 2);
        QVERIFY(worstDifference(network.embedPatches(pixels), wanted) < 1e-5);
    }

    void textBehindTheEndTokenHasNoInfluence() {
        ClipNetwork network = ClipNetwork::random(smallConfig(), 1);
        network.freeze(at::kCPU, at::kFloat, Kernels::Packed);
        const c10::InferenceMode inference;
        const at::Tensor before = network.encodeTexts(someIds());
        at::Tensor changed = someIds().clone();
        changed[2].slice(0, 2) = 17;
        QVERIFY(worstDifference(network.encodeTexts(changed), before) < 1e-6);
        changed[1][3] = 11; // a token before the end token counts
        const at::Tensor difference = (network.encodeTexts(changed) - before).abs();
        QVERIFY(difference[1].max().item<double>() > 1e-3);
        QVERIFY(difference[0].max().item<double>() < 1e-6);
    }

    void rowsDoNotDependOnTheirBatch() {
        ClipNetwork network = ClipNetwork::random(smallConfig(), 9);
        network.freeze(at::kCPU, at::kFloat, Kernels::Packed);
        const c10::InferenceMode inference;
        const at::Tensor pixels = somePixels(5, network.config());
        const at::Tensor images = network.encodeImages(pixels), texts = network.encodeTexts(someIds());
        for (int64_t i = 0; i < 5; ++i)
            QVERIFY(worstDifference(network.encodeImages(pixels.narrow(0, i, 1))[0], images[i]) < 1e-5);
        for (int64_t i = 0; i < 3; ++i)
            QVERIFY(worstDifference(network.encodeTexts(someIds().narrow(0, i, 1))[0], texts[i]) < 1e-5);
        QVERIFY(worstDifference(network.encodeImages(pixels.flip(0)), images.flip(0)) < 1e-5);
        QVERIFY(worstDifference(network.encodeTexts(someIds().flip(0)), texts.flip(0)) < 1e-5);
    }

    void featurePositionFollowsTheEndToken() {
        const at::Tensor ids = at::tensor({1, 5, 9, 5, 2, 9, 4, 4}, at::kLong).view({2, 4});
        QVERIFY(at::equal(textFeaturePositions(ids, 2), at::tensor({2, 1}, at::kLong))); // largest id
        QVERIFY(at::equal(textFeaturePositions(ids, 5), at::tensor({1, 0}, at::kLong))); // first 5; none: 0
        QVERIFY(at::equal(textFeaturePositions(ids, 4), at::tensor({0, 2}, at::kLong)));
    }

    void initialisationIsTransformers() {
        ClipConfig config = smallConfig();
        config.text.initializerFactor = config.vision.initializerFactor = config.initializerFactor = 1.0;
        config.vocabularySize = 500;
        config.eosTokenId = 499;
        const ClipNetwork a = ClipNetwork::random(config, 1), same = ClipNetwork::random(config, 1);
        const ClipNetwork other = ClipNetwork::random(config, 2);
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
        QCOMPARE(a.logitScale().item<float>(), 2.6592f);
    }

    void missingAndMisshapenTensorsAreNamed() {
        const ClipNetwork network = ClipNetwork::random(smallConfig(), 1);
        ParameterMap parameters = network.parameters();
        parameters.erase("visual_projection.weight");
        QVERIFY_EXCEPTION_THROWN(ClipNetwork(smallConfig(), parameters), Error);
        parameters["visual_projection.weight"] = at::zeros({16, 23});
        try {
            ClipNetwork refused(smallConfig(), parameters);
            QFAIL("a misshapen tensor was accepted");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("'visual_projection.weight' has shape [16, 23]") !=
                         std::string::npos,
                     error.what());
        }
    }

    void savedCheckpointHoldsTheSameNumbers() {
        const TemporaryDirectory dir;
        const ClipConfig config = smallConfig();
        const ClipNetwork network = ClipNetwork::random(config, 4);
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
