// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_processor.h"
#include "fixtures.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <set>

using namespace diptych;
using namespace diptych::test;

namespace {

Json clipConfig() {
    return Json::parse(R"({"image_processor_type": "CLIPImageProcessor", "do_resize": true,
        "size": {"shortest_edge": 32}, "resample": 3, "do_center_crop": true,
        "crop_size": {"height": 32, "width": 32}, "do_rescale": true, "rescale_factor": 0.00392156862745098,
        "do_normalize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711], "do_convert_rgb": true})");
}

Json changed(const char* patch) {
    Json config = clipConfig();
    config.merge_patch(Json::parse(patch));
    return config;
}

ImageProcessor processor(const Json& config) {
    return ImageProcessor::fromConfig(config, "preprocessor_config.json");
}

/// What transformers and open_clip make of the fixtures; written by make_processor_fixtures.py.
const Json& processorGolden() {
    static const Json json =
        readJsonFile(std::filesystem::path(DIPTYCH_FIXTURES) / "image_processors" / "golden.json");
    return json;
}

/// Compares one entry of the golden file. An entry without values is a picture that the reference refuses.
void compareWithGolden(const ImageProcessor& subject, const Json& item) {
    const std::string source = item.at("source").get<std::string>();
    const std::string what = item.at("name").get<std::string>() + " " + source;
    const Image image = decodedFixture(source);
    if (item.contains("refused")) {
        QCOMPARE(errorCodeOf([&] { (void)subject.prepare(image); }), ErrorCode::InvalidArgument);
        return;
    }
    const PreparedImage prepared = subject.prepare(image);
    std::vector<int> shape =
        item.contains("grid")
            ? std::vector<int>{subject.maxPatches(), subject.patchSize() * subject.patchSize() * 3}
            : std::vector<int>{3, prepared.height, prepared.width};
    QVERIFY2(shape == item.at("shape").get<std::vector<int>>(), what.c_str());
    if (item.contains("grid"))
        QVERIFY2((std::vector<int>{prepared.gridHeight, prepared.gridWidth}) ==
                     item.at("grid").get<std::vector<int>>(),
                 what.c_str());
    QVERIFY2(hashOf(prepared.values.data(), prepared.values.size() * sizeof(float)) ==
                 item.at("values").get<std::string>(),
             what.c_str());
}

std::vector<float> valuesOf(const ImageProcessor& processor, const Image& image) {
    std::vector<float> out(static_cast<size_t>(processor.outputWidth() * processor.outputHeight()) * 3);
    processor.process(image, out);
    return out;
}

} // namespace

class TestImageProcessor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTransformersBitForBit() {
        QVERIFY(golden().at("process").size() > 30);
        for (const Json& item : golden().at("process")) {
            const ImageProcessor subject = processor(item.at("config"));
            const std::string what =
                item.at("name").get<std::string>() + " " + item.at("source").get<std::string>();
            QCOMPARE(subject.outputWidth(), item.at("width").get<int>());
            QCOMPARE(subject.outputHeight(), item.at("height").get<int>());
            const auto values = valuesOf(subject, decodedFixture(item.at("source").get<std::string>()));
            QVERIFY2(values[0] == item.at("first")[0].get<float>(), what.c_str());
            QVERIFY2(hashOf(values.data(), values.size() * sizeof(float)) ==
                         item.at("values").get<std::string>(),
                     what.c_str());
        }
    }

    void everyFamilyEqualsTransformers_data() {
        QTest::addColumn<QString>("name");
        for (const auto& item : processorGolden().at("configs").items())
            QTest::newRow(item.key().c_str()) << QString::fromStdString(item.key());
        QVERIFY(processorGolden().at("configs").size() > 45);
    }

    void everyFamilyEqualsTransformers() {
        QFETCH(QString, name);
        const ImageProcessor subject =
            ImageProcessor::fromConfig(processorGolden().at("configs").at(name.toStdString()),
                                       "preprocessor_config.json", OutputSizes::Any);
        int compared = 0;
        for (const Json& item : processorGolden().at("transformers"))
            if (item.at("name").get<std::string>() == name.toStdString()) {
                compareWithGolden(subject, item);
                ++compared;
            }
        QCOMPARE(compared, 3);
    }

    void openClipsFilesEqualItsTransform() {
        for (const Json& item : processorGolden().at("open_clip")) {
            Json preprocess =
                processorGolden().at("open_clip_configs").at(item.at("name").get<std::string>());
            // The size is the model's own; the one in preprocess_cfg may be another.
            Json config{
                {"model_cfg", {{"vision_cfg", {{"image_size", preprocess.value("size", Json(224))}}}}}};
            preprocess["size"] = 7;
            config["preprocess_cfg"] = preprocess;
            compareWithGolden(ImageProcessor::fromOpenClipConfig(config, "open_clip_config.json"), item);
        }
        const Json bare{{"preprocess_cfg", {{"size", 30}, {"resize_mode", "squash"}}}};
        QCOMPARE(ImageProcessor::fromOpenClipConfig(bare, "open_clip_config.json").outputWidth(), 30);
    }

    void badOpenClipConfigsNameTheKey() {
        for (const auto& [key, patch] : {std::pair{"resize_mode", R"({"resize_mode": "stretch"})"},
                                         {"interpolation", R"({"interpolation": "cubic"})"},
                                         {"fill_color", R"({"resize_mode": "longest", "fill_color": 256})"},
                                         {"preprocess_cfg.size", R"({"size": 0})"},
                                         {"mode", R"({"mode": "L"})"},
                                         {"std", R"({"std": [1, 1, 0]})"},
                                         {"mean", R"({"mean": [1, 1]})"}})
            try {
                ImageProcessor::fromOpenClipConfig({{"preprocess_cfg", Json::parse(patch)}},
                                                   "open_clip_config.json");
                QFAIL(patch);
            } catch (const Error& error) {
                QVERIFY2(QString(error.what()).contains(QString("'%1'").arg(key)), error.what());
            }
    }

    void transparencyOverWhiteEqualsTransformers() {
        const ImageProcessor subject =
            processor(processorGolden().at("white_config")).withAlpha(Alpha::White);
        QVERIFY(processorGolden().at("white").size() > 10);
        for (const Json& item : processorGolden().at("white")) {
            compareWithGolden(subject, item);
            QVERIFY(hasTransparency(decodedFixture(item.at("source").get<std::string>())));
        }
        QVERIFY(!hasTransparency(decodedFixture("rgb_8.png")));
        Image opaque = decodedFixture("rgba_8.png");
        std::fill(opaque.alpha.begin(), opaque.alpha.end(), uint8_t{255});
        QVERIFY(!hasTransparency(opaque));
        QVERIFY(subject.fingerprint() != subject.withAlpha(Alpha::Drop).fingerprint());
        QCOMPARE(parseAlpha("white"), Alpha::White);
        QCOMPARE(errorCodeOf([&] { (void)parseAlpha("black"); }), ErrorCode::InvalidArgument);
    }

    void sizesThatDependOnThePictureNeedAModelThatTakesThem() {
        for (const char* patch :
             {R"({"do_center_crop": false})", R"({"image_processor_type": "Siglip2ImageProcessor"})",
              R"({"do_center_crop": false, "do_resize": false})"}) {
            QCOMPARE(errorCodeOf([&] { (void)processor(changed(patch)); }), ErrorCode::Unsupported);
            QCOMPARE(ImageProcessor::fromConfig(changed(patch), "x", OutputSizes::Any).outputWidth(), 0);
        }
    }

    void whatFitsNoPaddingOrPatchesIsRefused() {
        const Json padded{{"image_processor_type", "ViTImageProcessor"},
                          {"do_resize", false},
                          {"do_pad", true},
                          {"pad_size", 30}};
        const Json patches{{"image_processor_type", "Siglip2ImageProcessor"},
                           {"do_resize", false},
                           {"patch_size", 16},
                           {"max_num_patches", 4}};
        for (const Json& config : {padded, patches}) {
            const ImageProcessor subject = ImageProcessor::fromConfig(config, "x", OutputSizes::Any);
            QCOMPARE(errorCodeOf([&] { (void)subject.prepare(noise(48, 32, 1)); }),
                     ErrorCode::InvalidArgument);
            QCOMPARE(subject.prepare(noise(16, 16, 1)).values.size() % 3, size_t{0});
        }
    }

    void resizedIsWhatTheModelSees() {
        const ImageProcessor subject = processor(changed(R"({"do_rescale": false, "do_normalize": false})"));
        const Image image = decodedFixture("rgb_8.png");
        const Image seen = subject.resized(image);
        const auto values = valuesOf(subject, image);
        const size_t plane = 32 * 32;
        for (size_t i = 0; i < plane; ++i)
            for (size_t c = 0; c < 3; ++c)
                QCOMPARE(values[c * plane + i], static_cast<float>(seen.rgb[3 * i + c]));
    }

    void formsOfTheSameSizeAreTheSame_data() {
        QTest::addColumn<QString>("patch");
        QTest::newRow("number is the shorter side") << R"({"size": 32})";
        QTest::newRow("crop as a number") << R"({"crop_size": 32})";
        QTest::newRow("crop as a pair") << R"({"crop_size": [32, 32]})";
        QTest::newRow("old feature extractor")
            << R"({"image_processor_type": null, "feature_extractor_type": "CLIPFeatureExtractor", "size": 32})";
        QTest::newRow("fast") << R"({"image_processor_type": "CLIPImageProcessorFast"})";
        QTest::newRow("no type") << R"({"image_processor_type": null})";
        QTest::newRow("filter by name") << R"({"resample": "bicubic"})";
        QTest::newRow("keys nobody needs") << R"({"processor_class": "CLIPProcessor", "x": [1]})";
    }

    void formsOfTheSameSizeAreTheSame() {
        QFETCH(QString, patch);
        QCOMPARE(processor(changed(patch.toUtf8().constData())).fingerprint(),
                 processor(clipConfig()).fingerprint());
    }

    void aProcessorConfigMayHoldItNested() {
        const Json nested{{"image_processor", clipConfig()}, {"processor_class", "CLIPProcessor"}};
        QCOMPARE(processor(nested).fingerprint(), processor(clipConfig()).fingerprint());
    }

    void defaultsFollowTheProcessorsClass() {
        const ImageProcessor clip = processor(Json::object());
        QCOMPARE(clip.outputWidth(), 224);
        const ImageProcessor siglip = processor(Json{{"image_processor_type", "SiglipImageProcessor"}});
        QCOMPARE(siglip.outputHeight(), 224);
        const Image black{224, 224, std::vector<uint8_t>(size_t{224} * 224 * 3), {}};
        QCOMPARE(clip.prepare(black).values.front(), (0.0f - 0.48145466f) / 0.26862954f);
        QCOMPARE(siglip.prepare(black).values.front(), -1.0f);
    }

    void earlierVersionsFingerprintsStay() {
        // Embeddings that a workspace holds are found by them.
        QCOMPARE(processor(clipConfig()).fingerprint(), std::string("ceedfa5a22f39858c62cc1433f45c5db"));
        QCOMPARE(processor(Json{{"image_processor_type", "SiglipImageProcessor"}}).fingerprint(),
                 std::string("d870d4ad7314ab9ccfbafa57bb49049e"));
    }

    void theFingerprintTellsWhatChangesPixels() {
        std::set<std::string> seen{processor(clipConfig()).fingerprint()};
        for (const char* patch :
             {R"({"size": {"shortest_edge": 33}})", R"({"crop_size": 31})", R"({"resample": 2})",
              R"({"do_rescale": false})", R"({"do_normalize": false})", R"({"do_resize": false})",
              R"({"rescale_factor": 0.0039})", R"({"image_mean": [0.5, 0.4578275, 0.40821073]})",
              R"({"image_std": [0.26862954, 0.26130258, 0.3]})",
              R"({"size": {"shortest_edge": null, "height": 32, "width": 40}})",
              R"({"size": {"shortest_edge": 32, "longest_edge": 40}})", R"({"do_pad": true, "pad_size": 40})",
              R"({"image_processor_type": "EfficientNetImageProcessor"})",
              R"({"image_processor_type": "EfficientNetImageProcessor", "rescale_offset": true})",
              R"({"size": {"shortest_edge": null, "height": 32, "width": 32}, "do_center_crop": false})"})
            QVERIFY2(seen.insert(processor(changed(patch)).fingerprint()).second, patch);
        // What is switched off changes nothing.
        QCOMPARE(processor(changed(R"({"do_normalize": false, "image_mean": [0, 0, 0]})")).fingerprint(),
                 processor(changed(R"({"do_normalize": false})")).fingerprint());
    }

    void badConfigsNameTheKey_data() {
        QTest::addColumn<QString>("patch");
        QTest::addColumn<QString>("key");
        const auto row = [](const char* key, const char* patch) { QTest::newRow(patch) << patch << key; };
        row("size.shortest_edge", R"({"size": {"shortest_edge": -1}})");
        row("size.shortest_edge", R"({"size": {"shortest_edge": 0}})");
        row("size.shortest_edge", R"({"size": {"shortest_edge": 16385}})");
        row("size.shortest_edge", R"({"size": {"shortest_edge": 18446744073709551615}})");
        row("size.shortest_edge", R"({"size": {"shortest_edge": 32.5}})");
        row("size.shortest_edge", R"({"size": {"shortest_edge": "32"}})");
        row("size.longest_edge", R"({"size": {"shortest_edge": null, "longest_edge": 64}})");
        row("size.max_pixels", R"({"size": {"max_pixels": 64}})");
        row("crop_pct",
            R"({"image_processor_type": "ConvNextImageProcessor", "do_center_crop": false, "crop_pct": 0})");
        row("do_center_crop", R"({"image_processor_type": "ConvNextImageProcessor"})");
        row("patch_size", R"({"image_processor_type": "Siglip2ImageProcessor", "patch_size": 0})");
        row("max_num_patches",
            R"({"image_processor_type": "Siglip2ImageProcessor", "max_num_patches": 70000})");
        row("size", R"({"size": {"shortest_edge": null, "height": 32}})");
        row("size", R"({"size": {"height": 32, "width": 32}})");
        row("size", R"({"size": "large"})");
        row("size", R"({"size": [1, 2, 3]})");
        row("size", R"({"size": 32.5})");
        row("size[1]", R"({"size": [32, -32]})");
        row("do_center_crop", R"({"do_center_crop": false})");
        row("crop_size", R"({"crop_size": {"height": null, "width": null, "shortest_edge": 32}})");
        row("crop_size.width", R"({"crop_size": {"width": 100000}})");
        row("crop_size", R"({"crop_size": true})");
        row("resample", R"({"resample": 6})");
        row("resample", R"({"resample": -1})");
        row("resample", R"({"resample": "cubic"})");
        row("do_resize", R"({"do_resize": "yes"})");
        row("do_convert_rgb", R"({"do_convert_rgb": 1})");
        row("do_pad", R"({"do_pad": 1})");
        row("pad_size", R"({"do_pad": true, "pad_size": {"shortest_edge": 9}})");
        row("rescale_factor", R"({"rescale_factor": 0})");
        row("rescale_factor", R"({"rescale_factor": "1/255"})");
        row("image_mean", R"({"image_mean": [0.5, 0.5]})");
        row("image_mean", R"({"image_mean": [0.5, 0.5, "x"]})");
        row("image_mean", R"({"image_mean": [0.5, 0.5, 1e300]})");
        row("image_std", R"({"image_std": [0.5, 0, 0.5]})");
        row("image_std", R"({"image_std": -0.5})");
        row("NoSuchImageProcessor", R"({"image_processor_type": "NoSuchImageProcessor"})");
    }

    void badConfigsNameTheKey() {
        QFETCH(QString, patch);
        QFETCH(QString, key);
        try {
            processor(changed(patch.toUtf8().constData()));
            QFAIL("it was accepted");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains("'" + key + "'"), error.what());
            QVERIFY2(QString(error.what()).startsWith("preprocessor_config.json"), error.what());
        }
    }

    void whatAStepNeedsMustNotBeNull() {
        for (const char* key :
             {"size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std"}) {
            Json config = clipConfig();
            config[key] = nullptr; // a patch would take the key out
            try {
                processor(config);
                QFAIL(key);
            } catch (const Error& error) {
                QVERIFY2(QString(error.what()).contains(QString("'%1' is null").arg(key)), error.what());
            }
        }
    }

    void whatIsNoObjectIsRefused() {
        for (const char* text : {"[]", "3", "null", R"({"image_processor": []})"})
            QCOMPARE(errorCodeOf([&] { (void)processor(Json::parse(text)); }), ErrorCode::Corrupt);
    }

    void extremeShapesCostNoMemory() {
        // The resized picture would have 224 x 13,440,000 pixels; only the crop is computed.
        const ImageProcessor subject = processor(Json::object());
        const Image image = noise(1, 60000, 9);
        QCOMPARE(subject.resized(image).rgb.size(), size_t{224} * 224 * 3);
        Image line{1, 20'000'000, std::vector<uint8_t>(60'000'000), {}};
        QCOMPARE(errorCodeOf([&] { (void)subject.resized(line); }), ErrorCode::LimitExceeded);
        QCOMPARE(errorCodeOf([&] { (void)subject.resized(Image{}); }), ErrorCode::InvalidArgument);
    }

    void alphaDoesNotReachTheModel() {
        Image image = decodedFixture("rgba_8.png");
        const ImageProcessor subject = processor(clipConfig());
        const auto with = valuesOf(subject, image);
        image.alpha.clear();
        QCOMPARE(with, valuesOf(subject, image));
    }
};

QTEST_GUILESS_MAIN(TestImageProcessor)
#include "tst_image_processor.moc"
