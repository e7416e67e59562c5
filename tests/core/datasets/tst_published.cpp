// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/table_preview.h"
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Datasets in the folders in which they are published, and tables before they are imported.
class TestPublished : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void food101();
    void oxfordPets();
    void tinyImageNet();
    void flickr8k();
    void tablesLeftOutAreNamed();
    void whatIsNoneIsSaid();
    void previewOfTables();
    void previewWithoutAColumnOfImages();

private:
    fs::path root() const { return m_folder->path() / "set"; }
    void write(const std::string& name, const std::string& content = "x") {
        writeFile(root() / name, content);
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestPublished::food101() {
    for (const char* name :
         {"images/apple_pie/1.jpg", "images/apple_pie/2.jpg", "images/ramen/3.jpg", "images/ramen/4.jpg"})
        write(name);
    write("meta/classes.txt", "apple_pie\nramen\n");
    write("meta/train.txt", "apple_pie/1\nramen/3\n");
    write("meta/test.txt", "apple_pie/2\n");
    const auto index = import(root());
    QCOMPARE(index.format, std::string("published"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"apple pie", "ramen"}));
    QCOMPARE(describe(index), std::string("images/apple_pie/1.jpg=0/train images/apple_pie/2.jpg=0/test "
                                          "images/ramen/3.jpg=1/train images/ramen/4.jpg=1"));
    QVERIFY(contains(problemsOf(index), "1 images are in neither train.txt nor test.txt"));
    QCOMPARE(describe(import(m_folder->path())), describe(index)); // as the archive unpacks
}

void TestPublished::oxfordPets() {
    for (const char* name :
         {"images/great_pyrenees_1.jpg", "images/Abyssinian_10.jpg", "annotations/trimaps/Abyssinian_10.png"})
        write(name);
    write("annotations/trainval.txt", "great_pyrenees_1 2 2 1\nBombay_7 3 1 2\n");
    write("annotations/test.txt", "#Image CLASS-ID SPECIES BREED ID\nAbyssinian_10 1 1 1\nodd\n");
    const auto index = import(root());
    QCOMPARE(index.classNames, (std::vector<std::string>{"Abyssinian", "great pyrenees", "Bombay"}));
    QCOMPARE(describe(index), std::string("great_pyrenees_1.jpg=1/trainval Abyssinian_10.jpg=0/test"));
    QVERIFY2(contains(problemsOf(index), "Bombay_7.jpg does not exist"), problemsOf(index).c_str());
    QVERIFY(contains(problemsOf(index), "'odd' is not followed"));
}

void TestPublished::tinyImageNet() {
    for (const char* name : {"train/n01/images/n01_0.JPEG", "train/n02/images/n02_0.JPEG",
                             "val/images/val_0.JPEG", "val/images/val_1.JPEG", "test/images/test_0.JPEG"})
        write(name);
    write("wnids.txt", "n02\nn01\n");
    write("words.txt", "n01\tgoldfish, Carassius auratus\nn02\tEuropean fire salamander\nn03\tnothing\n");
    write("val/val_annotations.txt", "val_0.JPEG\tn02\t0\t32\t44\t62\nval_1.JPEG\tn01\t0\t0\t1\t1\n");
    const auto index = import(root());
    QCOMPARE(index.classNames, (std::vector<std::string>{"goldfish", "European fire salamander"}));
    QCOMPARE(describe(index),
             std::string("test/images/test_0.JPEG=-1/test train/n01/images/n01_0.JPEG=0/train "
                         "train/n02/images/n02_0.JPEG=1/train val/images/val_0.JPEG=1/val "
                         "val/images/val_1.JPEG=0/val"));
    QVERIFY(contains(problemsOf(index), "of the split 'test' lie in no class folder"));
    QVERIFY(!contains(problemsOf(index), "'val'"));
}

void TestPublished::flickr8k() {
    write("Images/1.jpg");
    write("captions.txt", "image,caption\n1.jpg,A dog runs .\n1.jpg,A brown dog .\n");
    const auto index = import(root());
    QCOMPARE(index.samples.size(), size_t(1));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"A dog runs .", "A brown dog ."}));
}

void TestPublished::tablesLeftOutAreNamed() {
    write("train2017/1.jpg");
    write("val2017/2.jpg");
    write("annotations/captions_val2017.json", "{}");
    const auto index = import(root());
    QVERIFY2(contains(problemsOf(index),
                      "1 file ending in .json left out: not an image this program reads. Where such"),
             problemsOf(index).c_str());
}

void TestPublished::whatIsNoneIsSaid() {
    write("a/1.jpg");
    QVERIFY(contains(errorOf(root(), "published"), "Food-101"));
}

void TestPublished::previewOfTables() {
    write("1.jpg");
    write("t.csv", "file,label,words\n1.jpg,cat,\"a, b\"\n2.jpg\n3.jpg,x,y\n");
    const auto table = previewTable(root() / "t.csv", {}, 2);
    QVERIFY(table);
    QCOMPARE(table->columns, (std::vector<std::string>{"file", "label", "words"}));
    QCOMPARE(table->rows,
             (std::vector<std::vector<std::string>>{{"1.jpg", "cat", "a, b"}, {"2.jpg", "", ""}}));
    QCOMPARE(table->roles, (std::map<std::string, std::string>{{"image", "file"}, {"label", "label"}}));
    write("t.jsonl", "{\"image\": \"1.jpg\", \"n\": 3}\n{\"image\": \"2.jpg\", \"text\": [\"a\"]}\n");
    const auto lines = previewTable(root() / "t.jsonl", {}, 5);
    QVERIFY(lines);
    QCOMPARE(lines->columns, (std::vector<std::string>{"image", "n", "text"}));
    QCOMPARE(lines->rows,
             (std::vector<std::vector<std::string>>{{"1.jpg", "3", ""}, {"2.jpg", "", "[\"a\"]"}}));
    QVERIFY(!previewTable(root(), {}, 5));
}

void TestPublished::previewWithoutAColumnOfImages() {
    write("t.csv", "wo,was\n1.jpg,cat\n");
    ImportOptions options;
    options.columns = {{"label", "was"}};
    const auto table = previewTable(root() / "t.csv", options, 5);
    QVERIFY(table);
    QCOMPARE(table->roles, options.columns);
    QCOMPARE(table->rows.size(), size_t(1));
}

QTEST_GUILESS_MAIN(TestPublished)
#include "tst_published.moc"
