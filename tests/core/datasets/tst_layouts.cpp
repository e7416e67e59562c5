// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/equal_names.h"
#include "core/datasets/split_names.h"
#include "datasets_support.h"

#include <set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// What the folders around images mean: splits, classes, neither; and what class folders are called.
class TestLayouts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void splitNames_data();
    void splitNames();
    void splitsThatDifferInTheWord();
    void layouts_data();
    void layouts();
    void whatIsLeftOutIsSaid();
    void patterns_data();
    void patterns();
    void badPatterns();
    void foldersBelongWhereTheyAre();
    void classLists_data();
    void classLists();
    void classListInAWrapper();
    void equalNames();
    void tablesInSplits();
    void classesOfSeveralTables();
    void cocoInSplits();
    void splitsWithoutATable();

private:
    fs::path root() const { return m_folder->path() / "pictures"; }
    void write(const QStringList& files) {
        for (const auto& file : files)
            writeFile(root() / file.toStdString());
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

namespace {

QString joined(const std::vector<std::string>& texts) {
    QStringList list;
    for (const auto& text : texts)
        list << QString::fromStdString(text);
    return list.join(QLatin1Char(' '));
}

QString splitsOf(const DatasetIndex& index) {
    std::set<std::string> splits;
    for (const auto& sample : index.samples)
        splits.insert(sample.split);
    splits.erase("");
    return joined({splits.begin(), splits.end()});
}

QString nameOf(SplitPart part) {
    return part == SplitPart::Train        ? "train"
           : part == SplitPart::Validation ? "validation"
           : part == SplitPart::Test       ? "test"
                                           : "none";
}

} // namespace

void TestLayouts::splitNames_data() {
    QTest::addColumn<QString>("part");
    QTest::addColumn<bool>("alone");
    const auto row = [](const char* name, const char* part, bool alone) {
        QTest::newRow(name) << part << alone;
    };
    for (const char* name :
         {"train", "Training", "TRAIN", "train2017", "train_set", "images-train", "trainset"})
        row(name, "train", true);
    for (const char* name : {"val", "Valid", "validation", "val2017", "dev", "dev_seen", "eval"})
        row(name, "validation", true);
    for (const char* name : {"test", "Testing", "test 2017", "test_images", "test_unseen"})
        row(name, "test", true);
    row("seg_train", "train", false);
    row("train_test", "none", false);
    row("trains", "none", false);
    row("valley", "none", false);
    row("contest", "none", false);
    row("2017", "none", false);
    row("", "none", false);
}

void TestLayouts::splitNames() {
    QFETCH(QString, part);
    QFETCH(bool, alone);
    const std::string name = QTest::currentDataTag();
    QCOMPARE(nameOf(splitPart(name)), part);
    QCOMPARE(isSplitName(name), alone);
}

void TestLayouts::splitsThatDifferInTheWord() {
    QCOMPARE(splitsAmong({"seg_pred", "seg_test", "seg_train"}),
             (std::vector<std::string>{"seg_test", "seg_train"}));
    QVERIFY(splitsAmong({"bullet train", "bus", "test tube"}).empty());
}

void TestLayouts::layouts_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("splits");
    QTest::addColumn<QString>("classes");
    QTest::addColumn<int>("images");
    const auto row = [](const char* name, const QStringList& files, const char* format, const char* splits,
                        const char* classes, int images) {
        QTest::newRow(name) << files << format << splits << classes << images;
    };
    const char *classed = "imagefolder", *flat = "flat";
    row("capitals", {"Training/a/1.png", "Training/b/1.png", "Testing/a/2.png"}, classed, "Testing Training",
        "a b", 3);
    row("all capitals", {"TRAIN/a/1.png", "TRAIN/b/1.png", "TEST/a/2.png"}, classed, "TEST TRAIN", "a b", 3);
    row("flat splits", {"train/1.png", "test/2.png"}, flat, "test train", "", 2);
    row("one flat split", {"train/1.png", "train/2.png"}, flat, "train", "", 2);
    row("test without classes", {"train/a/1.png", "train/b/1.png", "test/2.png"}, classed, "test train",
        "a b", 3);
    row("numbers", {"train2017/a/1.png", "val2017/a/1.png", "val2017/b/1.png"}, classed, "train2017 val2017",
        "a b", 3);
    row("a folder beside", {"train/a/1.png", "train/b/1.png", "val/a/1.png", "scripts/x/1.png"}, classed,
        "train val", "a b", 3);
    row("a further split", {"train/a/1.png", "train/b/1.png", "val/a/1.png", "extra/a/1.png"}, classed,
        "extra train val", "a b", 4);
    row("one split and its like", {"train/a/1.png", "train/b/1.png", "more/a/1.png"}, classed, "more train",
        "a b", 3);
    row("images inside", {"train/images/1.png", "val/images/2.png"}, flat, "train val", "", 2);
    row("images inside, classes", {"train/images/a/1.png", "train/images/b/1.png", "val/images/a/2.png"},
        classed, "train val", "a b", 3);
    row("images around", {"images/train/1.png", "images/val/1.png"}, flat, "train val", "", 2);
    row("a wrapper", {"archive/train/a/1.png", "archive/train/b/1.png", "archive/test/a/1.png"}, classed,
        "test train", "a b", 3);
    row("two wrappers", {"x/Dataset/a/1.png", "x/Dataset/b/1.png"}, classed, "", "a b", 2);
    row("repeated",
        {"seg_train/seg_train/a/1.png", "seg_train/seg_train/b/1.png", "seg_test/seg_test/a/1.png",
         "seg_pred/seg_pred/1.png"},
        classed, "seg_test seg_train", "a b", 3);
    row("splits in classes", {"a/train/1.png", "a/test/2.png", "b/train/3.png"}, classed, "test train", "a b",
        3);
    row("a class called train", {"train/1.png", "bus/1.png", "car/1.png"}, classed, "", "bus car train", 3);
    row("tiny", {"train/n01/images/1.png", "train/n02/images/1.png", "val/images/1.png", "test/images/1.png"},
        classed, "test train val", "n01 n02", 4);
    row("one class", {"a/deep/er/1.png"}, classed, "", "a", 1);
    row("strays beside classes", {"train/a/1.png", "train/b/1.png", "train/x.png", "val/a/1.png"}, classed,
        "train val", "a b", 3);
    row("a sample folder", {"1.png", "2.png", "test/1.png"}, flat, "", "", 3);
}

void TestLayouts::layouts() {
    QFETCH(QStringList, files);
    QFETCH(QString, format);
    QFETCH(QString, splits);
    QFETCH(QString, classes);
    QFETCH(int, images);
    write(files);
    const auto index = import(root());
    QCOMPARE(QString::fromStdString(index.format), format);
    QCOMPARE(splitsOf(index), splits);
    QCOMPARE(joined(index.classNames), classes);
    QCOMPARE(static_cast<int>(index.samples.size()), images);
    if (images != files.size() || QTest::currentDataTag() == std::string("tiny"))
        QVERIFY(!index.problems.empty());
}

void TestLayouts::whatIsLeftOutIsSaid() {
    write({"train/a/1.png", "train/b/1.png", "val/a/1.png", "val/x.png", "scripts/1.png", "test/1.png",
           "0.png"});
    const auto problems = problemsOf(import(root()));
    QVERIFY2(
        contains(problems, "scripts/1.png: the folder 'scripts' lies beside the splits test, train, val"),
        problems.c_str());
    QVERIFY2(contains(problems, "val/x.png: lies outside of any class folder"), problems.c_str());
    QVERIFY2(contains(problems, "0.png: lies outside of any split's folder"), problems.c_str());
    QVERIFY2(contains(problems, "1 images of the split 'test' lie in no class folder; kept without a class"),
             problems.c_str());
}

void TestLayouts::patterns_data() {
    QTest::addColumn<QString>("described");
    QTest::newRow("class") << "2019/a/1.png=0 2019/b/1.png=0 2020/a/1.png=1";
    QTest::newRow("split/class") << "2019/a/1.png=0/2019 2019/b/1.png=1/2019 2020/a/1.png=0/2020";
    QTest::newRow("class/split") << "2019/a/1.png=0/a 2019/b/1.png=0/b 2020/a/1.png=1/a";
    QTest::newRow("-/class") << "2019/a/1.png=0 2019/b/1.png=1 2020/a/1.png=0";
    QTest::newRow("split") << "2019/a/1.png=-1/2019 2019/b/1.png=-1/2019 2020/a/1.png=-1/2020";
    QTest::newRow("- / split") << "2019/a/1.png=-1/a 2019/b/1.png=-1/b 2020/a/1.png=-1/a";
    QTest::newRow("-") << "2019/a/1.png=-1 2019/b/1.png=-1 2020/a/1.png=-1";
}

void TestLayouts::patterns() {
    QFETCH(QString, described);
    write({"2019/a/1.png", "2019/b/1.png", "2020/a/1.png"});
    ImportOptions options;
    options.folders = QTest::currentDataTag();
    QCOMPARE(QString::fromStdString(describe(import(root(), "", options))), described);
}

void TestLayouts::badPatterns() {
    write({"a/1.png", "b/1.png"});
    for (const char* pattern : {"classes", "class/class", "split//class", "/"}) {
        ImportOptions options;
        options.folders = pattern;
        QVERIFY2(contains(errorOf(root(), "", options), "does not say what folders are"), pattern);
    }
    ImportOptions options;
    options.folders = "split";
    QVERIFY(contains(errorOf(root(), "imagefolder", options), "class folders"));
    writeFile(root() / "table.csv", "image\na/1.png\n");
    QVERIFY(contains(errorOf(root() / "table.csv", "", options), "folders"));
}

void TestLayouts::foldersBelongWhereTheyAre() {
    write({"a/1.png", "b/1.png", "z/1.png", "z/2.png"});
    fs::create_directory_symlink("../z", root() / "a" / "favourites");
    const auto index = import(root());
    QCOMPARE(describe(index), std::string("a/1.png=0 b/1.png=1 z/1.png=2 z/2.png=2"));
    QVERIFY2(contains(problemsOf(index), "favourites/: is the same folder as"), problemsOf(index).c_str());
}

void TestLayouts::classLists_data() {
    QTest::addColumn<QStringList>("folders"); // as the bytes sort them
    QTest::addColumn<QString>("list");
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* name, const QStringList& folders, const char* list,
                        const QStringList& names, const char* problem = "") {
        QTest::newRow(name) << folders << list << names << problem;
    };
    const char* twelve = "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\n";
    row("from 0", {"0", "1", "10", "11", "2", "3"}, twelve, {"zero", "one", "ten", "eleven", "two", "three"});
    row("from 1", {"1", "10", "12", "2"}, twelve, {"zero", "nine", "eleven", "one"});
    row("leading zeros", {"001", "002", "003"}, "a\nb\nc\n", {"a", "b", "c"});
    row("a word and a number", {"class1", "class2", "class3"}, "a\nb\nc\n", {"a", "b", "c"});
    row("either way of counting", {"1", "2"}, "a\nb\nc\n", {"1", "2"},
        "3 lines and there are 2 class folders");
    row("numbers that are none of the list's", {"10", "20", "9"}, "a\nb\nc\n", {"b", "c", "a"},
        "taken in order");
    row("own names", {"blue sky", "green", "red"}, "red\nblue sky\ngreen\n", {"blue sky", "green", "red"});
    row("own names, and more", {"cat", "dog"}, "dog\neel\ncat\n", {"cat", "dog"});
    row("own names, written better", {"hot_dog", "ice-cream"}, "Ice cream\nHot dog\n",
        {"Hot dog", "Ice cream"});
    row("own names behind numbers", {"001.Albatross", "002.Auk"}, "2 002.Auk\n1 001.Albatross\n",
        {"001.Albatross", "002.Auk"});
    row("some of the names", {"cat", "dog"}, "dog\neel\n", {"cat", "dog"},
        "does not name the class folder 'cat'");
    row("ids and names", {"n01", "n02"}, "n02 great white shark\nn01\ttench\n",
        {"tench", "great white shark"});
    row("numbers and names", {"0", "1", "10"}, "10: ten\n0: zero\n1: one\n", {"zero", "one", "ten"});
    row("commas", {"00", "01"}, "0,zero\n1,one\n", {"zero", "one"});
    row("in order", {"k_a", "k_b"}, "first\nsecond\n", {"first", "second"}, "'k_a' is 'first'");
}

void TestLayouts::classLists() {
    QFETCH(QStringList, folders);
    QFETCH(QString, list);
    QFETCH(QStringList, names);
    QFETCH(QString, problem);
    for (const auto& folder : folders)
        write({folder + "/1.png"});
    writeFile(root() / "classes.txt", list.toStdString());
    const auto index = import(root());
    QCOMPARE(joined(index.classNames), names.join(QLatin1Char(' ')));
    if (problem.isEmpty())
        QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    else
        QVERIFY2(contains(problemsOf(index), problem.toStdString()), problemsOf(index).c_str());
}

void TestLayouts::classListInAWrapper() {
    write({"set/0/1.png", "set/1/1.png"});
    writeFile(root() / "set" / "classes.txt", "zero\none\n");
    QCOMPARE(joined(import(root()).classNames), "zero one");
}

void TestLayouts::equalNames() {
    write({"a/1.png", "b/1.png", "c/1.png"});
    writeFile(root() / "classes.txt", "a crane\nb hen\nc crane\n");
    const auto index = import(root());
    QVERIFY2(contains(problemsOf(index), "Classes 1, 3 are all called 'crane'"), problemsOf(index).c_str());
    QVERIFY(equalNameWarnings({"a", "b"}).empty());
}

void TestLayouts::tablesInSplits() {
    for (const char* split : {"train", "validation", "test"}) {
        writeFile(root() / split / "1.png");
        writeFile(root() / split / "metadata.jsonl",
                  std::string("{\"file_name\": \"1.png\", \"text\": \"of ") + split + "\"}\n");
    }
    const auto index = import(root());
    QCOMPARE(index.format, std::string("split-tables"));
    QCOMPARE(describe(index),
             std::string("test/1.png=-1/test train/1.png=-1/train validation/1.png=-1/validation"));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"of train"});
    QCOMPARE(index.samples[1].image, root() / "train" / "1.png");
    QVERIFY(index.classNames.empty() && index.problems.empty());
    QCOMPARE(index.columns, (std::vector<std::string>{"file_name", "text"}));
    QCOMPARE(columnsOf(root()), index.columns);
    QCOMPARE(describe(import(m_folder->path())), describe(index)); // a wrapper
}

void TestLayouts::classesOfSeveralTables() {
    write({"Train/1.png", "Train/2.png", "val2017/1.png", "val2017/2.png"});
    writeFile(root() / "Train" / "metadata.csv", "file_name,label\n1.png,cat\n2.png,eel\n");
    writeFile(root() / "val2017" / "metadata.csv", "file_name,label\n1.png,dog\n2.png,cat\n");
    const auto index = import(root());
    QCOMPARE(joined(index.classNames), "cat dog eel");
    QCOMPARE(describe(index),
             std::string(
                 "Train/1.png=0/Train Train/2.png=2/Train val2017/1.png=1/val2017 val2017/2.png=0/val2017"));
}

void TestLayouts::cocoInSplits() {
    const auto coco = [](const std::string& categories, int category) {
        return "{\"images\": [{\"id\": 1, \"file_name\": \"1.png\"}], \"annotations\": [{\"id\": 1, "
               "\"image_id\": 1, "
               "\"category_id\": " +
               std::to_string(category) + "}], \"categories\": [" + categories + "]}";
    };
    const std::string bus = "{\"id\": 1, \"name\": \"bus\"}", car = "{\"id\": 2, \"name\": \"car\"}";
    write({"train/1.png", "valid/1.png"});
    writeFile(root() / "train" / "_annotations.coco.json", coco(bus + "," + car, 2));
    writeFile(root() / "valid" / "_annotations.coco.json", coco(car, 2));
    const auto index = import(root());
    QCOMPARE(joined(index.classNames), "bus car");
    QCOMPARE(describe(index), std::string("train/1.png=-1/train valid/1.png=-1/valid"));
    for (const auto& sample : index.samples)
        QCOMPARE(sample.attributes["labels"].dump(), std::string("[1]"));
}

void TestLayouts::splitsWithoutATable() {
    write({"train/1.png", "test/1.png"});
    writeFile(root() / "train" / "metadata.csv", "file_name,text\n1.png,a cat\n");
    const auto index = import(root());
    QCOMPARE(describe(index), std::string("train/1.png=-1/train"));
    QVERIFY2(contains(problemsOf(index), "test: has no table"), problemsOf(index).c_str());
    QVERIFY(contains(errorOf(root() / "test", "split-tables"), "metadata.jsonl"));
    // Classes in folders say more than a table that happens to lie there.
    write({"train/a/1.png", "train/b/1.png", "test/a/1.png"});
    fs::rename(root() / "train" / "metadata.csv", root() / "train" / "notes.csv");
    QCOMPARE(joined(import(root()).classNames), "a b");
}

QTEST_GUILESS_MAIN(TestLayouts)
#include "tst_layouts.moc"
