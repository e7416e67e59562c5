// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/image/image.h"
#include "core/tensor/safetensors.h"
#include "tests/cli/cli_runner.h"
#include "tests/support/clip_files.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace diptych;
using namespace diptych::test;

namespace {

std::vector<float> floatsOf(const TensorView& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

void writeText(const QString& path, const QByteArray& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

bool rowsHaveLengthOne(const TensorView& tensor) {
    const auto values = floatsOf(tensor);
    const auto columns = static_cast<size_t>(tensor.shape[1]);
    for (size_t row = 0; row < values.size() / columns; ++row) {
        double sum = 0;
        for (size_t i = 0; i < columns; ++i)
            sum += static_cast<double>(values[row * columns + i]) * values[row * columns + i];
        if (std::abs(sum - 1) > 1e-5)
            return false;
    }
    return true;
}

} // namespace

class TestCliEncode : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_texts = m_folder->filePath("texts.jsonl");
        m_output = m_folder->filePath("out.safetensors");
        writeText(m_texts, "\"a photo of a cat\"\n\n\"line\\nbreak \\u00e9\"\r\n\"\"\n");
    }

    void imagesAndTexts() {
        const CliResult result = runCli({"encode", "--model", fixtureModel(), "--images", fixtureImage(0),
                                         fixtureImage(1), "--texts-file", m_texts, "--device", "cpu",
                                         "--precision", "fp32", "--output", m_output, "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.errors.isEmpty(), result.errors);
        QCOMPARE(result.json()["images"].toInt(), 2);
        QCOMPARE(result.json()["texts"].toInt(), 3);
        const SafetensorsFile file(m_output.toStdString());
        QCOMPARE(file.names(), (std::vector<std::string>{"image_embeds", "input_ids", "logits_per_image",
                                                         "pixel_values", "text_embeds"}));
        QCOMPARE(file.find("logits_per_image")->shape, (std::vector<int64_t>{2, 3}));
        const auto& images = *file.find("image_embeds");
        const auto& texts = *file.find("text_embeds");
        const auto& pixels = *file.find("pixel_values");
        const auto& ids = *file.find("input_ids");
        QCOMPARE(images.shape[0], 2);
        QCOMPARE(texts.shape[0], 3);
        QCOMPARE(images.shape[1], texts.shape[1]);
        QCOMPARE(pixels.shape.size(), size_t(4));
        QCOMPARE(pixels.shape[1], 3);
        QVERIFY(ids.dtype == DType::I64);
        QCOMPARE(ids.shape[0], 3);
        for (const auto* tensor : {&images, &texts, &pixels})
            QVERIFY(tensor->dtype == DType::F32);
        QVERIFY(rowsHaveLengthOne(images) && rowsHaveLengthOne(texts));
    }

    void equalsTheReference() {
        // What transformers gave for the same images; the fixture's script says how.
        const SafetensorsFile expected((fixtureModel() + "/expected.safetensors").toStdString());
        const auto* reference = expected.find("image_embeds");
        QVERIFY(reference);
        QStringList arguments{"encode",      "--model", fixtureModel(), "--device", "cpu",
                              "--precision", "fp32",    "--output",     m_output,   "--images"};
        for (int i = 0; i < reference->shape[0]; ++i)
            arguments << fixtureImage(i);
        const CliResult result = runCli(arguments);
        QVERIFY2(result.exitCode == 0, result.all());
        const SafetensorsFile file(m_output.toStdString());
        QVERIFY(!file.find("text_embeds") && !file.find("input_ids"));
        const auto ours = floatsOf(*file.find("image_embeds")), theirs = floatsOf(*reference);
        QCOMPARE(ours.size(), theirs.size());
        for (size_t i = 0; i < ours.size(); ++i)
            QVERIFY(std::abs(ours[i] - theirs[i]) <= 5e-6f);
    }

    void aClipAndItsTexts() {
        const QString folder = QStringLiteral(DIPTYCH_FIXTURES "/families/xclip");
        const SafetensorsFile expected((folder + "/expected.safetensors").toStdString());
        writeText(m_texts, "\"a red cube\"\n\"two green balls\"\n\"cat\"\n\"a photo of a dog\"\n");
        const CliResult result = runCli({"encode", "--model", folder, "--device", "cpu", "--precision",
                                         "fp32", "--frames", fixtureImage(0), fixtureImage(1),
                                         fixtureImage(2), "--texts-file", m_texts, "--output", m_output});
        QVERIFY2(result.exitCode == 0, result.all());
        const SafetensorsFile file(m_output.toStdString());
        for (const char* name :
             {"pixel_values", "video_embeds", "text_embeds", "input_ids", "logits_per_video"}) {
            const auto *got = file.find(name), *wanted = expected.find(name);
            QVERIFY2(got && wanted, name);
            QVERIFY2(got->shape == wanted->shape, name);
        }
        for (const char* name : {"pixel_values", "video_embeds", "text_embeds"}) {
            const auto ours = floatsOf(*file.find(name)), theirs = floatsOf(*expected.find(name));
            for (size_t i = 0; i < ours.size(); ++i)
                QVERIFY(std::abs(ours[i] - theirs[i]) <= 5e-6f);
        }
        const CliResult two = runCli({"encode", "--model", folder, "--frames", fixtureImage(0),
                                      fixtureImage(1), "--output", m_output});
        QVERIFY2(two.isOneError("takes 3 frames of a sample, these are 2"), two.all());
        const CliResult single =
            runCli({"encode", "--model", fixtureModel(), "--frames", fixtureImage(0), "--output", m_output});
        QVERIFY2(single.isOneError("takes single pictures"), single.all());
    }

    /// Of a video file the model's frames are taken: the same as if they had been given as pictures.
    void aVideoFile() {
        const QString folder = QStringLiteral(DIPTYCH_FIXTURES "/families/xclip");
        const QString clip = m_folder->filePath("clip.y4m");
        std::vector<int> lumas;
        QStringList pictures;
        for (int i = 0; i < 9; ++i) {
            lumas.push_back(16 + 20 * i);
            if (i % 3 == 1) { // the middle of three equal parts
                pictures << m_folder->filePath(QStringLiteral("frame%1.png").arg(i));
                writeFileAtomically(
                    pictures.last().toStdString(),
                    encodePng({40, 32, std::vector<uint8_t>(3 * 40 * 32, greyOf(lumas.back())), {}}));
            }
        }
        writeClip(clip.toStdString(), lumas);
        const auto pixels = [&](const QStringList& files) {
            const CliResult result = runCli(QStringList{"encode", "--model", folder, "--device", "cpu",
                                                        "--output", m_output, "--frames"} +
                                            files);
            return result.exitCode == 0
                       ? floatsOf(*SafetensorsFile(m_output.toStdString()).find("pixel_values"))
                       : std::vector<float>();
        };
        const auto ofClip = pixels({clip}), ofPictures = pixels(pictures);
        QVERIFY(!ofClip.empty());
        QCOMPARE(ofClip.size(), ofPictures.size());
        for (size_t i = 0; i < ofClip.size(); ++i)
            QVERIFY(std::abs(ofClip[i] - ofPictures[i]) <= 0.02f); // of about 4.3 between black and white
        const CliResult text =
            runCli({"encode", "--model", folder, "--frames", m_texts + ".mp4", "--output", m_output});
        QVERIFY2(text.isOneError("texts.jsonl.mp4: No such file"), text.all());
    }

    void picturesInTheirOwnProportions() {
        const QString folder = QStringLiteral(DIPTYCH_FIXTURES "/families/siglip2");
        const SafetensorsFile expected((folder + "/expected.safetensors").toStdString());
        const CliResult result =
            runCli({"encode", "--model", folder, "--device", "cpu", "--precision", "fp32", "--images",
                    fixtureImage(0), fixtureImage(1), fixtureImage(2), "--output", m_output});
        QVERIFY2(result.exitCode == 0, result.all());
        const SafetensorsFile file(m_output.toStdString());
        QCOMPARE(file.find("spatial_shapes")->shape, (std::vector<int64_t>{3, 2}));
        QCOMPARE(file.find("pixel_attention_mask")->shape, (std::vector<int64_t>{3, 20}));
        const auto ours = floatsOf(*file.find("image_embeds")),
                   theirs = floatsOf(*expected.find("image_embeds"));
        QVERIFY(ours.size() < theirs.size()); // the reference has one picture more
        const CliResult shown = runCli({"models", "show", folder});
        QVERIFY2(shown.output.contains("width 24, patches of 8\n"), shown.all());
        for (size_t i = 0; i < ours.size(); ++i)
            QVERIFY(std::abs(ours[i] - theirs[i]) <= 5e-6f);
    }

    void matchesImagesWithTexts() {
        const QString folder = QStringLiteral(DIPTYCH_FIXTURES "/families/flava_itm");
        QStringList arguments{"match",        "--model", folder,          "--device",     "cpu",
                              "--texts-file", m_texts,   fixtureImage(0), fixtureImage(1)};
        const CliResult json = runCli(arguments + QStringList{"--json"});
        QVERIFY2(json.exitCode == 0, json.all());
        const QJsonArray logits = json.json()["itm_logits"].toArray();
        QCOMPARE(logits.size(), 2);
        QCOMPARE(logits[0].toArray().size(), 3);
        QCOMPARE(logits[0].toArray()[0].toArray().size(), 2);
        QCOMPARE(json.json()["itc"].toArray()[1].toArray().size(), 3);
        QVERIFY(logits[0] != logits[1]);
        const CliResult table = runCli(arguments);
        QVERIFY2(table.output.contains("a photo of a cat") && table.output.contains("%"), table.all());
        const CliResult unfit =
            runCli({"match", "--model", fixtureModel(), "--texts-file", m_texts, fixtureImage(0)});
        QVERIFY2(unfit.isOneError("has no image-text matching; it gives image embeddings, text embeddings"),
                 unfit.all());
    }

    void batchesDoNotMatter() {
        QStringList arguments{"encode",   "--model",       fixtureModel(),  "--precision",   "fp32",
                              "--images", fixtureImage(0), fixtureImage(1), fixtureImage(2), "--output"};
        const QString other = m_folder->filePath("other.safetensors");
        QCOMPARE(runCli(arguments + QStringList{m_output, "--batch", "2"}).exitCode, 0);
        QCOMPARE(runCli(arguments + QStringList{other, "--batch", "1", "--threads", "1"}).exitCode, 0);
        const SafetensorsFile one(m_output.toStdString()), two(other.toStdString());
        const auto a = floatsOf(*one.find("image_embeds")), b = floatsOf(*two.find("image_embeds"));
        QCOMPARE(a.size(), b.size());
        for (size_t i = 0; i < a.size(); ++i)
            QVERIFY(std::abs(a[i] - b[i]) <= 2e-6f);
    }

    void textsOnly() {
        const CliResult result =
            runCli({"encode", "--model", fixtureModel(), "--texts-file", m_texts, "--output", m_output});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.output.contains("3 texts"), result.output);
        QCOMPARE(SafetensorsFile(m_output.toStdString()).names(),
                 (std::vector<std::string>{"input_ids", "text_embeds"}));
    }

    void failures_data() {
        QTest::addColumn<QString>("image");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("texts");
        QTest::addColumn<QString>("expected");
        QTest::newRow("no such image")
            << "missing.png" << QByteArray() << QByteArray("\"a\"") << "missing.png";
        QTest::newRow("empty image") << "empty.png" << QByteArray("") << QByteArray("\"a\"") << "empty.png";
        QTest::newRow("text as image")
            << "text.jpg" << QByteArray("hello") << QByteArray("\"a\"") << "text.jpg";
        QFile png(fixtureImage(0));
        QVERIFY(png.open(QIODevice::ReadOnly));
        QTest::newRow("truncated image")
            << "cut.png" << png.readAll().left(90) << QByteArray("\"a\"") << "cut.png";
        QTest::newRow("not JSON") << "" << QByteArray() << QByteArray("\"a\"\nplain text\n")
                                  << "texts.jsonl:2";
        QTest::newRow("not a string") << "" << QByteArray() << QByteArray("[1]\n") << "texts.jsonl:1";
        QTest::newRow("no texts") << "" << QByteArray() << QByteArray("\n") << "texts.jsonl";
    }
    void failures() {
        QFETCH(QString, image);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, texts);
        QFETCH(QString, expected);
        QStringList arguments{"encode", "--model",  fixtureModel(), "--texts-file",
                              m_texts,  "--output", m_output};
        writeText(m_texts, texts);
        if (!image.isEmpty()) {
            if (!content.isNull())
                writeText(m_folder->filePath(image), content);
            arguments << "--images" << fixtureImage(0) << m_folder->filePath(image);
        }
        const CliResult result = runCli(arguments);
        QVERIFY(!result.crashed);
        QVERIFY2(result.exitCode == 1, result.all());
        QVERIFY2(result.isOneError(expected), result.errors);
        QVERIFY(!QFile::exists(m_output));
    }

    void errorsKeepStandardOutputPure() {
        const CliResult result = runCli({"encode", "--model", m_folder->path(), "--images", fixtureImage(0),
                                         "--output", m_output, "--json"});
        QVERIFY2(result.exitCode == 1, result.all());
        QVERIFY(result.output.isEmpty());
        QVERIFY2(result.isOneError("config.json"), result.errors);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_texts, m_output;
};

QTEST_GUILESS_MAIN(TestCliEncode)
#include "tst_encode.moc"
