// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

#include <fcntl.h>
#include <unistd.h>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// CSV, TSV and JSON lines.
class TestTables : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "sub/d.jpg"})
            writeFile(m_folder->path() / name);
    }
    void cleanup() { m_folder.reset(); }

    void columnsByUsualNames_data();
    void columnsByUsualNames();
    void chosenColumns();
    void noImageColumnListsTheColumns();
    void quoting();
    void byteOrderMarkAndLineEnds();
    void separators();
    void rowsOfOneImageBecomeOneSample();
    void attributesKeepOtherColumns();
    void textLabels();
    void classListBesideTheTable();
    void problemsNameFileAndLine();
    void problemsOfOneKindAreSummedUp();
    void quoteNeverClosed();
    void hugeLine();
    void emptyTables();
    void imagesElsewhere();
    void imageNamesInAnyEncoding();
    void pathsThatAreNoPaths();
    void jsonLines();
    void jsonAsPythonWritesIt();
    void jsonWrongTypes();
    void jsonBrokenLines();
    void jsonDeepNesting();
    void jsonWithoutObjects();
    void listsColumns();

private:
    DatasetIndex csv(const std::string& content, const ImportOptions& options = {}) {
        writeFile(m_folder->path() / "t.csv", content);
        return import(m_folder->path() / "t.csv", "", options);
    }
    std::string csvError(const std::string& content, ErrorCode* code = nullptr) {
        writeFile(m_folder->path() / "t.csv", content);
        return errorOf(m_folder->path() / "t.csv", "", {}, code);
    }
    DatasetIndex jsonl(const std::string& content) {
        writeFile(m_folder->path() / "t.jsonl", content);
        return import(m_folder->path() / "t.jsonl");
    }
    std::string at(const char* file, int line) const {
        return (m_folder->path() / file).native() + ":" + std::to_string(line) + ": ";
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestTables::columnsByUsualNames_data() {
    QTest::addColumn<QString>("header");
    QTest::newRow("1") << "image,label,caption,split,id";
    QTest::newRow("2") << "Image_Path,CLASS,Text,Subset,image_id";
    QTest::newRow("3") << "filename,class_name,title,partition,uid";
    QTest::newRow("4") << "filepath,category,sentence,split,key";
    QTest::newRow("5") << "img, label ,captions,split,id";
    QTest::newRow("6") << "file_name,target,description,fold,sample_id";
}

void TestTables::columnsByUsualNames() {
    QFETCH(QString, header);
    const auto index = csv(header.toStdString() + "\na.jpg,cat,a cat,train,one\nsub/d.jpg,dog,a dog,,two\n");
    QCOMPARE(describe(index), std::string("one=0/train two=1"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(index.samples[1].image, m_folder->path() / "sub/d.jpg");
    QCOMPARE(index.samples[0].captions, std::vector<std::string>{"a cat"});
    QVERIFY(index.problems.empty());
    QCOMPARE(index.columns.size(), size_t(5));
    QCOMPARE(index.root, m_folder->path());
}

void TestTables::chosenColumns() {
    ImportOptions options;
    options.columns = {{"image", "where"}, {"label", "what"}, {"caption", ""}};
    const auto index = csv("image,where,what,text\nx,a.jpg,cat,hello\n", options);
    QCOMPARE(index.samples[0].image, m_folder->path() / "a.jpg");
    QVERIFY(index.samples[0].captions.empty());
    options.columns = {{"image", "nope"}};
    writeFile(m_folder->path() / "t.csv", "image\na.jpg\n");
    QVERIFY(contains(errorOf(m_folder->path() / "t.csv", "", options), "no column 'nope'"));
    options.columns = {{"picture", "image"}};
    QVERIFY(contains(errorOf(m_folder->path() / "t.csv", "", options), "'picture'"));
}

void TestTables::noImageColumnListsTheColumns() {
    ErrorCode code{};
    const auto message = csvError("alpha,beta\n1,2\n", &code);
    QCOMPARE(code, ErrorCode::InvalidArgument);
    QVERIFY(contains(message, "alpha, beta"));
}

void TestTables::quoting() {
    const auto index = csv("image,caption,id\n"
                           "a.jpg,\"one, two\",1\n"
                           "b.jpg,\"she said \"\"hi\"\"\nand left\",2\r\n"
                           "c.jpg,5\" wide,3\n"
                           "sub/d.jpg,\"\",\"4\"");
    QCOMPARE(index.samples.size(), size_t(4));
    QCOMPARE(index.samples[0].captions[0], std::string("one, two"));
    QCOMPARE(index.samples[1].captions[0], std::string("she said \"hi\"\nand left"));
    QCOMPARE(index.samples[2].captions[0], std::string("5\" wide"));
    QVERIFY(index.samples[3].captions.empty());
    QCOMPARE(index.samples[3].key, std::string("4"));
    const auto after = csv("image,caption\n\"a.jpg\",\"x\ny\"\nmissing.jpg,z\n");
    QVERIFY2(contains(problemsOf(after), at("t.csv", 4)), problemsOf(after).c_str()); // lines, not records
}

void TestTables::byteOrderMarkAndLineEnds() {
    const auto index = csv("\xef\xbb\xbfimage,label\r\n\r\na.jpg,cat\r\nb.jpg,dog\r\n\n");
    QCOMPARE(describe(index), std::string("a.jpg=0 b.jpg=1"));
    QCOMPARE(index.columns[0], std::string("image"));
    QVERIFY(index.problems.empty());
}

void TestTables::separators() {
    QCOMPARE(describe(csv("image;label;text\na.jpg;cat;one, two, three, four\n")), std::string("a.jpg=0"));
    QCOMPARE(describe(csv("image\tlabel\na.jpg\tcat\n")), std::string("a.jpg=0"));
    writeFile(m_folder->path() / "t.tsv", "image\ttext\na.jpg\t\"quoted\ttab\"\nb.jpg\tx;y,z\n");
    const auto index = import(m_folder->path() / "t.tsv");
    QCOMPARE(index.samples[0].captions[0], std::string("quoted\ttab"));
    QCOMPARE(index.samples[1].captions[0], std::string("x;y,z"));
}

void TestTables::rowsOfOneImageBecomeOneSample() {
    const auto index =
        csv("image,caption,label\na.jpg,one,cat\nb.jpg,x,dog\na.jpg,two,\na.jpg,one,cat\na.jpg,three,dog\n");
    QCOMPARE(describe(index), std::string("a.jpg=0 b.jpg=1"));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"one", "two", "three"}));
    const auto problems = problemsOf(index);
    QVERIFY(contains(problems, at("t.csv", 5) + "repeats a.jpg"));
    QVERIFY(contains(problems, at("t.csv", 6) + "gives a.jpg the label 'dog'"));
    const auto perCaption = csv("id,image,caption\n1,a.jpg,one\n2,a.jpg,two\n3,b.jpg,x\n");
    QCOMPARE(describe(perCaption), std::string("1=-1 3=-1"));
    QCOMPARE(perCaption.samples[0].captions.size(), size_t(2));
}

void TestTables::attributesKeepOtherColumns() {
    const auto index = csv("image,year,place\na.jpg,1999,\"K\xc3\xb6ln\"\n");
    QVERIFY(index.samples[0].attributes == Json({{"year", "1999"}, {"place", "K\xc3\xb6ln"}}));
    QVERIFY(csv("image\na.jpg\n").samples[0].attributes.is_null());
    QCOMPARE(csv("image,x,x,\na.jpg,1,2,3\n").samples[0].attributes.size(), size_t(3)); // no name is lost
}

void TestTables::textLabels() {
    const auto index = csv("image,label\na.jpg,b\nb.jpg,A\nc.jpg,10\nsub/d.jpg,\n");
    QCOMPARE(index.classNames, (std::vector<std::string>{"10", "A", "b"}));
    QCOMPARE(describe(index), std::string("a.jpg=2 b.jpg=1 c.jpg=0 sub/d.jpg=-1"));
}

void TestTables::classListBesideTheTable() {
    writeFile(m_folder->path() / "classes.txt", "zebra\ncat\r\n\n");
    const auto numbers = csv("image,label\na.jpg,1\nb.jpg,7\nc.jpg,-3\n");
    QCOMPARE(numbers.classNames, (std::vector<std::string>{"zebra", "cat"}));
    QCOMPARE(describe(numbers), std::string("a.jpg=1 b.jpg=-1 c.jpg=-1"));
    QVERIFY(contains(problemsOf(numbers), at("t.csv", 3) + "label 7 is out of range (0 to 1)"));
    const auto names = csv("image,label\na.jpg,cat\nb.jpg,dog\n");
    QCOMPARE(describe(names), std::string("a.jpg=1 b.jpg=-1"));
    QVERIFY(contains(problemsOf(names), at("t.csv", 3) + "label 'dog' is not in the class list"));
}

void TestTables::problemsNameFileAndLine() {
    using namespace std::string_literals;
    const auto index = csv("image,label,id\n"
                           "a.jpg,cat,1\n"
                           "missing.jpg,cat,2\n"
                           "b.jpg,cat\n"
                           "c.jpg,dog,3,extra\n"
                           ",dog,4\n"
                           "b.jpg,d\0g,5\n"
                           "c.jpg,dog,1\n"
                           "https://example.org/x.jpg,dog,6\n"s);
    QCOMPARE(describe(index), std::string("1=0"));
    const auto problems = problemsOf(index);
    QVERIFY(contains(problems, at("t.csv", 3)) && contains(problems, "missing.jpg does not exist"));
    QVERIFY(contains(problems, at("t.csv", 4) + "has 2 fields where the header has 3"));
    QVERIFY(contains(problems, at("t.csv", 5) + "has 4 fields where the header has 3"));
    QVERIFY(contains(problems, at("t.csv", 6) + "names no image"));
    QVERIFY(contains(problems, at("t.csv", 7) + "has a NUL byte"));
    QVERIFY(contains(problems, at("t.csv", 8) + "id '1' was given to another image before"));
    QVERIFY(contains(problems, at("t.csv", 9) + "https://example.org/x.jpg is on the web"));
    QCOMPARE(index.problems.size(), size_t(7));
}

void TestTables::problemsOfOneKindAreSummedUp() {
    std::string table = "image,label\na.jpg,cat\nb.jpg\n";
    for (int i = 0; i < 5000; ++i)
        table += "none" + std::to_string(i) + ".jpg,cat\n";
    const auto index = csv(table);
    QCOMPARE(index.samples.size(), size_t(1));
    QCOMPARE(index.problems.size(), size_t(1002));
    QVERIFY(contains(problemsOf(index), "and 4000 more images that do not exist"));
    QVERIFY(contains(problemsOf(index), "has 1 fields"));
}

void TestTables::quoteNeverClosed() {
    ErrorCode code{};
    const auto message = csvError("image,caption\na.jpg,fine\nb.jpg,\"never closed\nc.jpg,x\n", &code);
    QCOMPARE(code, ErrorCode::Corrupt);
    QVERIFY2(contains(message, "t.csv:3: a quote"), message.c_str());
}

void TestTables::hugeLine() {
    for (const char* name : {"t.csv", "t.jsonl"}) {
        const auto path = m_folder->path() / name;
        writeFile(path, contains(name, "csv") ? "image\na.jpg\n" : "{\"image\":\"a.jpg\"}\n\n");
        fs::resize_file(path, uintmax_t(2) << 30); // two gigabytes without a line end, without the disk space
        ErrorCode code{};
        const auto message = errorOf(path, "", {}, &code);
        QCOMPARE(code, ErrorCode::LimitExceeded);
        QVERIFY2(contains(message, std::string(name) + ":3: the line is longer than 64 MB"), message.c_str());
    }
}

void TestTables::emptyTables() {
    QVERIFY(contains(csvError(""), "is empty"));
    QVERIFY(contains(csvError("\n\n"), "is empty"));
    QVERIFY(contains(csvError("image,label\n"), "no usable rows"));
    ErrorCode code{};
    QVERIFY(contains(csvError("image\nx.jpg\ny.jpg\n", &code), "None of the 2 images"));
    QCOMPARE(code, ErrorCode::NotFound);
}

void TestTables::imagesElsewhere() {
    writeFile(m_folder->path() / "lists" / "t.csv", "image\na.jpg\nsub/d.jpg\n");
    const auto up = import(m_folder->path() / "lists" / "t.csv");
    QCOMPARE(up.root, m_folder->path());
    QCOMPARE(up.samples.size(), size_t(2));
    ImportOptions options;
    options.imageRoot = m_folder->path() / "sub" / "";
    writeFile(m_folder->path() / "t.csv", "image\nd.jpg\n../a.jpg\n");
    const auto given = import(m_folder->path() / "t.csv", "", options);
    QCOMPARE(given.root, m_folder->path() / "sub");
    QCOMPARE(given.samples.size(), size_t(2));
    QCOMPARE(given.samples[1].image, m_folder->path() / "a.jpg");
    const auto absolute = csv("image\n" + (m_folder->path() / "b.jpg").native() + "\nsub\\d.jpg\n");
    QCOMPARE(absolute.samples.size(), size_t(2));
    QCOMPARE(absolute.samples[1].image, m_folder->path() / "sub/d.jpg");
}

void TestTables::imageNamesInAnyEncoding() {
    writeFile(m_folder->path() / "k\xe4se.jpg");
    const auto index = csv("image,caption\nk\xe4se.jpg,br\xfcllen\n");
    QCOMPARE(index.samples[0].image, m_folder->path() / "k\xe4se.jpg");
    QCOMPARE(index.samples[0].key, std::string("k\xef\xbf\xbdse.jpg"));
    QVERIFY(isValidUtf8(index.samples[0].captions[0]));
}

void TestTables::pathsThatAreNoPaths() {
    const auto index = csv("image\na.jpg\n.\n/\nsub\nsub/\n" + std::string(5000, 'x') +
                           ".jpg\n../../../../../../etc/none.jpg\n");
    QCOMPARE(index.samples.size(), size_t(1));
    QCOMPARE(index.problems.size(), size_t(6));
}

void TestTables::jsonLines() {
    const auto index =
        jsonl("\xef\xbb\xbf{\"image\": \"a.jpg\", \"label\": 1, \"captions\": [\"one\", \" two \", \"\"], "
              "\"id\": 7, "
              "\"split\": \"val\", \"year\": 1999, \"nested\": {\"x\": [1, null]}}\r\n"
              "\n"
              "{\"image\": \"b.jpg\", \"label\": 0.0, \"captions\": \"single\", \"id\": \"x\"}\n"
              "{\"image\": \"c.jpg\", \"label\": null, \"extra\": true}");
    QCOMPARE(describe(index), std::string("7=1/val x=0 c.jpg=-1"));
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"one", "two"}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"single"});
    QVERIFY(index.samples[0].attributes == Json({{"year", 1999}, {"nested", {{"x", {1, nullptr}}}}}));
    QVERIFY(index.problems.empty());
    writeFile(m_folder->path() / "metadata.jsonl", "{\"file_name\": \"a.jpg\", \"text\": \"hi\"}\n");
    QCOMPARE(import(m_folder->path()).samples[0].captions[0], std::string("hi"));
}

void TestTables::jsonAsPythonWritesIt() {
    const auto index =
        jsonl("{\"image\": \"a.jpg\", \"text\": \"x\", \"score\": NaN, \"label\": NaN, \"split\": NaN}\n"
              "{\"image\": \"b.jpg\", \"text\": [null, NaN, \"\\ud800\"], \"score\": 0.5, \"label\": 1.0}\n");
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    QCOMPARE(describe(index), std::string("a.jpg=-1 b.jpg=0"));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"\xef\xbf\xbd"});
    QCOMPARE(index.samples[0].attributes.dump(), std::string("{\"score\":null}"));
}

void TestTables::jsonWrongTypes() {
    const auto index = jsonl("{\"image\": \"a.jpg\", \"label\": \"cat\", \"caption\": \"x\"}\n"
                             "{\"image\": 5}\n"
                             "{\"image\": [\"b.jpg\"]}\n"
                             "{\"image\": \"b.jpg\", \"label\": {\"x\": 1}}\n"
                             "{\"image\": \"b.jpg\", \"label\": 1.5}\n"
                             "{\"image\": \"b.jpg\", \"caption\": [1, 2]}\n"
                             "{\"image\": \"b.jpg\", \"caption\": {}}\n"
                             "[1, 2]\n"
                             "\"text\"\n"
                             "{\"label\": \"cat\"}\n");
    QCOMPARE(index.samples.size(), size_t(1));
    const auto problems = problemsOf(index);
    QVERIFY(contains(problems, at("t.jsonl", 2) + "'image' should be the name of an image, it is 5"));
    QVERIFY(
        contains(problems, at("t.jsonl", 3) + "'image' should be the name of an image, it is [\"b.jpg\"]"));
    QVERIFY(
        contains(problems, at("t.jsonl", 4) +
                               "'label' should be text, a whole number or a list of these, it is {\"x\":1}"));
    QVERIFY(contains(problems, at("t.jsonl", 5)) && contains(problems, at("t.jsonl", 6)));
    QVERIFY(contains(problems, at("t.jsonl", 7) + "'caption' should be text or a list of texts, it is {}"));
    QVERIFY(contains(problems, at("t.jsonl", 8) + "should be an object {...}, it is array"));
    QVERIFY(contains(problems, at("t.jsonl", 10) + "names no image"));
    QCOMPARE(index.problems.size(), size_t(9));
}

void TestTables::jsonBrokenLines() {
    using namespace std::string_literals;
    const auto index = jsonl(
        "{\"image\": \"a.jpg\"}\n{\"image\": \"b.jpg\"\n{\"image\": \"b\0.jpg\"}\n{\"image\": \"\xff.jpg\"}\nnonsense\n"s);
    QCOMPARE(index.samples.size(), size_t(1));
    const auto problems = problemsOf(index);
    QVERIFY(contains(problems, at("t.jsonl", 2) + "is not valid JSON"));
    QVERIFY(contains(problems, at("t.jsonl", 3) + "has a NUL byte"));
    QVERIFY(contains(problems, at("t.jsonl", 4)) && contains(problems, at("t.jsonl", 5)));
}

void TestTables::jsonDeepNesting() {
    const std::string deep(200'000, '[');
    const auto index =
        jsonl("{\"image\": \"a.jpg\"}\n{\"image\": \"b.jpg\", \"x\": " + deep + std::string(200'000, ']') +
              "}\n" + "{\"image\": \"c.jpg\", \"x\": \"" + deep + "\\\"[\"}\n");
    QCOMPARE(describe(index), std::string("a.jpg=-1 c.jpg=-1"));
    QVERIFY(contains(problemsOf(index), at("t.jsonl", 2) + "is nested deeper"));
}

void TestTables::jsonWithoutObjects() {
    writeFile(m_folder->path() / "t.jsonl", "");
    QVERIFY(contains(errorOf(m_folder->path() / "t.jsonl"), "no objects"));
    writeFile(m_folder->path() / "t.jsonl", "\nnot json\n");
    QVERIFY(contains(errorOf(m_folder->path() / "t.jsonl"), "t.jsonl:2: is not valid JSON"));
    writeFile(m_folder->path() / "t.jsonl", "{\"a\": 1}\n{\"b\": 2}\n");
    QVERIFY(contains(errorOf(m_folder->path() / "t.jsonl"), "a, b"));
}

void TestTables::listsColumns() {
    writeFile(m_folder->path() / "t.csv", "x;y\n1;2\n");
    QCOMPARE(columnsOf(m_folder->path() / "t.csv"), (std::vector<std::string>{"x", "y"}));
    writeFile(m_folder->path() / "t.jsonl", "{\"b\": 1}\nbroken\n{\"a\": 2, \"b\": 1}\n");
    QCOMPARE(columnsOf(m_folder->path() / "t.jsonl"), (std::vector<std::string>{"b", "a"}));
    QVERIFY(columnsOf(m_folder->path()).empty());
}

QTEST_GUILESS_MAIN(TestTables)
#include "tst_tables.moc"
