// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/families/clip_config.h"

#include <QTest>

using namespace diptych;

class TestClipConfig : public QObject {
    Q_OBJECT

    /// JSON with ' for "
    static Json json(std::string text) {
        std::replace(text.begin(), text.end(), '\'', '"');
        return parseJson(text, "test");
    }

private Q_SLOTS:
    void defaultsAreTransformers() {
        const ClipConfig config = ClipConfig::fromJson(json("{'model_type': 'clip'}"), "config.json");
        QCOMPARE(config.vision.hiddenSize, int64_t{768});
        QCOMPARE(config.vision.intermediateSize, int64_t{3072});
        QCOMPARE(config.vision.layers, int64_t{12});
        QCOMPARE(config.vision.heads, int64_t{12});
        QCOMPARE(config.text.hiddenSize, int64_t{512});
        QCOMPARE(config.text.intermediateSize, int64_t{2048});
        QCOMPARE(config.text.heads, int64_t{8});
        QCOMPARE(config.imageSize, int64_t{224});
        QCOMPARE(config.patchSize, int64_t{32});
        QCOMPARE(config.visionTokens(), int64_t{50});
        QCOMPARE(config.vocabularySize, int64_t{49408});
        QCOMPARE(config.contextLength, int64_t{77});
        QCOMPARE(config.eosTokenId, int64_t{49407});
        QCOMPARE(config.projectionSize, int64_t{512});
        QCOMPARE(config.logitScaleInit, 2.6592);
        QCOMPARE(static_cast<int>(config.text.activation), static_cast<int>(Activation::QuickGelu));
    }

    void oldSectionsWinWithTheirOwnDefaults() {
        const ClipConfig config = ClipConfig::fromJson(
            json("{'projection_dim': 768,"
                 " 'text_config': {'hidden_size': 640, 'eos_token_id': 2, 'num_attention_heads': 10},"
                 " 'text_config_dict': {'hidden_size': 768, 'num_attention_heads': 12},"
                 " 'vision_config': {'patch_size': 14}, 'vision_config_dict': null}"),
            "config.json");
        QCOMPARE(config.text.hiddenSize, int64_t{768});
        QCOMPARE(config.eosTokenId, int64_t{49407}); // not the 2 beside it
        QVERIFY(config.featureToken() == 49407);
        QCOMPARE(config.patchSize, int64_t{14});
        QCOMPARE(config.projectionSize, int64_t{768});
    }

    void refusesWhatCannotBe_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* text, const char* says) {
            QTest::newRow(name) << QString(text) << QString(says);
        };
        row("zero layers", "{'text_config': {'num_hidden_layers': 0}}",
            "text_config: 'num_hidden_layers' is 0");
        row("negative width", "{'vision_config': {'hidden_size': -8}}", "vision_config: 'hidden_size' is -8");
        row("huge width", "{'vision_config': {'hidden_size': 1000000000}}", "'hidden_size' is 1000000000");
        row("huge image", "{'vision_config': {'image_size': 100000}}", "'image_size' is 100000; 1 to 4096");
        row("huge vocabulary", "{'text_config': {'vocab_size': 9000000000}}", "'vocab_size'");
        row("huge context", "{'text_config': {'max_position_embeddings': 1e9}}", "'max_position_embeddings'");
        row("huge projection", "{'projection_dim': 99999}", "config.json: 'projection_dim' is 99999");
        row("heads do not divide", "{'text_config': {'num_attention_heads': 7}}", "not a multiple");
        row("patch larger than image", "{'vision_config': {'patch_size': 300}}",
            "'patch_size' (300) is larger");
        row("patch of 0", "{'vision_config': {'patch_size': 0}}", "'patch_size' is 0");
        row("one channel", "{'vision_config': {'num_channels': 1}}", "'num_channels' is 1");
        row("unknown activation", "{'vision_config': {'hidden_act': 'swish'}}", "'swish'; quick_gelu, gelu");
        row("activation is a number", "{'vision_config': {'hidden_act': 3}}",
            "'hidden_act' should be a text");
        row("size is a text", "{'vision_config': {'hidden_size': '768'}}",
            "'hidden_size' should be a whole number");
        row("image size is a list", "{'vision_config': {'image_size': [224, 224]}}",
            "'image_size' should be");
        row("epsilon of 0", "{'text_config': {'layer_norm_eps': 0}}", "'layer_norm_eps' is 0");
        row("section is a list", "{'text_config': []}", "text_config: should be a JSON object");
        row("config is a list", "[]", "config.json: should be a JSON object");
    }
    void refusesWhatCannotBe() {
        QFETCH(QString, text);
        QFETCH(QString, says);
        try {
            ClipConfig::fromJson(json(text.toStdString()), "config.json");
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains(says), error.what());
        }
    }

    void activationsByName() {
        for (const auto& [name, wanted] :
             {std::pair{"gelu", Activation::Gelu}, std::pair{"gelu_new", Activation::GeluTanh},
              std::pair{"gelu_pytorch_tanh", Activation::GeluTanh},
              std::pair{"quick_gelu", Activation::QuickGelu}}) {
            Json config = {{"text_config", {{"hidden_act", name}}}};
            QVERIFY(ClipConfig::fromJson(config, "c").text.activation == wanted);
            QVERIFY(ClipConfig::fromJson(ClipConfig::fromJson(config, "c").toJson(), "c").text.activation ==
                    wanted);
        }
    }
};

QTEST_GUILESS_MAIN(TestClipConfig)
#include "tst_clip_config.moc"
