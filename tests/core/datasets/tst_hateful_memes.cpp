// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

class TestHatefulMemes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void asPublished();
    void oneFile();
    void classesRenamed();
    void otherTablesStayPlain();
    void labelsHoweverTheyAreWritten();
    void problemsNameFileAndLine();
    void splitsByAnyName();
    void brokenFiles_data();
    void brokenFiles();

private:
    fs::path path(const std::string& name) const { return m_folder->path() / name; }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestHatefulMemes::asPublished() {
    for (const char* image : {"42953", "23058", "08291", "16395"})
        writeFile(path("img/" + std::string(image) + ".png"));
    writeFile(
        path("train.jsonl"),
        "\xEF\xBB\xBF{\"id\":42953,\"img\":\"img\\/42953.png\",\"label\":0,\"text\":\"its character\"}\r\n"
        "{\"id\":23058,\"img\":\"img\\/23058.png\",\"label\":1,\"text\":\"don't be \"}\r\n");
    writeFile(path("dev_seen.jsonl"), R"({"id":8291,"img":"img/08291.png","label":1,"text":"white"})");
    writeFile(path("dev_unseen.jsonl"), R"({"id":8291,"img":"img/08291.png","label":1,"text":"white"})");
    writeFile(path("test_seen.jsonl"), R"({"id":16395,"img":"img/16395.png","text":"a cat"})");
    const auto index = import(path(""));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(index.format, std::string("hateful-memes"));
    QCOMPARE(describe(index), std::string("train/42953=0/train train/23058=1/train dev_seen/8291=1/dev_seen "
                                          "dev_unseen/8291=1/dev_unseen test_seen/16395=-1/test_seen"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"not hateful", "hateful"}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"don't be"});
    QVERIFY(index.samples[0].attributes == Json({{"id", 42953}}));
}

/// The one table of split names holds here as well.
void TestHatefulMemes::splitsByAnyName() {
    writeFile(path("img/1.png"));
    for (const char* split : {"Testing", "valid", "training", "other"})
        writeFile(path(std::string(split) + ".jsonl"),
                  R"({"id": 1, "img": "img/1.png", "label": 1, "text": "x"})");
    const auto index = import(path(""));
    QCOMPARE(index.format, std::string("hateful-memes"));
    QCOMPARE(describe(index), std::string("training/1=1/training valid/1=1/valid Testing/1=1/Testing"));
}

void TestHatefulMemes::oneFile() {
    writeFile(path("img/1.png"));
    writeFile(path("test_seen.jsonl"), R"({"id": "01", "img": "img/1.png", "text": "x"})");
    const auto index = import(path("test_seen.jsonl"));
    QCOMPARE(index.format, std::string("hateful-memes"));
    QCOMPARE(describe(index), std::string("test_seen/01=-1/test_seen"));
}

void TestHatefulMemes::classesRenamed() {
    writeFile(path("1.png"));
    writeFile(path("train.jsonl"), R"({"id": 1, "img": "1.png", "label": 1, "text": "x"})");
    writeFile(path("classes.txt"), "true\nuntrue\n");
    QCOMPARE(import(path("")).classNames, (std::vector<std::string>{"true", "untrue"}));
}

void TestHatefulMemes::otherTablesStayPlain() {
    writeFile(path("1.png"));
    writeFile(path("train.jsonl"), R"({"id": 1, "img": "1.png", "label": "cat", "text": "x"})");
    QCOMPARE(import(path("train.jsonl")).format, std::string("jsonl"));
    writeFile(path("memes.jsonl"), R"({"id": 1, "img": "1.png", "label": 1, "text": "x"})");
    QCOMPARE(import(path("memes.jsonl")).format, std::string("jsonl"));
}

void TestHatefulMemes::labelsHoweverTheyAreWritten() {
    writeFile(path("1.png"));
    std::string rows;
    int id = 0;
    for (const char* label :
         {"1", "\"1\"", "1.0", "true", "0", "\"0\"", "\"False\"", "null", "\"nan\"", "\"\""})
        rows += R"({"id": )" + std::to_string(id++) + R"(, "img": "1.png", "text": "x", "label": )" + label +
                "}\n";
    writeFile(path("train.jsonl"), rows);
    const auto index = import(path(""));
    QCOMPARE(index.format, std::string("hateful-memes"));
    std::string labels;
    for (const auto& sample : index.samples)
        labels += std::to_string(sample.label) + " ";
    QCOMPARE(labels, std::string("1 1 1 1 0 0 0 -1 -1 -1 "));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestHatefulMemes::problemsNameFileAndLine() {
    writeFile(path("1.png"));
    writeFile(path("train.jsonl"), "{\"id\": 1, \"img\": \"1.png\", \"label\": 0, \"text\": \"x\"}\n"
                                   "{\"id\": 1, \"img\": \"1.png\", \"label\": 0, \"text\": \"x\"}\n"
                                   "{\"id\": 2, \"img\": \"1.png\", \"label\": 2, \"text\": \"x\"}\n"
                                   "{\"id\": 3, \"img\": \"1.png\", \"label\": \"no\", \"text\": \"x\"}\n"
                                   "{\"id\": 4, \"img\": [1], \"label\": 0, \"text\": \"x\"}\n"
                                   "{\"id\": 5, \"img\": \"1.png\", \"label\": 0, \"text\": 5}\n"
                                   "{\"img\": \"1.png\", \"label\": 0, \"text\": \"x\"}\n"
                                   "{\"id\": 6, \"img\": \"none.png\", \"label\": 0, \"text\": \"x\"}\n"
                                   "{\"id\": 7, \"img\": \"1.png\",\n");
    const auto index = import(path(""));
    QCOMPARE(describe(index), std::string("train/1=0/train train/2=-1/train train/3=-1/train"));
    const auto problems = problemsOf(index), file = path("train.jsonl").native();
    for (const auto& expected :
         {":2: id 1 was given before (" + file + ":1)",
          std::string(":3: 'label' should be 0 or 1, it is 2; kept without a label"),
          std::string(":4: 'label' should be 0 or 1, it is \"no\""),
          std::string(":5: 'img' should be the name of an image, it is [1]"),
          std::string(":6: 'text' should be text, it is 5"),
          std::string(":7: 'id' should be text or a whole number"),
          ":8: " + path("none.png").native() + " does not exist", std::string(":9: is not valid JSON")})
        QVERIFY2(contains(problems, file + expected), (expected + ("\n" + problems)).c_str());
    QCOMPARE(index.problems.size(), size_t(8));
}

void TestHatefulMemes::brokenFiles_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << "no usable images";
    QTest::newRow("NUL") << QByteArray("{\0}", 3) << "train.jsonl:1: has a NUL byte";
    QTest::newRow("no images") << QByteArray(R"({"id": 1, "img": "no-such.png", "text": "x"})")
                               << "None of the 1 images";
    QTest::newRow("huge line") << QByteArray(70 << 20, 'x') << "train.jsonl:1: the line is longer than";
}

void TestHatefulMemes::brokenFiles() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    writeFile(path("train.jsonl"), content.toStdString());
    const auto found = errorOf(path(""), "hateful-memes");
    QVERIFY2(contains(found, message.toStdString()), found.c_str());
    fs::remove(path("train.jsonl"));
    QVERIFY(contains(errorOf(path(""), "hateful-memes"), "There is no train.jsonl"));
}

QTEST_GUILESS_MAIN(TestHatefulMemes)
#include "tst_hateful_memes.moc"
