// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/dual_encoder.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "clip";

EncoderOptions onCpu(Precision precision = Precision::Auto) {
    EncoderOptions options;
    options.device = Device::Cpu;
    options.precision = precision;
    options.threads = 1;
    return options;
}

std::unique_ptr<DualEncoder> load(const char* name, Precision precision = Precision::Auto) {
    return loadDualEncoder(Checkpoint::open(kFixtures / name), onCpu(precision));
}

PixelBatch gradients(size_t count, int size) {
    PixelBatch batch{count, size, size, std::vector<float>(count * 3 * static_cast<size_t>(size * size))};
    for (size_t i = 0; i < batch.values.size(); ++i)
        batch.values[i] = std::sin(static_cast<float>(i) * 0.37f);
    return batch;
}

bool closeRows(std::span<const float> a, std::span<const float> b, float tolerance) {
    if (a.size() != b.size())
        return false;
    for (size_t i = 0; i < a.size(); ++i)
        if (!(std::abs(a[i] - b[i]) <= tolerance))
            return false;
    return true;
}

template<class F>
std::string refusal(F&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// Writes @p value over the first float of a tensor.
void spoil(const fs::path& weights, const std::string& tensor, float value) {
    size_t offset = 0;
    {
        const SafetensorsFile file(weights);
        const MappedFile raw(weights);
        uint64_t header = 0;
        std::memcpy(&header, raw.bytes().data(), sizeof(header));
        // The tensor whose data begin the data section tells where that is in the mapping.
        const std::byte* start = nullptr;
        for (const std::string& name : file.names())
            if (!start || file.find(name)->bytes.data() < start)
                start = file.find(name)->bytes.data();
        offset = 8 + header + static_cast<size_t>(file.find(tensor)->bytes.data() - start);
    }
    FILE* out = std::fopen(weights.c_str(), "r+b");
    std::fseek(out, static_cast<long>(offset), SEEK_SET);
    std::fwrite(&value, sizeof(value), 1, out);
    std::fclose(out);
}

} // namespace

class TestEncoder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesGoBothWays() {
        for (const char* name : {"auto", "cpu", "cuda"})
            QCOMPARE(deviceName(parseDevice(name)), std::string_view(name));
        for (const char* name : {"auto", "fp32", "bf16", "fp16"})
            QCOMPARE(precisionName(parsePrecision(name)), std::string_view(name));
        QCOMPARE(refusal([] { parseDevice("gpu"); }),
                 std::string("Device 'gpu' is not known; choose one of auto, cpu, cuda"));
        QVERIFY(!refusal([] { parsePrecision("FP32"); }).empty());
    }

    void automaticIsFp32OnTheCpu() {
        const auto encoder = load("openai");
        QCOMPARE(encoder->device(), Device::Cpu);
        QCOMPARE(encoder->precision(), Precision::Fp32);
        QCOMPARE(encoder->logitBias(), 0.0f);
        QVERIFY(encoder->preferredBatchSize() >= 1);
    }

    void cudaSaysWhyNot() {
        const CudaStatus status = cudaStatus();
        if (status.available)
            QSKIP("there is a CUDA device here");
        QVERIFY(!status.detail.empty());
        EncoderOptions options;
        options.device = Device::Cuda;
        const std::string message =
            refusal([&] { loadDualEncoder(Checkpoint::open(kFixtures / "odd"), options); });
        QVERIFY2(message.find(status.detail) != std::string::npos, message.c_str());
    }

    /// Only where there is a device: fp32 there equals fp32 here.
    void cudaEqualsTheCpu() {
        if (!cudaStatus().available)
            QSKIP(cudaStatus().detail.c_str());
        EncoderOptions options = onCpu(Precision::Fp32);
        const auto cpu = loadDualEncoder(Checkpoint::open(kFixtures / "openai"), options);
        options.device = Device::Cuda;
        const auto cuda = loadDualEncoder(Checkpoint::open(kFixtures / "openai"), options);
        Matrix a = cpu->encodeImages(gradients(5, 32)), b = cuda->encodeImages(gradients(5, 32));
        normalizeRows(a);
        normalizeRows(b);
        QVERIFY(closeRows(a.values(), b.values(), 1e-5f));
    }

    void batchesDoNotMatter() {
        const auto encoder = load("openai");
        const PixelBatch all = gradients(70, 32); // more than two inner batches
        const Matrix images = encoder->encodeImages(all);
        QCOMPARE(images.rows(), size_t{70});
        for (const size_t i : {size_t{0}, size_t{31}, size_t{32}, size_t{69}}) {
            PixelBatch one{1, 32, 32, std::vector<float>(all.image(i).begin(), all.image(i).end())};
            QVERIFY(closeRows(encoder->encodeImages(one).row(0), images.row(i), 1e-5f));
        }
        const TokenBatch tokens =
            encoder->tokenizer().encodeBatch(std::vector<std::string>(300, "a red cube"), 20);
        const Matrix texts = encoder->encodeTexts(tokens);
        QCOMPARE(texts.rows(), size_t{300});
        QVERIFY(closeRows(texts.row(0), texts.row(299), 1e-5f));
    }

    void paddingDoesNotMatter() {
        const auto encoder = load("laion");
        const std::vector<std::string> words = {"a red cube"};
        const Matrix shorter = encoder->encodeTexts(encoder->tokenizer().encodeBatch(words, 9));
        const Matrix longer = encoder->encodeTexts(encoder->tokenizer().encodeBatch(words, 16));
        QVERIFY(closeRows(shorter.row(0), longer.row(0), 1e-5f));
    }

    void nothingInNothingOut() {
        const auto encoder = load("odd");
        QCOMPARE(encoder->encodeImages(PixelBatch{}).rows(), size_t{0});
        QCOMPARE(encoder->encodeImages(PixelBatch{}).cols(), size_t{10});
        QCOMPARE(encoder->encodeImages(PixelBatch{}, ImageFeature::Pooled).cols(), size_t{18});
        QCOMPARE(encoder->encodeTexts(TokenBatch{}).cols(), size_t{10});
    }

    void wrongInputsAreRefused() {
        const auto encoder = load("odd");
        QVERIFY(refusal([&] { encoder->encodeImages(gradients(1, 32)); }).find("60 x 60") !=
                std::string::npos);
        TokenBatch tokens{1, 3, {1, 5, 100000}, {1, 1, 1}};
        QVERIFY(refusal([&] { encoder->encodeTexts(tokens); }).find("token 100000") != std::string::npos);
        tokens.ids[2] = -1;
        QVERIFY(refusal([&] { encoder->encodeTexts(tokens); }).find("token -1") != std::string::npos);
        tokens = {1, 14, std::vector<int64_t>(14, 1), std::vector<uint8_t>(14, 1)};
        QVERIFY(refusal([&] { encoder->encodeTexts(tokens); }).find("1 to 13 tokens") != std::string::npos);
        tokens = {1, 0, {}, {}};
        QVERIFY(!refusal([&] { encoder->encodeTexts(tokens); }).empty());
    }

    void embeddingKeyTellsApartWhatDiffers() {
        const auto key = [](const char* name, Precision precision, ImageFeature feature) {
            const auto checkpoint = Checkpoint::open(kFixtures / name);
            return embeddingKey(inspectModel(*checkpoint), checkpoint->imageProcessor(), precision, feature);
        };
        const std::string one = key("openai", Precision::Fp32, ImageFeature::Projected);
        QCOMPARE(key("openai", Precision::Fp32, ImageFeature::Projected), one);
        QVERIFY(key("openai", Precision::Fp32, ImageFeature::Pooled) != one);
        QVERIFY(key("openai", Precision::Fp16, ImageFeature::Projected) != one);
        QVERIFY(key("odd", Precision::Fp32, ImageFeature::Projected) != one);
    }

    void optionsAreResolved() {
        const EncoderOptions options = resolveEncoderOptions(onCpu());
        QCOMPARE(options.device, Device::Cpu);
        QCOMPARE(options.precision, Precision::Fp32);
        const EncoderOptions chosen = resolveEncoderOptions(EncoderOptions{});
        QCOMPARE(chosen.device, cudaStatus().available ? Device::Cuda : Device::Cpu);
        QCOMPARE(chosen.precision, cudaStatus().available ? Precision::Fp16 : Precision::Fp32);
    }

    void scaleIsKnownBeforeLoading() {
        const ModelInfo info = inspectModel(*Checkpoint::open(kFixtures / "half"));
        QVERIFY(std::abs(load("half")->logitScale() / info.logitScale - 1) < 1e-6f);
    }

    void weightsThatAreNoNumbersAreNamed() {
        for (const float bad : {NAN, INFINITY, -INFINITY}) {
            const TemporaryDirectory dir;
            fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
            spoil(dir.path() / "m" / "model.safetensors", "visual_projection.weight", bad);
            const std::string message =
                refusal([&] { loadDualEncoder(Checkpoint::open(dir.path() / "m"), onCpu()); });
            QVERIFY2(
                message.find("model.safetensors: tensor 'visual_projection.weight' holds values that are "
                             "infinite or not a number") != std::string::npos,
                message.c_str());
        }
    }

    void weightsBeyondFp16AreNamed() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        spoil(dir.path() / "m" / "model.safetensors", "visual_projection.weight", 70000.0f);
        const auto checkpoint = Checkpoint::open(dir.path() / "m");
        QVERIFY(refusal([&] { loadDualEncoder(checkpoint, onCpu(Precision::Fp32)); }).empty());
        QVERIFY(refusal([&] {
                    loadDualEncoder(checkpoint, onCpu(Precision::Fp16));
                }).find("beyond the range of fp16") != std::string::npos);
    }

    void outputsThatAreNoNumbersAreRefused() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        spoil(dir.path() / "m" / "model.safetensors", "visual_projection.weight", 3e38f);
        const auto encoder = loadDualEncoder(Checkpoint::open(dir.path() / "m"), onCpu());
        PixelBatch pixels = gradients(2, 60);
        QVERIFY(refusal([&] {
                    for (int i = 0; i < 8; ++i) {
                        for (float& value : pixels.values)
                            value = std::cos(value * 3.0f + static_cast<float>(i));
                        encoder->encodeImages(pixels);
                    }
                }).find("not finite") != std::string::npos);
    }

    void preprocessingMustFitTheModel() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        fs::copy_file(kFixtures / "openai" / "preprocessor_config.json",
                      dir.path() / "m" / "preprocessor_config.json", fs::copy_options::overwrite_existing);
        QVERIFY(refusal([&] {
                    loadDualEncoder(Checkpoint::open(dir.path() / "m"), onCpu());
                }).find("32 x 32 pixels, the model takes 60 x 60") != std::string::npos);
    }

    void worksFromAnotherThread() {
        const auto encoder = load("odd");
        const Matrix here = encoder->encodeImages(gradients(3, 60));
        Matrix there;
        std::thread([&] { there = encoder->encodeImages(gradients(3, 60)); }).join();
        QVERIFY(closeRows(here.values(), there.values(), 1e-5f));
    }
};

QTEST_GUILESS_MAIN(TestEncoder)
#include "tst_encoder.moc"
