// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/parity/parity.h"

#include <QTest>

using namespace diptych;
using namespace diptych::parity;

namespace {

constexpr double kFp32Tolerance = 5e-6;
/// Weights and activations keep 8 bits: the bound is what these wide random weights give, with room.
constexpr double kBf16Tolerance = 0.04;
constexpr double kFp16Tolerance = 2e-3; // weights keep 11 bits, the arithmetic is fp32 on the CPU

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "clip";
const std::vector<std::string> kCases = {"openai", "laion", "odd", "half", "bfloat"};

std::vector<std::string> texts() {
    return readJsonFile(kFixtures / "texts.json").get<std::vector<std::string>>();
}

/// Worst difference over everything the case expects.
double worstOf(Model& model, const SafetensorsFile& expected) {
    const auto want = [&](const char* name) { return matrixFrom(*expected.find(name)); };
    Embedder& embedder = *model.embedder();
    const auto images = [&](const std::vector<Prepared>& samples) {
        return normalised(embedder.embedImages(samples, ImageFeature::Projected));
    };
    const auto tokens = [&](const char* name) {
        return normalised(embedder.embedTokens(tokensFrom(*expected.find(name))));
    };
    return std::max(
        {worstDifference(images(pattern(4, model.info().imageSize)), want("pattern_embeds")),
         worstDifference(images(preparedPictures(model, kFixtures / "images")), want("image_embeds")),
         worstDifference(tokens("input_ids"), want("text_embeds")),
         worstDifference(tokens("odd_ids"), want("odd_embeds"))});
}

/// A copy of a case with its config.json changed.
void copyWithConfig(const std::string& name, const fs::path& to, const std::function<void(Json&)>& change) {
    fs::copy(kFixtures / name, to, fs::copy_options::recursive);
    Json config = readJsonFile(to / "config.json");
    change(config);
    writeFileAtomically(to / "config.json", config.dump());
}

} // namespace

class TestClipParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fp32_data() {
        QTest::addColumn<QString>("name");
        for (const std::string& name : kCases)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void fp32() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto model = load(folder);
        const double worst = worstOf(*model, expected);
        qInfo("%s: largest difference %.1e", qPrintable(name), worst);
        QVERIFY2(worst <= kFp32Tolerance, qPrintable(QString::number(worst)));

        const Matrix pooled =
            model->embedder()->embedImages(pattern(4, model->info().imageSize), ImageFeature::Pooled);
        QVERIFY(worstDifference(pooled, matrixFrom(*expected.find("pattern_pooled"))) <=
                2e-5); // values of ~3
        float scale = 0;
        std::memcpy(&scale, expected.find("logit_scale")->bytes.data(), sizeof(scale));
        QVERIFY(std::abs(model->info().similarity.scale / scale - 1) < 1e-5);
        QCOMPARE(model->compute().precision, Precision::Fp32);
        QVERIFY(model->info().similarity.kind == Similarity::Kind::Softmax);
        QCOMPARE(model->info().similarity.bias, 0.0f);
    }

    void lowerPrecisionStaysClose_data() { fp32_data(); }
    void lowerPrecisionStaysClose() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        for (const auto& [precision, bound] :
             {std::pair{Precision::Bf16, kBf16Tolerance}, std::pair{Precision::Fp16, kFp16Tolerance}}) {
            const auto model = load(folder, precision);
            const double worst = worstOf(*model, expected);
            qInfo("%s: largest difference in %s %.1e", qPrintable(name), precisionName(precision).data(),
                  worst);
            QVERIFY2(worst <= bound, qPrintable(QString::number(worst)));
            QCOMPARE(model->compute().precision, precision);
        }
    }

    void tokensEqual_data() { fp32_data(); }
    void tokensEqual() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        const TokenBatch tokens = load(folder)->embedder()->tokenize(texts());
        QCOMPARE(tokens.ids, tokensFrom(*expected.find("input_ids")).ids);
    }

    // The tests above could not see a wrong activation or pooling if these did not move what they compare.
    void wrongActivationShows() {
        const SafetensorsFile expected(kFixtures / "openai" / "expected.safetensors");
        for (const char* tower : {"text_config", "vision_config"}) {
            const TemporaryDirectory dir;
            copyWithConfig("openai", dir.path() / "m",
                           [&](Json& config) { config[tower]["hidden_act"] = "gelu"; });
            QVERIFY(worstOf(*load(dir.path() / "m"), expected) > 1e-3);
        }
    }

    void wrongPoolingShows() {
        const SafetensorsFile expected(kFixtures / "laion" / "expected.safetensors");
        const TemporaryDirectory dir;
        copyWithConfig("laion", dir.path() / "m",
                       [](Json& config) { config["text_config"]["eos_token_id"] = 2; });
        QVERIFY(worstOf(*load(dir.path() / "m"), expected) > 1e-3);
    }

    void wrongEpsilonShows() {
        const SafetensorsFile expected(kFixtures / "odd" / "expected.safetensors");
        const TemporaryDirectory dir;
        copyWithConfig("odd", dir.path() / "m",
                       [](Json& config) { config["text_config"].erase("layer_norm_eps"); });
        QVERIFY(worstOf(*load(dir.path() / "m"), expected) > 10 * kFp32Tolerance);
    }
};

QTEST_GUILESS_MAIN(TestClipParity)
#include "tst_clip_parity.moc"
