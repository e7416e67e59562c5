// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

#include <stop_token>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Tables as spreadsheets, Kaggle and the authors of caption sets write them, and hostile ones.
class TestTableForms : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        for (const char* name : {"a.jpg", "b.jpg", "c.jpg"})
            writeFile(path(name));
    }
    void cleanup() { m_folder.reset(); }

    void spreadsheets_data();
    void spreadsheets();
    void utf16_data();
    void utf16();
    void utf32IsExplained();
    void windows1252();
    void windows1252Captions();
    void windows1252FileNames();
    void withoutHeader();
    void captionsWithUnquotedCommas();
    void captionsInOtherTablesStayStrict();
    void flickr_data();
    void flickr();
    void otherTextFilesAreNoTables();
    void listsOfCaptions();
    void imagesInAnotherLetterCase();
    void backslashesBelowAnImageFolder();
    void fileNamesInAnyCase();
    void strayQuoteIsFoundSoon();
    void strayQuoteThatEndsLater();
    void hugeField();
    void manyColumns_data();
    void manyColumns();
    void manyRowsOfOneImage();
    void stopsInsideOfAQuote();

private:
    fs::path path(const std::string& name) const { return m_folder->path() / name; }
    DatasetIndex table(const std::string& name, const std::string& content,
                       const ImportOptions& options = {}) {
        writeFile(path(name), content);
        return import(path(name), "", options);
    }
    static std::string utf16(const QString& text, bool big) {
        std::string bytes;
        for (const QChar c : text) {
            const char high = static_cast<char>(c.unicode() >> 8),
                       low = static_cast<char>(c.unicode() & 0xFF);
            bytes += big ? high : low;
            bytes += big ? low : high;
        }
        return bytes;
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestTableForms::spreadsheets_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("sep=;") << QByteArray("sep=;\r\nimage;label\r\na.jpg;cat\r\nb.jpg;dog\r\n");
    QTest::newRow("sep=, in quotes") << QByteArray("\"sep=,\"\r\nimage,label\r\na.jpg,cat\r\nb.jpg,dog\r\n");
    QTest::newRow("SEP=|") << QByteArray("\xef\xbb\xbfSEP=|\nimage|label\na.jpg|cat\nb.jpg|dog\n");
    QTest::newRow("sep=tab") << QByteArray("sep=\t\nimage\tlabel\na.jpg\tcat\nb.jpg\tdog\n");
    QTest::newRow("CR") << QByteArray("image,label\ra.jpg,cat\rb.jpg,dog\r");
    QTest::newRow("CR, no end") << QByteArray("image,label\ra.jpg,cat\rb.jpg,dog");
    QTest::newRow("CR and CRLF") << QByteArray("image,label\ra.jpg,cat\r\nb.jpg,dog\r");
    QTest::newRow("bars") << QByteArray("image|label\na.jpg|cat\nb.jpg|dog\n");
    QTest::newRow("bars and blanks") << QByteArray("image | label\na.jpg | cat\nb.jpg | dog\n");
    QTest::newRow("empty columns behind") << QByteArray("image,label\na.jpg,cat,,\nb.jpg,dog, \n");
    QTest::newRow("separators in a quoted header")
        << QByteArray("image;label;\"a,b,c,d\"\na.jpg;cat;\nb.jpg;dog;\n");
}

void TestTableForms::spreadsheets() {
    QFETCH(QByteArray, content);
    const auto index = table("t.csv", content.toStdString());
    QCOMPARE(describe(index), std::string("a.jpg=0 b.jpg=1"));
    QCOMPARE(index.classNames, (std::vector<std::string>{"cat", "dog"}));
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestTableForms::utf16_data() {
    QTest::addColumn<bool>("big");
    QTest::addColumn<bool>("mark");
    QTest::newRow("little") << false << true;
    QTest::newRow("big") << true << true;
    QTest::newRow("little, no mark") << false << false;
    QTest::newRow("big, no mark") << true << false;
}

void TestTableForms::utf16() {
    QFETCH(bool, big);
    QFETCH(bool, mark);
    QString text = QStringLiteral("image\tcaption\r\na.jpg\tcaf\u00e9 \U0001F600\r\nb.jpg\t");
    text += QChar(0xD83D); // half a pair
    const auto index = table("t.csv", utf16((mark ? QString(QChar(0xFEFF)) : QString()) + text, big));
    QCOMPARE(index.samples[0].captions[0], std::string("caf\xc3\xa9 \xf0\x9f\x98\x80"));
    QCOMPARE(index.samples[1].captions[0], std::string("\xef\xbf\xbd"));
    const auto json =
        table("t.jsonl", utf16(QStringLiteral("{\"image\": \"a.jpg\", \"text\": \"\u00e9\"}\n"), big));
    QCOMPARE(json.samples[0].captions[0], std::string("\xc3\xa9"));
}

void TestTableForms::utf32IsExplained() {
    writeFile(path("t.csv"), std::string("\xff\xfe\0\0i\0\0\0m\0\0\0", 12));
    ErrorCode code{};
    QVERIFY(contains(errorOf(path("t.csv"), "", {}, &code), "UTF-32"));
    QCOMPARE(code, ErrorCode::Unsupported);
}

void TestTableForms::windows1252() {
    const auto index = table(
        "t.csv", "image;label;text\r\na.jpg;caf\xe9;\x93q\x94\r\nb.jpg;caf\xe8;x\r\nc.jpg;ni\xf1o;\x80\r\n");
    QCOMPARE(index.classNames, (std::vector<std::string>{"caf\xc3\xa8", "caf\xc3\xa9", "ni\xc3\xb1o"}));
    QCOMPARE(describe(index), std::string("a.jpg=1 b.jpg=0 c.jpg=2"));
    QCOMPARE(index.samples[0].captions[0], std::string("\xe2\x80\x9cq\xe2\x80\x9d"));
    QCOMPARE(index.samples[2].captions[0], std::string("\xe2\x82\xac"));
    QCOMPARE(index.problems.size(), size_t(1));
    QVERIFY(index.problems[0].note); // all of it was read
    QVERIFY2(contains(problemsOf(index),
                      path("t.csv").native() + ":2: is not UTF-8; read as Windows-1252, 'caf\xc3\xa9'"),
             problemsOf(index).c_str());
    // The five bytes that have no character stay apart as well.
    const auto odd = table("t.csv", "image,label\na.jpg,x\x81\nb.jpg,x\x8d\nc.jpg,x\x9d\n");
    QCOMPARE(odd.classNames.size(), size_t(3));
}

void TestTableForms::windows1252Captions() {
    writeFile(path("flat/a.jpg"));
    writeFile(path("flat/a.txt"), "caf\xe9\r\n");
    QCOMPARE(import(path("flat"), "flat").samples[0].captions[0], std::string("caf\xc3\xa9"));
}

void TestTableForms::windows1252FileNames() {
    writeFile(path("caf\xc3\xa9.jpg"));
    writeFile(path("ni\xf1o.jpg"));
    const auto index = table("t.csv", "image\ncaf\xe9.jpg\nni\xf1o.jpg\n");
    QCOMPARE(index.samples.size(), size_t(2));
    QCOMPARE(index.samples[0].image, path("caf\xc3\xa9.jpg"));
    QCOMPARE(index.samples[1].image, path("ni\xf1o.jpg"));
}

void TestTableForms::withoutHeader() {
    writeFile(path("t.csv"), "a.jpg,cat\nb.jpg,dog\n");
    ErrorCode code{};
    const auto message = errorOf(path("t.csv"), "", {}, &code);
    QCOMPARE(code, ErrorCode::InvalidArgument);
    for (const char* part : {"first line that names its columns", "'a.jpg,cat'", "image=1, label=2",
                             "--columns image=1,label=2"})
        QVERIFY2(contains(message, part), message.c_str());
    QCOMPARE(columnsOf(path("t.csv")), (std::vector<std::string>{"column 1", "column 2"}));
    for (const char* name : {"%1", "column %1"}) {
        ImportOptions options;
        options.columns = {{"image", QString(name).arg(1).toStdString()},
                           {"label", QString(name).arg(2).toStdString()}};
        const auto index = import(path("t.csv"), "", options);
        QCOMPARE(describe(index), std::string("a.jpg=0 b.jpg=1"));
        QCOMPARE(index.options.columns.at("label"), std::string("column 2")); // whatever it was called by
    }
    ImportOptions beyond;
    beyond.columns = {{"image", "3"}};
    QVERIFY(contains(errorOf(path("t.csv"), "", beyond), "no column '3'"));
}

void TestTableForms::captionsWithUnquotedCommas() {
    const std::string content = "image,caption\n"
                                "a.jpg,A man wears an orange hat .\n"
                                "a.jpg,A man , who wears glasses , smiles .\n"
                                "b.jpg,\"A red bus\" , it says .\n"
                                "c.jpg,\"well, quoted\"\n";
    for (const char* name : {"t.csv", "t.txt"}) {
        const auto index = table(name, content);
        QCOMPARE(index.format, std::string("csv"));
        QCOMPARE(index.samples.size(), size_t(3));
        QCOMPARE(index.samples[0].captions,
                 (std::vector<std::string>{"A man wears an orange hat .",
                                           "A man , who wears glasses , smiles ."}));
        QCOMPARE(index.samples[1].captions[0], std::string("\"A red bus\" , it says ."));
        QCOMPARE(index.samples[2].captions[0], std::string("well, quoted"));
        QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
    }
}

void TestTableForms::captionsInOtherTablesStayStrict() {
    const auto index = table("t.csv", "image,label,caption\na.jpg,cat,one\nb.jpg,cat,one, two\n");
    QCOMPARE(index.samples.size(), size_t(1));
    QVERIFY(contains(problemsOf(index), "t.csv:3: has 4 fields where the header has 3"));
    const auto labels = table("t.csv", "image,label\na.jpg,cat\nb.jpg,cat, dog\n");
    QCOMPARE(labels.samples.size(), size_t(1));
}

void TestTableForms::flickr_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("Flickr8k.token.txt")
        << "Flickr8k.token.txt"
        << QByteArray("a.jpg#0\tA child , in a dress .\na.jpg#1\t\"A girl\" goes .\n"
                      "b.jpg#0\tA dog\n");
    QTest::newRow("results.token") << "results_20130124.token"
                                   << QByteArray(
                                          "a.jpg#0\tA child , in a dress .\na.jpg#1\t\"A girl\" goes .\n"
                                          "b.jpg#0\tA dog\n");
    QTest::newRow("results.csv of Kaggle") << "results.csv"
                                           << QByteArray("image_name| comment_number| comment\n"
                                                         "a.jpg| 0| A child , in a dress .\n"
                                                         "a.jpg| 1| \"A girl\" goes .\nb.jpg| 0| A dog\n");
    QTest::newRow("commas")
        << "t.csv"
        << QByteArray("a.jpg#0,A child , in a dress .\na.jpg#1,\"A girl\" goes .\nb.jpg#0,A dog\n");
}

void TestTableForms::flickr() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    const auto index = table(name.toStdString(), content.toStdString());
    QCOMPARE(index.samples.size(), size_t(2));
    QCOMPARE(index.samples[0].captions,
             (std::vector<std::string>{"A child , in a dress .", "\"A girl\" goes ."}));
    QCOMPARE(index.samples[1].captions, std::vector<std::string>{"A dog"});
    QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
}

void TestTableForms::otherTextFilesAreNoTables() {
    for (const char* content : {"a.jpg\nb.jpg\n", "hello, world\n", "", "image\na.jpg\n"}) {
        writeFile(path("t.txt"), content);
        QVERIFY2(contains(errorOf(path("t.txt")), "Cannot tell what kind of dataset"), content);
    }
}

void TestTableForms::listsOfCaptions() {
    const auto index = table(
        "t.csv", "filename,raw\na.jpg,\"[\"\"one, two\"\", \"\"three\"\"]\"\nb.jpg,\"['it''s', \"\"x\"\"]\"\n"
                 "c.jpg,[sic]\n");
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"one, two", "three"}));
    QCOMPARE(index.samples[1].captions.size(), size_t(1)); // no list that Python prints: text
    QCOMPARE(index.samples[2].captions[0], std::string("[sic]"));
}

void TestTableForms::imagesInAnotherLetterCase() {
    writeFile(path("set/Images/Cat/X.JPG"));
    writeFile(path("set/Images/Cat/y.jpg"));
    const auto beside = table("set/t.csv", "image\nCat/X.JPG\nCat/y.jpg\n");
    QCOMPARE(beside.root, path("set/Images"));
    QCOMPARE(beside.samples.size(), size_t(2));
    const auto other = table("set/t.csv", "image\nimages/cat/x.jpg\nimages/cat/y.jpg\n");
    QCOMPARE(other.samples.size(), size_t(2));
    QCOMPARE(other.samples[0].image, path("set/Images/Cat/X.JPG"));
    writeFile(path("set/Images/Cat/Y.jpg")); // now two files fit Y.JPG, and one is y.jpg
    const auto both = table("set/t.csv", "image\nimages/cat/Y.JPG\nimages/cat/y.jpg\nimages/cat/x.jpg\n");
    QVERIFY(contains(problemsOf(both), "t.csv:2: "));
}

void TestTableForms::backslashesBelowAnImageFolder() {
    writeFile(path("set/images/cat/0.png"));
    writeFile(path("set/images/dog/1.png"));
    const auto index = table("set/t.csv", "image,label\ncat\\0.png,cat\ndog\\1.png,dog\n");
    QCOMPARE(index.root, path("set/images"));
    QCOMPARE(index.samples.size(), size_t(2));
    const auto named = table("set/t.csv", "image\nIMAGES\\cat\\0.png\n.\\images\\dog\\1.png\n");
    QCOMPARE(named.samples.size(), size_t(2));
    QCOMPARE(named.samples[1].image, path("set/images/dog/1.png"));
}

void TestTableForms::fileNamesInAnyCase() {
    QCOMPARE(table("T.JSONL", "{\"image\": \"a.jpg\"}\n").format, std::string("jsonl"));
    QCOMPARE(table("T.JSON", R"({"images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"image_id": 1, "caption": "x"}]})")
                 .format,
             std::string("coco-captions"));
    QCOMPARE(table("T.CSV", "image\na.jpg\n").format, std::string("csv"));
}

void TestTableForms::strayQuoteIsFoundSoon() {
    std::string content = "image,caption\na.jpg,\"stray\n";
    while (content.size() < (size_t(24) << 20)) // quadratic reading would take hours
        content += "b.jpg,a plain line of text that goes on for a while\n";
    writeFile(path("t.csv"), content);
    ErrorCode code{};
    const auto message = errorOf(path("t.csv"), "", {}, &code);
    QCOMPARE(code, ErrorCode::LimitExceeded);
    QVERIFY2(contains(message,
                      "t.csv:2: a quote that is opened here, in column 'caption', is not closed within 1 MB"),
             message.c_str());
}

void TestTableForms::strayQuoteThatEndsLater() {
    const auto index = table("t.csv", "image,caption\na.jpg,\"stray\nb.jpg,\"quoted\"\nc.jpg,x\n");
    QCOMPARE(describe(index), std::string("c.jpg=-1"));
    QVERIFY2(contains(problemsOf(index),
                      "t.csv:2: a quote that is opened here ends in the middle of a field, on line 3"),
             problemsOf(index).c_str());
}

void TestTableForms::hugeField() {
    const auto index =
        table("t.csv", "image,caption\na.jpg," + std::string(size_t(2) << 20, 'x') + "\nb.jpg,x\n");
    QCOMPARE(describe(index), std::string("b.jpg=-1"));
    QVERIFY(contains(problemsOf(index), "t.csv:2: has a field of more than 1 MB"));
}

void TestTableForms::manyColumns_data() {
    QTest::addColumn<bool>("json");
    QTest::newRow("CSV") << false;
    QTest::newRow("JSON lines") << true;
}

void TestTableForms::manyColumns() {
    QFETCH(bool, json);
    constexpr int kColumns = 200'000; // quadratic reading would take minutes
    std::string names, values;
    for (int i = 0; i < kColumns; ++i) {
        names += ",c" + std::to_string(i % (kColumns / 2)); // each name twice
        values += json ? ",\"c" + std::to_string(i) + "\":0" : ",0";
    }
    const auto index = json ? table("t.jsonl", "{\"image\":\"a.jpg\"" + values + "}\n")
                            : table("t.csv", "image" + names + "\na.jpg" + values + "\n");
    QCOMPARE(index.columns.size(), size_t(kColumns + 1));
    QCOMPARE(index.samples[0].attributes.size(), size_t(kColumns));
    writeFile(path("t.csv"), "x" + names + "\n");
    const auto message = errorOf(path("t.csv"));
    QVERIFY(contains(message, "and 199981 more") && message.size() < 1000);
}

void TestTableForms::manyRowsOfOneImage() {
    constexpr int kRows = 100'000; // quadratic merging would take minutes
    std::string content = "image,caption\n";
    for (int i = 0; i < kRows; ++i)
        content += "a.jpg,caption " + std::to_string(i) + "\n";
    const auto index = table("t.csv", content);
    QCOMPARE(index.samples[0].captions.size(), size_t(kRows));
}

void TestTableForms::stopsInsideOfAQuote() {
    writeFile(path("t.csv"), "image,caption\na.jpg,\"" + std::string(size_t(4) << 20, '\n'));
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    QVERIFY_EXCEPTION_THROWN(importDataset(path("t.csv"), {}, context), Cancelled);
}

QTEST_GUILESS_MAIN(TestTableForms)
#include "tst_table_forms.moc"
