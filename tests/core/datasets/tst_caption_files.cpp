// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// COCO captions and Karpathy split files.
class TestCaptionFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void coco();
    void cocoAnnotationsFirst();
    void cocoImagesWhereCocoPutsThem();
    void cocoSplitsByAnyName();
    void cocoProblemsNameFileAndLine();
    void cocoBrokenFiles_data();
    void cocoBrokenFiles();
    void karpathy();
    void karpathyProblems();
    void flickr();

private:
    fs::path path(const std::string& name) const { return m_folder->path() / name; }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestCaptionFiles::coco() {
    writeFile(path("1.jpg"));
    writeFile(path("2.jpg"));
    writeFile(path("c.json"), R"({"info": {"year": 2017, "x": [1, {"id": 9}]}, "licenses": [{"id": 1}],
        "images": [{"id": 10, "file_name": "1.jpg", "height": 4}, {"id": "b", "file_name": "2.jpg"}],
        "annotations": [{"image_id": 10, "id": 1, "caption": "one "}, {"image_id": "b", "id": 2, "caption": "two"},
                        {"image_id": 10, "id": 3, "caption": "three"}]})");
    const auto index = import(path("c.json"));
    QCOMPARE(index.format, std::string("coco-captions"));
    QCOMPARE(describe(index), std::string("1.jpg=-1 2.jpg=-1"));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"one", "three"}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"two"});
    QVERIFY(index.samples[0].attributes == Json({{"image_id", 10}}));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestCaptionFiles::cocoAnnotationsFirst() {
    writeFile(path("1.jpg"));
    writeFile(
        path("c.json"),
        R"({"annotations": [{"image_id": 1, "caption": "x"}], "images": [{"id": 1, "file_name": "1.jpg"}]})");
    QCOMPARE(import(path("c.json")).samples[0].captions, std::vector<std::string>{"x"});
}

void TestCaptionFiles::cocoImagesWhereCocoPutsThem() {
    writeFile(path("val2017/1.jpg"));
    writeFile(
        path("annotations/captions_val2017.json"),
        R"({"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [{"image_id": 1, "caption": "x"}]})");
    const auto index = import(path("annotations/captions_val2017.json"));
    QCOMPARE(index.root, path("val2017"));
    QCOMPARE(describe(index), std::string("1.jpg=-1/val"));
    ImportOptions options;
    options.imageRoot = path("annotations");
    ErrorCode code{};
    QVERIFY(contains(errorOf(path("annotations/captions_val2017.json"), "", options, &code),
                     "None of the 1 images"));
    QCOMPARE(code, ErrorCode::NotFound);
}

/// The one table of split names holds here as well.
void TestCaptionFiles::cocoSplitsByAnyName() {
    writeFile(path("1.jpg"));
    for (const auto& [name, split] : std::map<std::string, std::string>{{"captions_valid", "val"},
                                                                        {"captions_Validation2017", "val"},
                                                                        {"train-set", "train"},
                                                                        {"captions_testing", "test"},
                                                                        {"captions_trains", ""},
                                                                        {"captions_default", ""}}) {
        writeFile(
            path(name + ".json"),
            R"({"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [{"image_id": 1, "caption": "x"}]})");
        const auto index = import(path(name + ".json"));
        QVERIFY2(index.samples[0].split == split, (name + ": " + index.samples[0].split).c_str());
    }
}

void TestCaptionFiles::cocoProblemsNameFileAndLine() {
    writeFile(path("1.jpg"));
    writeFile(path("2.jpg"));
    writeFile(path("c.json"), "{\"images\": [\n"
                              "{\"id\": 1, \"file_name\": \"1.jpg\"},\n"
                              "{\"id\": 1, \"file_name\": \"2.jpg\"},\n"
                              "{\"id\": 2, \"file_name\": 5},\n"
                              "{\"file_name\": \"2.jpg\"},\n"
                              "{\"id\": 3, \"file_name\": \"none.jpg\"},\n"
                              "17,\n"
                              "{\"id\": 4, \"file_name\": \"2.jpg\"}],\n"
                              "\"annotations\": [\n"
                              "{\"image_id\": 1, \"caption\": [\"x\"]},\n"
                              "{\"image_id\": 99, \"caption\": \"x\"},\n"
                              "{\"image_id\": 1.5, \"caption\": \"x\"},\n"
                              "{\"image_id\": 1, \"caption\": \"good\"}]}\n");
    const auto index = import(path("c.json"));
    QCOMPARE(describe(index), std::string("1.jpg=-1 2.jpg=-1"));
    QCOMPARE(index.samples[0].captions, std::vector<std::string>{"good"});
    const auto problems = problemsOf(index), file = path("c.json").native();
    for (const char* expected :
         {":3: images[1]: image id 1 was given before",
          ":4: images[2]: 'file_name' should be the image's name, it is 5", ":5: images[3]: has no 'id'",
          ":6: images[4]: ", ":7: images[5]: should be an object", ":8: images[6]: 2.jpg has no caption",
          ":10: annotations[0]: 'caption' should be text, it is [\"x\"]",
          ":11: annotations[1]: there is no image with the id 99", ":12: annotations[2]: has no 'image_id'"})
        QVERIFY2(contains(problems, file + expected), (expected + ("\n" + problems)).c_str());
    QCOMPARE(index.problems.size(), size_t(9));
}

void TestCaptionFiles::cocoBrokenFiles_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << "c.json:1: not valid JSON";
    QTest::newRow("cut") << QByteArray("{\"images\": [\n{\"id\": 1,") << "c.json:2: not valid JSON";
    QTest::newRow("NUL") << QByteArray("{\"images\": [\n\n\0]}", 17) << "c.json:3: not valid JSON";
    QTest::newRow("list") << QByteArray("[1]") << "should be one JSON object";
    QTest::newRow("no images") << QByteArray("{\"images\": []}") << "no usable images";
    QTest::newRow("images is text") << QByteArray("{\"images\": \"x\"}") << "no usable images";
    QTest::newRow("deep") << QByteArray("{\"images\": [{\"x\": ") + QByteArray(100'000, '[')
                          << "nested deeper";
    QTest::newRow("only bad ones") << QByteArray("{\"images\": [{\"id\": 1}]}") << "images[0]: 'file_name'";
}

void TestCaptionFiles::cocoBrokenFiles() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    writeFile(path("c.json"), content.toStdString());
    const auto found = errorOf(path("c.json"), "coco-captions");
    QVERIFY2(contains(found, message.toStdString()), found.c_str());
}

void TestCaptionFiles::karpathy() {
    writeFile(path("val2014/1.jpg"));
    writeFile(path("train2014/2.jpg"));
    writeFile(path("dataset_coco.json"), R"({"images": [
        {"filepath": "val2014", "sentids": [1, 2], "filename": "1.jpg", "imgid": 0, "split": "test", "cocoid": 391895,
         "sentences": [{"tokens": ["a"], "raw": "A man. ", "imgid": 0, "sentid": 1}, {"raw": "Two."}]},
        {"filepath": "train2014", "filename": "2.jpg", "split": "restval", "sentences": [{"raw": "x"}]}],
        "dataset": "coco"})");
    const auto index = import(path("dataset_coco.json"));
    QCOMPARE(index.format, std::string("karpathy"));
    QCOMPARE(describe(index), std::string("val2014/1.jpg=-1/test train2014/2.jpg=-1/restval"));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"A man.", "Two."}));
    QVERIFY(index.samples[0].attributes == Json({{"cocoid", 391895}, {"imgid", 0}}));
    QVERIFY(index.problems.empty());
}

void TestCaptionFiles::karpathyProblems() {
    writeFile(path("1.jpg"));
    writeFile(path("k.json"),
              "{\"images\": [\n"
              "{\"filename\": \"1.jpg\", \"sentences\": [{\"raw\": \"x\"}, {\"raw\": 1}, 5]},\n"
              "{\"filename\": \"1.jpg\", \"sentences\": []},\n"
              "{\"filename\": null},\n"
              "{\"filename\": \"none.jpg\", \"sentences\": [{\"raw\": \"x\"}]}]}");
    const auto index = import(path("k.json"));
    QCOMPARE(index.samples.size(), size_t(1));
    const auto problems = problemsOf(index), file = path("k.json").native();
    for (const char* expected : {":2: images[0]: has a sentence", ":3: images[1]: 1.jpg was named before",
                                 ":4: images[2]: has no 'filename'", ":5: images[3]: "})
        QVERIFY2(contains(problems, file + expected), problems.c_str());
}

void TestCaptionFiles::flickr() {
    writeFile(path("flickr30k-images/1.jpg"));
    writeFile(
        path("dataset_flickr30k.json"),
        R"({"images": [{"filename": "1.jpg", "split": "test", "sentences": [{"raw": "x"}]}], "dataset": "flickr30k"})");
    const auto index = import(path("dataset_flickr30k.json"));
    QCOMPARE(index.root, path("flickr30k-images"));
    QCOMPARE(describe(index), std::string("1.jpg=-1/test"));
}

QTEST_GUILESS_MAIN(TestCaptionFiles)
#include "tst_caption_files.moc"
