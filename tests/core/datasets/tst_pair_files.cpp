// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

/// A line as Winoground publishes them.
std::string example(const std::string& id, const std::string& image0, const std::string& image1) {
    return R"({"id": )" + id + R"(, "image_0": ")" + image0 + R"(", "image_1": ")" + image1 +
           R"(", "caption_0": "a b", "caption_1": "b a ", "tag": "Noun", "secondary_tag": "",)" +
           R"( "num_main_preds": 1, "collapsed_tag": "Object"})";
}

} // namespace

/// Winoground, pairs of one's own, SugarCrepe and ARO.
class TestPairFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void winogroundAsPublished();
    void winogroundFolderAndExtensions();
    void winogroundProblemsNameFileAndLine();
    void winogroundBrokenFiles_data();
    void winogroundBrokenFiles();
    void plainTablesStayPlain();
    void pairsOfTwoImages();
    void pairsOfOneImage();
    void pairsProblemsNameFileAndLine();
    void pairsWithoutTheirColumns();
    void sugarCrepe();
    void sugarCrepeFolder();
    void aro();
    void sugarCrepeProblems();
    void sugarCrepeBrokenFiles_data();
    void sugarCrepeBrokenFiles();

private:
    fs::path path(const std::string& name) const { return m_folder->path() / name; }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestPairFiles::winogroundAsPublished() {
    for (const char* name : {"ex_0_img_0", "ex_0_img_1", "ex_1_img_0", "ex_1_img_1"})
        writeFile(path("images/" + std::string(name) + ".png"));
    writeFile(path("examples.jsonl"), "\xEF\xBB\xBF" + example("0", "ex_0_img_0", "ex_0_img_1") + "\r\n\r\n" +
                                          example("1", "ex_1_img_0", "ex_1_img_1") + "\r\n");
    const auto index = import(path("examples.jsonl"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(index.format, std::string("winoground"));
    QCOMPARE(index.root, path("images"));
    QCOMPARE(describe(index), std::string("0/0=-1 0/1=-1 1/0=-1 1/1=-1"));
    QCOMPARE(index.samples[3].image, path("images/ex_1_img_1.png"));
    QCOMPARE(index.samples[2].captions, std::vector<std::string>{"a b"});
    QCOMPARE(index.samples[3].captions, std::vector<std::string>{"b a"});
    QVERIFY(index.samples[3].attributes == Json({{"pair", "1"},
                                                 {"side", 1},
                                                 {"tag", "Noun"},
                                                 {"secondary_tag", ""},
                                                 {"num_main_preds", 1},
                                                 {"collapsed_tag", "Object"}}));
}

void TestPairFiles::winogroundFolderAndExtensions() {
    writeFile(path("w/data/images/a.jpg"));
    writeFile(path("w/data/images/b.jpeg"));
    writeFile(path("w/data/examples.jsonl"), example("\"x\"", "a", "b.jpeg"));
    const auto index = import(path("w"));
    QCOMPARE(index.format, std::string("winoground"));
    QCOMPARE(describe(index), std::string("x/0=-1 x/1=-1"));
}

void TestPairFiles::winogroundProblemsNameFileAndLine() {
    writeFile(path("a.png"));
    writeFile(path("b.png"));
    std::string nul = example("7", "a", "b");
    nul[5] = '\0';
    std::string noCaption = example("8", "a", "b");
    noCaption.replace(noCaption.find("\"b a \""), 6, "[\"b\"]");
    writeFile(path("examples.jsonl"), example("0", "a", "b") + "\n" + example("0", "b", "a") + "\n" +
                                          example("1", "a", "none") + "\n" + "{\"id\": 3\n" + "17\n" + nul +
                                          "\n" + noCaption + "\n" + example("1.5", "a", "b") + "\n" +
                                          example("9", "", "b") + "\n");
    const auto index = import(path("examples.jsonl"));
    QCOMPARE(describe(index), std::string("0/0=-1 0/1=-1"));
    const auto problems = problemsOf(index), file = path("examples.jsonl").native();
    for (const auto& expected :
         {":2: id '0' was given before (" + file + ":1)", ":3: " + path("none").native() + " does not exist",
          std::string(":4: is not valid JSON"), std::string(":5: should be an object"),
          std::string(":6: has a NUL byte"), std::string(":7: 'caption_1' should be text, it is [\"b\"]"),
          std::string(":8: 'id' should be text or a whole number, it is 1.5"),
          std::string(":9: 'image_0' should be the name of an image")})
        QVERIFY2(contains(problems, file + expected), (expected + ("\n" + problems)).c_str());
    QCOMPARE(index.problems.size(), size_t(8));
}

void TestPairFiles::winogroundBrokenFiles_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << "no usable pairs";
    QTest::newRow("other members") << QByteArray("{\"a\": 1}\n") << "examples.jsonl:1: 'image_0' should be";
    QTest::newRow("no images") << QByteArray::fromStdString(example("0", "x", "y")) << "None of the 1 pairs";
    QTest::newRow("huge line") << QByteArray(70 << 20, 'x') << "examples.jsonl:1: the line is longer than";
}

void TestPairFiles::winogroundBrokenFiles() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    writeFile(path("examples.jsonl"), content.toStdString());
    const auto found = errorOf(path("examples.jsonl"), "winoground");
    QVERIFY2(contains(found, message.toStdString()), found.c_str());
}

void TestPairFiles::plainTablesStayPlain() {
    writeFile(path("a.png"));
    writeFile(path("plain.jsonl"), R"({"image": "a.png", "caption": "x"})");
    writeFile(path("plain.csv"), "image,caption\na.png,x\n");
    writeFile(
        path("captions.json"),
        R"({"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"image_id": 1, "caption": "x"}]})");
    QCOMPARE(import(path("plain.jsonl")).format, std::string("jsonl"));
    QCOMPARE(import(path("plain.csv")).format, std::string("csv"));
    QCOMPARE(import(path("captions.json")).format, std::string("coco-captions"));
    QCOMPARE(columnsOf(path("plain.csv")), (std::vector<std::string>{"image", "caption"}));
}

void TestPairFiles::pairsOfTwoImages() {
    writeFile(path("img/a.png"));
    writeFile(path("img/b.png"));
    writeFile(path("p.tsv"), "id\timage_0\tImage_1\tcaption_0\tcaption_1\tTAG\tsource\r\n"
                             "x\ta.png\tb\ta red cube\ta blue cube\tcolour\tme\r\n"
                             "\tb.png\ta.png\tone\ttwo\t\tme\r\n");
    const auto index = import(path("p.tsv"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(index.format, std::string("pairs"));
    QCOMPARE(describe(index), std::string("x/0=-1 x/1=-1 1/0=-1 1/1=-1"));
    QVERIFY(index.samples[0].attributes ==
            Json({{"pair", "x"}, {"side", 0}, {"tag", "colour"}, {"source", "me"}}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"a blue cube"});
}

void TestPairFiles::pairsOfOneImage() {
    writeFile(path("f/a.png"));
    writeFile(path("f/pairs.csv"), "image;caption;wrong_caption;split\na.png;\"a; b\";b a;test\n"
                                   "a.png;c;d;test\n");
    const auto index = import(path("f"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(index.format, std::string("pairs"));
    QCOMPARE(describe(index), std::string("0=-1/test 1=-1/test"));
    QCOMPARE(index.samples[0].captions, std::vector<std::string>{"a; b"});
    QVERIFY(index.samples[0].attributes == Json({{"pair", "0"}, {"wrong_captions", {"b a"}}}));
}

void TestPairFiles::pairsProblemsNameFileAndLine() {
    writeFile(path("a.png"));
    writeFile(path("p.csv"), std::string("id,image,caption,wrong_caption\n"
                                         "1,a.png,x,y\n"
                                         "1,a.png,x,z\n"
                                         "2,none.png,x,y\n"
                                         "3,a.png,x\n"
                                         "4,a.png,x,\n"
                                         "5,a.png,\0,y\n"
                                         "6,,x,y\n"
                                         "7,a.png,,y\n",
                                         31 + 12 + 12 + 15 + 10 + 11 + 12 + 7 + 11));
    const auto index = import(path("p.csv"));
    QCOMPARE(describe(index), std::string("1=-1"));
    const auto problems = problemsOf(index), file = path("p.csv").native();
    for (const auto& expected :
         {":3: id '1' was given before (" + file + ":2)",
          ":4: " + path("none.png").native() + " does not exist",
          std::string(":5: has 3 fields where the header has 4"),
          std::string(":6: has an empty wrong caption"), std::string(":7: has a NUL byte"),
          std::string(":8: names no image"), std::string(":9: has an empty caption")})
        QVERIFY2(contains(problems, file + expected), (expected + ("\n" + problems)).c_str());
    QCOMPARE(index.problems.size(), size_t(7));
}

void TestPairFiles::pairsWithoutTheirColumns() {
    writeFile(path("p.csv"), "image,caption\na.png,x\n");
    ErrorCode code{};
    QVERIFY(contains(errorOf(path("p.csv"), "pairs", {}, &code), "has not the columns of pairs"));
    QCOMPARE(code, ErrorCode::InvalidArgument);
    writeFile(path("q.csv"), "image_0,image_1,caption_0\na,b,x\n");
    QVERIFY(contains(errorOf(path("q.csv"), "pairs"), "has not the columns of pairs"));
    writeFile(path("r.csv"), "image,caption,wrong_caption\n\"a.png,x\n");
    QVERIFY(contains(errorOf(path("r.csv")), path("r.csv").native() + ":2: a quote that is opened here"));
}

void TestPairFiles::sugarCrepe() {
    writeFile(path("val2017/000000085329.jpg"));
    writeFile(path("data/swap_att.json"),
              R"({"0": {"filename": "000000085329.jpg", "caption": "a b", "negative_caption": "b a"},
                  "2": {"filename": "000000085329.jpg", "caption": "c", "negative_caption": "d"}})");
    const auto index = import(path("data/swap_att.json"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(index.format, std::string("sugarcrepe"));
    QCOMPARE(describe(index), std::string("0=-1 2=-1"));
    QCOMPARE(index.samples[0].captions, std::vector<std::string>{"a b"});
    QVERIFY(index.samples[1].attributes ==
            Json({{"pair", "2"}, {"tag", "swap_att"}, {"wrong_captions", {"d"}}}));
}

void TestPairFiles::sugarCrepeFolder() {
    writeFile(path("val2017/1.jpg"));
    const std::string item = R"({"0": {"filename": "1.jpg", "caption": "a b", "negative_caption": "b a"}})";
    writeFile(path("data/add_att.json"), item);
    writeFile(path("data/swap_obj.json"), item);
    writeFile(path("data/other.json"), "{}");
    const auto index = import(path("data"));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(describe(index), std::string("add_att/0=-1 swap_obj/0=-1"));
    QCOMPARE(index.samples[1].attributes["tag"].get<std::string>(), std::string("swap_obj"));
}

void TestPairFiles::aro() {
    writeFile(path("images/1.jpg"));
    writeFile(path("visual_genome_relation.json"), R"([
        {"image_id": 1, "image_path": "1.jpg", "relation_name": "behind", "true_caption": "a behind b",
         "false_caption": "b behind a", "bbox_x": 1, "bbox_y": 2, "bbox_w": 3, "bbox_h": 4},
        {"image_path": "1.jpg", "true_caption": "c", "false_caption": ["d", "e"]}])");
    const auto index = import(path("visual_genome_relation.json"));
    QCOMPARE(index.format, std::string("sugarcrepe"));
    QCOMPARE(describe(index), std::string("0=-1 1=-1"));
    QVERIFY(index.samples[0].attributes ==
            Json({{"pair", "0"}, {"tag", "behind"}, {"wrong_captions", {"b behind a"}}}));
    QVERIFY(index.samples[1].attributes ==
            Json({{"pair", "1"}, {"tag", "visual_genome_relation"}, {"wrong_captions", {"d", "e"}}}));
    QVERIFY2(contains(problemsOf(index), ".json:2: 0: boxes"), problemsOf(index).c_str());
    QCOMPARE(index.problems.size(), size_t(1));
}

void TestPairFiles::sugarCrepeProblems() {
    writeFile(path("1.jpg"));
    writeFile(path("s.json"),
              "{\n"
              "\"0\": {\"filename\": \"1.jpg\", \"caption\": \"a\", \"negative_caption\": \"b\"},\n"
              "\"0\": {\"filename\": \"1.jpg\", \"caption\": \"a\", \"negative_caption\": \"b\"},\n"
              "\"1\": {\"filename\": 5, \"caption\": \"a\", \"negative_caption\": \"b\"},\n"
              "\"2\": {\"filename\": \"1.jpg\", \"caption\": \"\", \"negative_caption\": \"b\"},\n"
              "\"3\": {\"filename\": \"1.jpg\", \"caption\": \"a\", \"negative_caption\": [1]},\n"
              "\"4\": {\"filename\": \"1.jpg\", \"caption\": \"a\"},\n"
              "\"5\": [1],\n"
              "\"6\": {\"filename\": \"no.jpg\", \"caption\": \"a\", \"negative_caption\": \"b\"}}\n");
    const auto index = import(path("s.json"));
    QCOMPARE(describe(index), std::string("0=-1"));
    const auto problems = problemsOf(index), file = path("s.json").native();
    for (const char* expected :
         {":3: 0: id '0' was given before", ":4: 1: 'filename' should be the name of an image, it is 5",
          ":5: 2: 'caption' should be text, it is \"\"",
          ":6: 3: 'negative_caption' should be text or a list of texts, it is [1]",
          ":7: 4: 'negative_caption' should be text or a list of texts, it is null",
          ":8: 5: should be an object", ":9: 6: "})
        QVERIFY2(contains(problems, file + expected), (expected + ("\n" + problems)).c_str());
    QCOMPARE(index.problems.size(), size_t(7));
}

void TestPairFiles::sugarCrepeBrokenFiles_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << "s.json:1: not valid JSON";
    QTest::newRow("cut") << QByteArray("{\"0\": {\n\"filename\": \"x\",") << "s.json:2: not valid JSON";
    QTest::newRow("NUL") << QByteArray("[\n\n\0]", 5) << "s.json:3: not valid JSON";
    QTest::newRow("number") << QByteArray("1") << "should be a JSON object or list";
    QTest::newRow("no items") << QByteArray("{}") << "no usable pairs";
    QTest::newRow("deep") << QByteArray("{\"0\": ") + QByteArray(100'000, '[') << "nested deeper";
    QTest::newRow("only bad ones") << QByteArray("[{}]") << "s.json:1: 0: 'filename' should be";
}

void TestPairFiles::sugarCrepeBrokenFiles() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    writeFile(path("s.json"), content.toStdString());
    const auto found = errorOf(path("s.json"), "sugarcrepe");
    QVERIFY2(contains(found, message.toStdString()), found.c_str());
}

QTEST_GUILESS_MAIN(TestPairFiles)
#include "tst_pair_files.moc"
