// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_processor.h"
#include "fixtures.h"

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
        QTest::newRow("defaults left out") << R"({"image_mean": null, "image_std": null, "resample": null,
            "do_resize": null, "do_rescale": null, "rescale_factor": null, "do_normalize": null,
            "do_center_crop": null})";
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
        QCOMPARE(clip.mean()[0], 0.48145466f);
        const ImageProcessor siglip = processor(Json{{"image_processor_type", "SiglipImageProcessor"}});
        QCOMPARE(siglip.outputHeight(), 224);
        QCOMPARE(siglip.mean()[2], 0.5f);
        QCOMPARE(siglip.standardDeviation()[1], 0.5f);
    }

    void theFingerprintTellsWhatChangesPixels() {
        std::set<std::string> seen{processor(clipConfig()).fingerprint()};
        for (const char* patch :
             {R"({"size": {"shortest_edge": 33}})", R"({"crop_size": 31})", R"({"resample": 2})",
              R"({"do_rescale": false})", R"({"do_normalize": false})", R"({"do_resize": false})",
              R"({"rescale_factor": 0.0039})", R"({"image_mean": [0.5, 0.4578275, 0.40821073]})",
              R"({"image_std": [0.26862954, 0.26130258, 0.3]})",
              R"({"size": {"shortest_edge": null, "height": 32, "width": 40}})",
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
        row("size.longest_edge", R"({"size": {"longest_edge": 64}})");
        row("size", R"({"size": {"shortest_edge": null, "height": 32}})");
        row("size", R"({"size": "large"})");
        row("size", R"({"size": [1, 2, 3]})");
        row("size", R"({"size": 32.5})");
        row("size[1]", R"({"size": [32, -32]})");
        row("size.shortest_edge", R"({"do_center_crop": false})");
        row("do_resize", R"({"do_center_crop": false, "do_resize": false})");
        row("crop_size", R"({"crop_size": {"height": null, "width": null, "shortest_edge": 32}})");
        row("crop_size.width", R"({"crop_size": {"width": 100000}})");
        row("crop_size", R"({"crop_size": true})");
        row("resample", R"({"resample": 6})");
        row("resample", R"({"resample": -1})");
        row("resample", R"({"resample": "bicubic"})");
        row("do_resize", R"({"do_resize": "yes"})");
        row("do_convert_rgb", R"({"do_convert_rgb": 1})");
        row("do_pad", R"({"do_pad": true})");
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

    void whatIsNoObjectIsRefused() {
        for (const char* text : {"[]", "3", "null", R"({"image_processor": []})"})
            QVERIFY_EXCEPTION_THROWN(processor(Json::parse(text)), Error);
    }

    void extremeShapesCostNoMemory() {
        // The resized picture would have 224 x 13,440,000 pixels; only the crop is computed.
        const ImageProcessor subject = processor(Json::object());
        const Image image = noise(1, 60000, 9);
        QCOMPARE(subject.resized(image).rgb.size(), size_t{224} * 224 * 3);
        Image line{1, 20'000'000, std::vector<uint8_t>(60'000'000), {}};
        QVERIFY_EXCEPTION_THROWN(subject.resized(line), Error);
        QVERIFY_EXCEPTION_THROWN(subject.resized(Image{}), Error);
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
