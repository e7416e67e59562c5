// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"
#include "core/models/dual_encoder.h"

#include <QTest>

#include <cmath>
#include <cstring>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

constexpr double kFp32Tolerance = 5e-6;
/// Weights and activations keep 8 bits: the bound is what these wide random weights give, with room.
constexpr double kBf16Tolerance = 0.04;
constexpr double kFp16Tolerance = 2e-3; // weights keep 11 bits, the arithmetic is fp32 on the CPU

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "clip";
const std::vector<std::string> kCases = {"openai", "laion", "odd", "half", "bfloat"};

Matrix matrixFrom(const TensorView& view) {
    Matrix matrix(static_cast<size_t>(view.shape.at(0)), static_cast<size_t>(view.shape.at(1)));
    std::memcpy(matrix.values().data(), view.bytes.data(), view.bytes.size());
    return matrix;
}

TokenBatch tokensFrom(const TensorView& view) {
    TokenBatch tokens{static_cast<size_t>(view.shape.at(0)), static_cast<size_t>(view.shape.at(1)), {}, {}};
    tokens.ids.resize(tokens.count * tokens.length);
    std::memcpy(tokens.ids.data(), view.bytes.data(), view.bytes.size());
    tokens.attentionMask.assign(tokens.ids.size(), 1);
    return tokens;
}

/// pattern() of the generator script.
PixelBatch pattern(size_t count, int size) {
    PixelBatch batch{count, size, size, std::vector<float>(count * 3 * static_cast<size_t>(size * size))};
    for (size_t i = 0; i < batch.values.size(); ++i) {
        const auto hashed = static_cast<uint32_t>(i * 2654435761u);
        batch.values[i] = static_cast<float>(static_cast<double>(hashed) / 1073741824.0 - 2.0);
    }
    return batch;
}

PixelBatch pixelsOf(const ImageProcessor& processor) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(kFixtures / "images"))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    PixelBatch batch{files.size(), processor.outputHeight(), processor.outputWidth(), {}};
    batch.values.resize(batch.count * batch.imageSize());
    for (size_t i = 0; i < files.size(); ++i)
        processor.process(decodeImage(files[i]).value(), batch.image(i));
    return batch;
}

std::vector<std::string> texts() {
    return readJsonFile(kFixtures / "texts.json").get<std::vector<std::string>>();
}

double worstDifference(const Matrix& a, const Matrix& b) {
    if (a.rows() != b.rows() || a.cols() != b.cols() || a.empty())
        return INFINITY;
    double worst = 0;
    for (size_t i = 0; i < a.values().size(); ++i) {
        const double difference = std::abs(double{a.values()[i]} - double{b.values()[i]});
        worst = std::max(worst, std::isnan(difference) ? INFINITY : difference);
    }
    return worst;
}

Matrix normalised(Matrix matrix) {
    normalizeRows(matrix);
    return matrix;
}

std::unique_ptr<DualEncoder> load(const fs::path& directory, Precision precision = Precision::Fp32,
                                  bool plain = false) {
    EncoderOptions options;
    options.device = Device::Cpu;
    options.precision = precision;
    options.threads = 1;
    options.plainLinear = plain;
    return loadDualEncoder(Checkpoint::open(directory), options);
}

/// Worst difference over everything the case expects.
double worstOf(DualEncoder& encoder, const SafetensorsFile& expected) {
    const auto want = [&](const char* name) { return matrixFrom(*expected.find(name)); };
    const PixelBatch pixels = pattern(4, encoder.info().imageSize);
    double worst = worstDifference(normalised(encoder.encodeImages(pixels)), want("pattern_embeds"));
    worst =
        std::max(worst, worstDifference(normalised(encoder.encodeImages(pixelsOf(encoder.imageProcessor()))),
                                        want("image_embeds")));
    worst = std::max(worst,
                     worstDifference(normalised(encoder.encodeTexts(tokensFrom(*expected.find("input_ids")))),
                                     want("text_embeds")));
    return std::max(worst,
                    worstDifference(normalised(encoder.encodeTexts(tokensFrom(*expected.find("odd_ids")))),
                                    want("odd_embeds")));
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
        QTest::addColumn<bool>("plain");
        for (const std::string& name : kCases) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name) << false;
            QTest::newRow((name + ", plain").c_str()) << QString::fromStdString(name) << true;
        }
    }
    void fp32() {
        QFETCH(QString, name);
        QFETCH(bool, plain);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto encoder = load(folder, Precision::Fp32, plain);
        const double worst = worstOf(*encoder, expected);
        qInfo("%s: largest difference %.1e", qPrintable(name), worst);
        QVERIFY2(worst <= kFp32Tolerance, qPrintable(QString::number(worst)));

        const Matrix pooled =
            encoder->encodeImages(pattern(4, encoder->info().imageSize), ImageFeature::Pooled);
        QVERIFY(worstDifference(pooled, matrixFrom(*expected.find("pattern_pooled"))) <=
                2e-5); // values of ~3
        float scale = 0;
        std::memcpy(&scale, expected.find("logit_scale")->bytes.data(), sizeof(scale));
        QVERIFY(std::abs(encoder->logitScale() / scale - 1) < 1e-5);
        QCOMPARE(encoder->precision(), Precision::Fp32);
    }

    void lowerPrecisionStaysClose_data() {
        QTest::addColumn<QString>("name");
        for (const std::string& name : kCases)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void lowerPrecisionStaysClose() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        for (const auto& [precision, bound] :
             {std::pair{Precision::Bf16, kBf16Tolerance}, std::pair{Precision::Fp16, kFp16Tolerance}}) {
            const auto encoder = load(folder, precision);
            const double worst = worstOf(*encoder, expected);
            qInfo("%s: largest difference in %s %.1e", qPrintable(name), precisionName(precision).data(),
                  worst);
            QVERIFY2(worst <= bound, qPrintable(QString::number(worst)));
            QCOMPARE(encoder->precision(), precision);
        }
    }

    void tokensEqual_data() { lowerPrecisionStaysClose_data(); }
    void tokensEqual() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto encoder = load(folder);
        const TokenBatch tokens =
            encoder->tokenizer().encodeBatch(texts(), static_cast<size_t>(encoder->info().contextLength));
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
