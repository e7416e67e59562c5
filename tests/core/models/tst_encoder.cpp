// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/models/model.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "clip";

Compute onCpu(Precision precision = Precision::Auto) {
    return {Device::Cpu, precision, 1};
}

std::unique_ptr<Model> load(const char* name, Precision precision = Precision::Auto) {
    return openModel(Checkpoint::open(kFixtures / name), onCpu(precision));
}

std::vector<Prepared> gradients(size_t count, int size) {
    const size_t length = 3 * static_cast<size_t>(size) * static_cast<size_t>(size);
    std::vector<Prepared> samples(count, {{3, size, size}, std::vector<float>(length)});
    for (size_t i = 0; i < count * length; ++i)
        samples[i / length].values[i % length] = std::sin(static_cast<float>(i) * 0.37f);
    return samples;
}

Matrix images(Model& model, std::span<const Prepared> samples,
              ImageFeature feature = ImageFeature::Projected) {
    return model.embedder()->embedImages(samples, feature);
}

/// @p text's tokens, the padding cut off behind @p length.
TokenBatch shortened(Model& model, const std::string& text, size_t length) {
    TokenBatch tokens = model.embedder()->tokenize(std::span(&text, 1));
    tokens.ids.resize(length);
    tokens.attentionMask.resize(length);
    tokens.length = length;
    return tokens;
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
        const auto model = load("openai");
        QCOMPARE(model->compute().device, Device::Cpu);
        QCOMPARE(model->compute().precision, Precision::Fp32);
        QVERIFY(model->batchSize() >= 1);
    }

    void cudaSaysWhyNot() {
        const CudaStatus status = cudaStatus();
        if (status.available)
            QSKIP("there is a CUDA device here");
        QVERIFY(!status.detail.empty());
        const std::string message = refusal([&] {
            openModel(Checkpoint::open(kFixtures / "odd"), {Device::Cuda, Precision::Auto, 1});
        });
        QVERIFY2(message.find(status.detail) != std::string::npos, message.c_str());
    }

    /// Only where there is a device: fp32 there equals fp32 here.
    void cudaEqualsTheCpu() {
        if (!cudaStatus().available)
            QSKIP(cudaStatus().detail.c_str());
        const auto checkpoint = Checkpoint::open(kFixtures / "openai");
        const auto cpu = openModel(checkpoint, onCpu(Precision::Fp32));
        const auto cuda = openModel(checkpoint, {Device::Cuda, Precision::Fp32, 1});
        Matrix a = images(*cpu, gradients(5, 32)), b = images(*cuda, gradients(5, 32));
        normalizeRows(a);
        normalizeRows(b);
        QVERIFY(closeRows(a.values(), b.values(), 1e-5f));
    }

    void batchesDoNotMatter() {
        const auto model = load("openai");
        const auto all = gradients(70, 32); // more than two inner batches
        const Matrix together = images(*model, all);
        QCOMPARE(together.rows(), size_t{70});
        for (const size_t i : {size_t{0}, size_t{31}, size_t{32}, size_t{69}})
            QVERIFY(closeRows(images(*model, std::span(&all[i], 1)).row(0), together.row(i), 1e-5f));
        const Matrix texts = model->embedder()->embedTexts(std::vector<std::string>(300, "a red cube"));
        QCOMPARE(texts.rows(), size_t{300});
        QVERIFY(closeRows(texts.row(0), texts.row(299), 1e-5f));
    }

    void paddingDoesNotMatter() {
        const auto model = load("laion");
        Embedder& embedder = *model->embedder();
        const Matrix shorter = embedder.embedTokens(shortened(*model, "a red cube", 9));
        const Matrix longer = embedder.embedTokens(shortened(*model, "a red cube", 16));
        QVERIFY(closeRows(shorter.row(0), longer.row(0), 1e-5f));
    }

    void nothingInNothingOut() {
        const auto model = load("odd");
        QCOMPARE(images(*model, {}).rows(), size_t{0});
        QCOMPARE(images(*model, {}).cols(), size_t{10});
        QCOMPARE(images(*model, {}, ImageFeature::Pooled).cols(), size_t{18});
        QCOMPARE(model->embedder()->embedTokens(TokenBatch{}).cols(), size_t{10});
    }

    void wrongInputsAreRefused() {
        const auto model = load("odd");
        Embedder& embedder = *model->embedder();
        QVERIFY(refusal([&] { images(*model, gradients(1, 32)); }).find("60 x 60") != std::string::npos);
        TokenBatch tokens{1, 3, {1, 5, 100000}, {1, 1, 1}};
        QVERIFY(refusal([&] { embedder.embedTokens(tokens); }).find("token 100000") != std::string::npos);
        tokens.ids[2] = -1;
        QVERIFY(refusal([&] { embedder.embedTokens(tokens); }).find("token -1") != std::string::npos);
        tokens = {1, 14, std::vector<int64_t>(14, 1), std::vector<uint8_t>(14, 1)};
        QVERIFY(refusal([&] { embedder.embedTokens(tokens); }).find("1 to 13 tokens") != std::string::npos);
        tokens = {1, 0, {}, {}};
        QVERIFY(refusal([&] { embedder.embedTokens(tokens); }).find("1 to 13 tokens") != std::string::npos);
    }

    void keysTellApartWhatDiffers() {
        const auto model = load("openai");
        const std::string one = imageSpaceKey(*model, ImageFeature::Projected);
        QCOMPARE(imageSpaceKey(*load("openai"), ImageFeature::Projected), one);
        QVERIFY(imageSpaceKey(*model, ImageFeature::Pooled) != one);
        QVERIFY(imageSpaceKey(*load("openai", Precision::Fp16), ImageFeature::Projected) != one);
        QVERIFY(imageSpaceKey(*load("odd"), ImageFeature::Projected) != one);
        QVERIFY(textSpaceKey(*model) != one);
    }

    /// What workspaces made by earlier versions hold is found again.
    void imageKeysAreThoseOfEarlierVersions() {
        const auto checkpoint = Checkpoint::open(kFixtures / "openai");
        Hasher hasher;
        hasher.addField("clip").addField(checkpoint->fingerprint());
        hasher.addField(checkpoint->imageProcessor().fingerprint()).addField("fp32").addField("projected");
        QCOMPARE(imageSpaceKey(*load("openai"), ImageFeature::Projected), hasher.finish().hex());
    }

    /// Texts depend on the tokenizer and not on how images are prepared.
    void keysFollowTheFilesTheyDependOn() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        const auto keys = [&] {
            const auto model = openModel(Checkpoint::open(dir.path() / "m"), onCpu());
            return std::pair(imageSpaceKey(*model, ImageFeature::Projected), textSpaceKey(*model));
        };
        const auto before = keys();
        Json preprocessing = readJsonFile(dir.path() / "m" / "preprocessor_config.json");
        preprocessing["resample"] = 2;
        writeFileAtomically(dir.path() / "m" / "preprocessor_config.json", preprocessing.dump());
        const auto otherPixels = keys();
        QVERIFY(otherPixels.first != before.first);
        QCOMPARE(otherPixels.second, before.second);
        const std::string merges = readTextFile(dir.path() / "m" / "merges.txt", 1 << 20);
        writeFileAtomically(dir.path() / "m" / "merges.txt", merges.substr(0, merges.rfind("wor d")));
        const auto otherTokens = keys();
        QCOMPARE(otherTokens.first, otherPixels.first);
        QVERIFY(otherTokens.second != before.second);
    }

    void optionsAreResolved() {
        const Compute compute = resolveCompute(onCpu());
        QCOMPARE(compute.device, Device::Cpu);
        QCOMPARE(compute.precision, Precision::Fp32);
        const Compute chosen = resolveCompute({});
        QCOMPARE(chosen.device, cudaStatus().available ? Device::Cuda : Device::Cpu);
        QCOMPARE(chosen.precision, cudaStatus().available ? Precision::Fp16 : Precision::Fp32);
    }

    void weightsThatAreNoNumbersAreNamed() {
        for (const float bad : {NAN, INFINITY, -INFINITY}) {
            const TemporaryDirectory dir;
            fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
            spoil(dir.path() / "m" / "model.safetensors", "visual_projection.weight", bad);
            const std::string message =
                refusal([&] { openModel(Checkpoint::open(dir.path() / "m"), onCpu())->load(); });
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
        QVERIFY(refusal([&] { openModel(checkpoint, onCpu(Precision::Fp32))->load(); }).empty());
        QVERIFY(refusal([&] {
                    openModel(checkpoint, onCpu(Precision::Fp16))->load();
                }).find("beyond the range of fp16") != std::string::npos);
    }

    void outputsThatAreNoNumbersAreRefused() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        spoil(dir.path() / "m" / "model.safetensors", "visual_projection.weight", 3e38f);
        const auto model = openModel(Checkpoint::open(dir.path() / "m"), onCpu());
        std::vector<Prepared> samples = gradients(1, 60);
        QVERIFY(refusal([&] {
                    for (int i = 0; i < 8; ++i) {
                        for (float& value : samples.front().values)
                            value = std::cos(value * 3.0f + static_cast<float>(i));
                        images(*model, samples);
                    }
                }).find("not finite") != std::string::npos);
    }

    void preprocessingMustFitTheModel() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "odd", dir.path() / "m", fs::copy_options::recursive);
        fs::copy_file(kFixtures / "openai" / "preprocessor_config.json",
                      dir.path() / "m" / "preprocessor_config.json", fs::copy_options::overwrite_existing);
        QVERIFY(refusal([&] {
                    openModel(Checkpoint::open(dir.path() / "m"), onCpu());
                }).find("32 x 32 pixels, the model takes 60 x 60") != std::string::npos);
    }

    void worksFromAnotherThread() {
        const auto model = load("odd");
        const Matrix here = images(*model, gradients(3, 60));
        Matrix there;
        std::thread([&] { there = images(*model, gradients(3, 60)); }).join();
        QVERIFY(closeRows(here.values(), there.values(), 1e-5f));
    }
};

QTEST_GUILESS_MAIN(TestEncoder)
#include "tst_encoder.moc"
