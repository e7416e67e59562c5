// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// COCO instances and candidate captions.
class TestLabelFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        for (const char* name : {"1.jpg", "2.jpg", "3.jpg"})
            writeFile(path(name));
    }
    void cleanup() { m_folder.reset(); }

    void cocoInstances();
    void cocoInstancesAreToldFromCaptionsByTheirEnd();
    void cocoInstancesProblemsNameFileAndLine();
    void cocoInstancesWithoutCategories();
    void cocoIdsHoweverTheyAreWritten_data();
    void cocoIdsHoweverTheyAreWritten();
    void cocoAnnotationsFirst();
    void cocoAsPythonWritesIt();
    void candidates();
    void candidatesProblemsNameFileAndLine();

private:
    fs::path path(const std::string& name) const { return m_folder->path() / name; }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestLabelFiles::cocoInstances() {
    writeFile(path("instances_val2017.json"), R"({
        "images": [{"id": 5, "file_name": "1.jpg"}, {"id": 6, "file_name": "2.jpg"}, {"id": 7, "file_name": "3.jpg"}],
        "annotations": [{"id": 1, "image_id": 6, "category_id": 90, "bbox": [1, 2, 3, 4]},
                        {"id": 2, "image_id": 6, "category_id": 2}, {"id": 3, "image_id": 6, "category_id": 90},
                        {"id": 4, "image_id": 5, "category_id": 17}],
        "categories": [{"id": 90, "name": "toothbrush"}, {"id": 2, "name": "bicycle"}, {"id": 17, "name": "cat"}]})");
    const auto index = import(path("instances_val2017.json"));
    QCOMPARE(index.format, std::string("coco-instances"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"bicycle", "cat", "toothbrush"}));
    QCOMPARE(describe(index), std::string("1.jpg=-1/val 2.jpg=-1/val 3.jpg=-1/val"));
    QCOMPARE(index.samples[0].attributes["labels"].dump(), std::string("[1]"));
    QCOMPARE(index.samples[1].attributes["labels"].dump(), std::string("[0,2]"));
    QCOMPARE(index.samples[2].attributes["labels"].dump(), std::string("[]"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestLabelFiles::cocoInstancesAreToldFromCaptionsByTheirEnd() {
    // More than a megabyte before the first annotation, as in COCO's own files.
    std::string images = R"({"id": 1, "file_name": "1.jpg"})";
    for (int i = 2; i < 30000; ++i)
        images += R"(, {"id": )" + std::to_string(i) + R"(, "file_name": "no such image.jpg"})";
    writeFile(path("i.json"), R"({"images": [)" + images +
                                  R"(], "annotations": [{"image_id": 1, "category_id": 3}],
        "categories": [{"id": 3, "name": "x"}]})");
    const auto index = import(path("i.json"));
    QCOMPARE(index.format, std::string("coco-instances"));
    QCOMPARE(index.samples.size(), size_t{1});
    writeFile(path("c.json"), R"({"images": [{"id": 1, "file_name": "1.jpg"}],
        "annotations": [{"image_id": 1, "caption": "x"}]})");
    QCOMPARE(import(path("c.json")).format, std::string("coco-captions"));
}

void TestLabelFiles::cocoInstancesProblemsNameFileAndLine() {
    writeFile(path("i.json"), R"({"images": [{"id": 1, "file_name": "1.jpg"}, {"id": 1, "file_name": "2.jpg"},
{"id": 2, "file_name": 7}, {"file_name": "3.jpg"}, 4],
"categories": [{"id": 3, "name": "x"}, {"id": 3, "name": "y"}, {"id": [1], "name": "z"}, {"id": 4}],
"annotations": [{"image_id": 9, "category_id": 3},
{"image_id": 1, "category_id": 8}, {"image_id": 1}, {"category_id": 3}, {"image_id": 1, "category_id": 3}]})");
    const auto index = import(path("i.json"));
    QCOMPARE(describe(index), std::string("1.jpg=-1"));
    QCOMPARE(index.samples[0].attributes["labels"].dump(), std::string("[0]"));
    QCOMPARE(index.classNames, std::vector<std::string>{"x"});
    const std::string problems = problemsOf(index);
    for (const char* part :
         {"i.json:1: images[1]: image id 1 was given before", "i.json:2: images[2]: 'file_name'",
          "i.json:2: images[3]: has no 'id'", "i.json:2: images[4]: should be an object",
          "i.json:3: categories[1]: category id 3 was given before",
          "i.json:3: categories[2]: 'id' should be", "i.json:3: categories[3]: 'name' should be",
          "i.json:4: annotations[0]: there is no image with the id 9",
          "i.json:5: annotations[1]: there is no category with the id 8",
          "i.json:5: annotations[2]: 'category_id' should be", "i.json:5: annotations[3]: has no 'image_id'"})
        QVERIFY2(contains(problems, part), (std::string(part) + "\n" + problems).c_str());
    QCOMPARE(index.problems.size(), size_t{11});
}

void TestLabelFiles::cocoInstancesWithoutCategories() {
    writeFile(path("i.json"), R"({"images": [{"id": 1, "file_name": "1.jpg"}],
        "annotations": [{"image_id": 1, "category_id": 3}]})");
    ErrorCode code{};
    QVERIFY(contains(errorOf(path("i.json"), "", {}, &code), "names no categories"));
    QCOMPARE(code, ErrorCode::InvalidArgument);
}

void TestLabelFiles::cocoIdsHoweverTheyAreWritten_data() {
    QTest::addColumn<QString>("imageId");
    QTest::addColumn<QString>("ofImage");
    QTest::addColumn<QString>("categoryId");
    QTest::addColumn<QString>("ofCategory");
    QTest::newRow("text") << "\"0\""
                          << "\"0\""
                          << "\"1\""
                          << "\"1\"";
    QTest::newRow("floats") << "0"
                            << "0.0"
                            << "1"
                            << "1.0";
    QTest::newRow("numbers and text") << "0"
                                      << "\"0\""
                                      << "1"
                                      << "\"1\"";
    QTest::newRow("text of a float") << "0"
                                     << "\"0.0\""
                                     << "1.0"
                                     << "\"1\"";
    QTest::newRow("names") << "\"a 0\""
                           << "\"a 0\""
                           << "\"cat\""
                           << "\"cat\"";
}

void TestLabelFiles::cocoIdsHoweverTheyAreWritten() {
    QFETCH(QString, imageId);
    QFETCH(QString, ofImage);
    QFETCH(QString, categoryId);
    QFETCH(QString, ofCategory);
    writeFile(
        path("i.json"),
        QStringLiteral(R"({"images": [{"id": %1, "file_name": "1.jpg"}, {"id": 10, "file_name": "2.jpg"}],
        "annotations": [{"image_id": %2, "category_id": %4}, {"image_id": 10, "category_id": 10}],
        "categories": [{"id": 10, "name": "dog"}, {"id": %3, "name": "cat"}]})")
            .arg(imageId, ofImage, categoryId, ofCategory)
            .toStdString());
    const auto index = import(path("i.json"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    const bool named = categoryId.contains("cat"); // texts come after numbers
    QCOMPARE(index.classNames,
             (named ? std::vector<std::string>{"dog", "cat"} : std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(index.samples[0].attributes["labels"].dump(), std::string(named ? "[1]" : "[0]"));
    QCOMPARE(index.samples[1].attributes["labels"].dump(), std::string(named ? "[0]" : "[1]"));
}

void TestLabelFiles::cocoAnnotationsFirst() {
    writeFile(path("i.json"),
              R"({"annotations": [{"image_id": 2, "category_id": 9}, {"image_id": 8, "category_id": 9},
{"image_id": 8, "category_id": 7}, {"image_id": 1, "category_id": 7}, {"image_id": 2, "category_id": 4}],
        "categories": [{"id": 9, "name": "x"}, {"id": 4, "name": "y"}],
        "images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}]})");
    const auto index = import(path("i.json"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"y", "x"}));
    QCOMPARE(index.samples[0].attributes["labels"].dump(), std::string("[]"));
    QCOMPARE(index.samples[1].attributes["labels"].dump(), std::string("[0,1]"));
    const std::string problems = problemsOf(index);
    for (const char* part : {"i.json:1: annotations[1]: there is no image with the id 8, nor for 1 more",
                             "i.json:2: annotations[2]: there is no category with the id 7, nor for 1 more"})
        QVERIFY2(contains(problems, part), problems.c_str());
    QCOMPARE(index.problems.size(), size_t(2));
}

void TestLabelFiles::cocoAsPythonWritesIt() {
    const std::string file =
        R"({"images": [{"id": 1, "file_name": "1.jpg", "x": Infinity}, {"id": 2, "file_name": "2.jpg"}],
        "annotations": [{"image_id": 1, "category_id": 3, "area": NaN}, {"image_id": 2, "category_id": 4, "area": -1e999}],
        "categories": [{"id": 3, "name": "half \ud83d"}, {"id": 4, "name": "whole \ud83d\ude00"}]})";
    std::string wide; // UTF-16, as PowerShell writes it
    for (const char c : "\xff\xfe" + file) {
        wide += c;
        if (wide.size() > 2)
            wide += '\0';
    }
    for (const auto& content : {file, wide}) {
        writeFile(path("i.json"), content);
        const auto index = import(path("i.json"));
        QCOMPARE(index.format, std::string("coco-instances"));
        QCOMPARE(index.classNames, (std::vector<std::string>{"half \xef\xbf\xbd", "whole \xf0\x9f\x98\x80"}));
        QCOMPARE(index.samples.size(), size_t(2));
        QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    }
}

void TestLabelFiles::candidates() {
    writeFile(path("c.jsonl"),
              R"({"image": "1.jpg", "candidate": " a cat ", "references": ["the cat", " ", "cat"]}

{"image": "1.jpg", "candidate": "a dog", "references": "the cat", "system": "b", "split": "test", "id": 7}
{"image": "2.jpg", "candidate": "none"}
)");
    const auto index = import(path("c.jsonl"));
    QCOMPARE(index.format, std::string("caption-candidates"));
    QCOMPARE(describe(index), std::string("1.jpg=-1 7=-1/test 2.jpg=-1"));
    QCOMPARE(index.samples[0].attributes["candidate"].get<std::string>(), std::string("a cat"));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"the cat", "cat"}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"the cat"});
    QCOMPARE(index.samples[1].attributes["system"].get<std::string>(), std::string("b"));
    QCOMPARE(index.samples[1].image, index.samples[0].image);
    QVERIFY(index.samples[2].captions.empty());
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestLabelFiles::candidatesProblemsNameFileAndLine() {
    writeFile(path("c.jsonl"), "\xEF\xBB\xBF{\"image\": \"1.jpg\", \"candidate\": \"a\"}\r\n"
                               "{\"image\": 3, \"candidate\": \"a\"}\n"
                               "{\"image\": \"1.jpg\", \"candidate\": \" \"}\n"
                               "{\"image\": \"1.jpg\", \"candidate\": \"a\", \"references\": [1]}\n"
                               "not json\n"
                               "{\"image\": \"missing.jpg\", \"candidate\": \"a\"}\n");
    const auto index = import(path("c.jsonl"));
    QCOMPARE(describe(index), std::string("1.jpg=-1"));
    const std::string problems = problemsOf(index);
    for (const char* part :
         {"c.jsonl:2: 'image' should be", "c.jsonl:3: 'candidate' should be",
          "c.jsonl:4: 'references' should be", "c.jsonl:5: is not valid JSON", "c.jsonl:6: "})
        QVERIFY2(contains(problems, part), (std::string(part) + "\n" + problems).c_str());
    QCOMPARE(index.problems.size(), size_t{5});
}

QTEST_GUILESS_MAIN(TestLabelFiles)
#include "tst_label_files.moc"
