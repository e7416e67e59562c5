// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

using namespace diptych;
using namespace diptych::test;

/// Labels of tables: which classes there are, and which one each row shows.
class TestLabels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "d.jpg"})
            writeFile(m_folder->path() / name);
    }
    void cleanup() { m_folder.reset(); }

    void onlyWhatOccursIsAClass_data();
    void onlyWhatOccursIsAClass();
    void classList_data();
    void classList();
    void classListsInOtherEncodings();
    void namesBesideLabels_data();
    void namesBesideLabels();
    void namesThatDoNotFitStayAColumn();
    void contradictingNames();
    void missingValues();
    void negativeLabelsAreSaid();
    void severalLabels_data();
    void severalLabels();
    void severalLabelsWithAClassList();
    void jsonValues();
    void ids();

private:
    /// Rows a.jpg, b.jpg, ... with what @p rows says of each.
    DatasetIndex csv(const QString& header, const QStringList& rows) {
        QString table = "image," + header + "\n";
        for (int i = 0; i < rows.size(); ++i)
            table += QString(QChar('a' + i)) + ".jpg," + rows[i] + "\n";
        writeFile(m_folder->path() / "t.csv", table.toStdString());
        return import(m_folder->path() / "t.csv");
    }
    DatasetIndex jsonl(const QStringList& labels) {
        QString table;
        for (int i = 0; i < labels.size(); ++i)
            table +=
                QStringLiteral("{\"image\": \"%1.jpg\", \"label\": %2}\n").arg(QChar('a' + i)).arg(labels[i]);
        writeFile(m_folder->path() / "t.jsonl", table.toStdString());
        return import(m_folder->path() / "t.jsonl");
    }
    static QString labelsOf(const DatasetIndex& index) {
        QStringList labels;
        for (const auto& sample : index.samples)
            labels << QString::number(sample.label);
        return labels.join(' ');
    }
    static QString classesOf(const DatasetIndex& index) {
        QStringList names;
        for (const auto& name : index.classNames)
            names << QString::fromStdString(name);
        return names.join(' ');
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestLabels::onlyWhatOccursIsAClass_data() {
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("classes");
    QTest::addColumn<QString>("labels");
    QTest::newRow("from 0") << "2 0 1 2"
                            << "0 1 2"
                            << "2 0 1 2";
    QTest::newRow("from 1") << "1 2 3 1"
                            << "1 2 3"
                            << "0 1 2 0";
    QTest::newRow("gaps") << "701 0 217 701"
                          << "0 217 701"
                          << "2 0 1 2";
    QTest::newRow("ids, by number") << "100000 20000 3 3"
                                    << "3 20000 100000"
                                    << "2 1 0 0";
    QTest::newRow("floats") << "0.0 1.0 10.0 2.0"
                            << "0 1 2 10"
                            << "0 1 3 2";
    QTest::newRow("exponents") << "1e2 1.0 1.0 100"
                               << "1 100"
                               << "1 0 0 1";
    QTest::newRow("leading zeros") << "007 010 007 011"
                                   << "007 010 011"
                                   << "0 1 0 2";
    QTest::newRow("fractions are text") << "1.5 2 2 1.5"
                                        << "1.5 2"
                                        << "0 1 1 0";
    QTest::newRow("truth values") << "True FALSE true false"
                                  << "FALSE True"
                                  << "1 0 1 0";
    QTest::newRow("truth values and numbers") << "True 0 1 false"
                                              << "0 1"
                                              << "1 0 1 0";
    QTest::newRow("truth values among others") << "True 2 1 0"
                                               << "0 1 2 True"
                                               << "3 2 1 0";
    QTest::newRow("minus one is none") << "-1 1 2 1"
                                       << "1 2"
                                       << "-1 0 1 0";
    QTest::newRow("minus one and one") << "-1 1 1 -1"
                                       << "-1 1"
                                       << "0 1 1 0";
    QTest::newRow("text") << "b A 10 b"
                          << "10 A b"
                          << "2 1 0 2";
}

void TestLabels::onlyWhatOccursIsAClass() {
    QFETCH(QString, given);
    QFETCH(QString, classes);
    QFETCH(QString, labels);
    const auto index = csv("label", given.split(' '));
    QCOMPARE(classesOf(index), classes);
    QCOMPARE(labelsOf(index), labels);
}

void TestLabels::classList_data() {
    QTest::addColumn<QString>("list");
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("labels");
    QTest::addColumn<QString>("problem");
    QTest::newRow("names") << "zebra\ncat"
                           << "cat zebra cat"
                           << "1 0 1"
                           << "";
    QTest::newRow("not in the list") << "zebra\ncat"
                                     << "cat dog cat"
                                     << "1 -1 1"
                                     << "t.csv:3: label 'dog' is not in the class list";
    QTest::newRow("numbers") << "zebra\ncat\nowl"
                             << "1 0 1"
                             << "1 0 1"
                             << "";
    QTest::newRow("floats") << "zebra\ncat\nowl"
                            << "1.0 0.0 2.0"
                            << "1 0 2"
                            << "";
    QTest::newRow("from 1 where only that fits") << "zebra\ncat\nowl"
                                                 << "1 3 2"
                                                 << "0 2 1"
                                                 << "labels are counted from 1";
    QTest::newRow("out of range") << "zebra\ncat"
                                  << "0 2 1"
                                  << "0 -1 1"
                                  << "t.csv:3: label 2 is out of range (0 to 1)";
    QTest::newRow("lines are the labels") << "10\n2\n1"
                                          << "1 2 10"
                                          << "2 1 0"
                                          << "";
    QTest::newRow("lines are the labels as numbers") << "10\n2\n1"
                                                     << "1.0 2.0 10.0"
                                                     << "2 1 0"
                                                     << "";
    QTest::newRow("first words") << "n02 tabby cat\nn01 dog"
                                 << "n01 n02 n01"
                                 << "1 0 1"
                                 << "";
    QTest::newRow("numbers before names") << "1 cat\n2 dog"
                                          << "2 1 2.0"
                                          << "1 0 1"
                                          << "";
    QTest::newRow("truth values") << "no\nyes"
                                  << "True False True"
                                  << "1 0 1"
                                  << "";
    QTest::newRow("a name that looks missing") << "None\nmild"
                                               << "None mild None"
                                               << "0 1 0"
                                               << "";
}

void TestLabels::classList() {
    QFETCH(QString, list);
    QFETCH(QString, given);
    QFETCH(QString, labels);
    QFETCH(QString, problem);
    writeFile(m_folder->path() / "classes.txt", list.toStdString() + "\r\n\n");
    const auto index = csv("label", given.split(' '));
    QCOMPARE(labelsOf(index), labels);
    QCOMPARE(index.classNames.size(), size_t(list.split('\n').size()));
    const auto problems = problemsOf(index);
    QVERIFY2(problem.isEmpty() ? problems.empty() : contains(problems, problem.toStdString()),
             problems.c_str());
}

void TestLabels::classListsInOtherEncodings() {
    using namespace std::string_literals;
    for (const auto& list : {"caf\xe9\r\ncaf\xe8\r\n"s, "caf\xe9\rcaf\xe8\r"s, "caf\xc3\xa9\ncaf\xc3\xa8"s,
                             "\xff\xfe"s + "c\0a\0f\0\xe9\0\n\0c\0a\0f\0\xe8\0"s}) {
        writeFile(m_folder->path() / "classes.txt", list);
        const auto index = csv("label", {"caf\u00e8", "caf\u00e9", "1"});
        QCOMPARE(index.classNames, (std::vector<std::string>{"caf\xc3\xa9", "caf\xc3\xa8"}));
        QCOMPARE(labelsOf(index), QString("1 0 -1"));
    }
}

void TestLabels::namesBesideLabels_data() {
    QTest::addColumn<QString>("header");
    QTest::addColumn<QStringList>("rows");
    QTest::addColumn<QString>("classes");
    QTest::addColumn<QString>("labels");
    const QStringList numbers{"2,cat", "1,dog", "2,cat"};
    for (const char* header :
         {"label,class_name", "label,class", "class,class_name", "category_id,category_name",
          "class_id,class_name", "target,label_name", "label,category"})
        QTest::newRow(header) << header << numbers << "dog cat"
                              << "1 0 1";
    QTest::newRow("one without a name")
        << "label,class_name" << QStringList{"2,cat", "1,", "3,owl"} << "1 cat owl"
        << "1 0 2";
    QTest::newRow("ids") << "label,class_name" << QStringList{"n02,cat", "n01,dog", "n02,cat"} << "dog cat"
                         << "1 0 1";
    QTest::newRow("numbers of one name stay two")
        << "label,class_name" << QStringList{"134,crane", "517,crane", "134,crane"} << "crane crane"
        << "0 1 0";
    QTest::newRow("no label but a name")
        << "label,class_name" << QStringList{",cat", ",dog", ",cat"} << "cat dog"
        << "0 1 0";
    QTest::newRow("only names") << "class_name,x" << QStringList{"cat,1", "dog,2", "cat,3"} << "cat dog"
                                << "0 1 0";
}

void TestLabels::namesBesideLabels() {
    QFETCH(QString, header);
    QFETCH(QStringList, rows);
    QFETCH(QString, classes);
    QFETCH(QString, labels);
    const auto index = csv(header, rows);
    QCOMPARE(classesOf(index), classes);
    QCOMPARE(labelsOf(index), labels);
    const bool equalNames = classes == QStringLiteral("crane crane"); // which the import warns of
    QVERIFY2(index.problems.size() == size_t(equalNames), problemsOf(index).c_str());
}

void TestLabels::namesThatDoNotFitStayAColumn() {
    const auto coarse = csv("label,category", {"tabby,cat", "siamese,cat", "poodle,dog"});
    QCOMPARE(classesOf(coarse), QString("poodle siamese tabby"));
    QCOMPARE(coarse.samples[0].attributes["category"].get<std::string>(), std::string("cat"));
    const auto numbers = csv("label,category", {"0,cat", "1,cat", "2,dog"});
    QCOMPARE(classesOf(numbers), QString("0 1 2"));
    const auto used = csv("label,category", {"0,cat", "1,dog"});
    QVERIFY(used.samples[0].attributes.is_null());
}

void TestLabels::contradictingNames() {
    const auto index = csv("label,class_name", {"1,cat", "1,dog", "2,owl"});
    QCOMPARE(classesOf(index), QString("cat owl"));
    QVERIFY2(contains(problemsOf(index), "t.csv:3: calls label 1 'dog'; it is 'cat' in"),
             problemsOf(index).c_str());
}

void TestLabels::missingValues() {
    const auto plain = csv("label,caption,split,id", {"nan,nan,nan,nan", ",,,", "0,<NA>,NaN,", "1,x,test,k"});
    QCOMPARE(classesOf(plain), QString("0 1"));
    QCOMPARE(describe(plain), std::string("a.jpg=-1 b.jpg=-1 c.jpg=0 k=1/test"));
    QVERIFY(plain.samples[0].captions.empty() && plain.samples[2].captions.empty());
    QVERIFY2(plain.problems.empty(), problemsOf(plain).c_str());
    const auto words = csv("label", {"None", "cat", "None", "nan"});
    QCOMPARE(classesOf(words), QString("cat"));
    QVERIFY2(contains(problemsOf(words),
                      "t.csv:2: label 'None' is read as a missing one, as pandas does (2 rows)"),
             problemsOf(words).c_str());
}

void TestLabels::negativeLabelsAreSaid() {
    const auto index = csv("label", {"-1", "3", "-1", "4"});
    QVERIFY2(contains(problemsOf(index), "t.csv:2: label -1 is read as none: 2 images have no label"),
             problemsOf(index).c_str());
    QCOMPARE(index.problems.size(), size_t(1));
}

void TestLabels::severalLabels_data() {
    QTest::addColumn<bool>("json");
    QTest::addColumn<QStringList>("labels");
    const QString none = QStringLiteral("null");
    QTest::newRow("bars") << false << QStringList{"dog|cat", "owl", "cat|dog|cat", ""};
    QTest::newRow("blanks around bars") << false << QStringList{"dog | cat", " owl ", "cat|dog|", ""};
    QTest::newRow("JSON in a field") << false
                                     << QStringList{R"("[""dog"", ""cat""]")", R"("[""owl""]")",
                                                    R"("[""cat"", ""dog""]")", ""};
    QTest::newRow("Python in a field")
        << false << QStringList{R"("['dog', 'cat']")", "['owl']", R"("['cat', ""dog""]")", ""};
    QTest::newRow("JSON lists") << true
                                << QStringList{R"(["dog", "cat"])", R"(["owl"])", R"(["cat", "dog"])", none};
    QTest::newRow("JSON bars") << true << QStringList{R"("dog|cat")", R"("owl")", R"("cat|dog")", none};
    QTest::newRow("JSON list and text")
        << true << QStringList{R"(["dog", "cat"])", R"("owl")", R"(["cat", "dog"])", none};
}

void TestLabels::severalLabels() {
    QFETCH(bool, json);
    QFETCH(QStringList, labels);
    const auto index = json ? jsonl(labels) : csv("label", labels);
    QCOMPARE(classesOf(index), QString("cat dog owl"));
    QCOMPARE(labelsOf(index), QString("-1 -1 -1 -1"));
    QCOMPARE(index.samples[0].attributes["labels"].dump(), std::string("[0,1]"));
    QCOMPARE(index.samples[1].attributes["labels"].dump(), std::string("[2]"));
    QCOMPARE(index.samples[2].attributes["labels"].dump(), std::string("[0,1]"));
    QVERIFY(index.samples[3].attributes.is_null());
    QVERIFY(index.problems.size() <= 1);
}

void TestLabels::severalLabelsWithAClassList() {
    const auto numbers = jsonl({"[1, 4]", "[]", "[4.0]", "[7]"});
    QCOMPARE(classesOf(numbers), QString("1 4 7"));
    QCOMPARE(numbers.samples[0].attributes["labels"].dump(), std::string("[0,1]"));
    QCOMPARE(numbers.samples[1].attributes["labels"].dump(), std::string("[]"));
    const auto single = jsonl({R"(["cat"])", R"(["dog"])", R"(["cat"])"}); // one each: no list is needed
    QCOMPARE(labelsOf(single), QString("0 1 0"));
    writeFile(m_folder->path() / "classes.txt", "owl\ncat\na|b\n");
    const auto listed = csv("label", {"cat|owl", "a|b", "cat|dog"});
    QCOMPARE(listed.samples[0].attributes["labels"].dump(), std::string("[0,1]"));
    QCOMPARE(listed.samples[1].attributes["labels"].dump(), std::string("[2]"));
    QCOMPARE(listed.samples[2].attributes["labels"].dump(), std::string("[1]"));
    QVERIFY2(contains(problemsOf(listed), "t.csv:4: label 'dog' is not in the class list"),
             problemsOf(listed).c_str());
}

void TestLabels::jsonValues() {
    QCOMPARE(labelsOf(jsonl({"0.0", "\"1\"", "1", "\"0.0\""})), QString("0 1 1 0"));
    QCOMPARE(labelsOf(jsonl({"true", "false", "\"true\"", "null"})), QString("1 0 1 -1"));
    QCOMPARE(labelsOf(jsonl({"\"nan\"", "\"cat\"", "\"dog\"", "\"\""})), QString("-1 0 1 -1"));
}

void TestLabels::ids() {
    QCOMPARE(describe(csv("id", {"7.0", "8", "007", "v1.0"})), std::string("7=-1 8=-1 007=-1 v1.0=-1"));
}

QTEST_GUILESS_MAIN(TestLabels)
#include "tst_labels.moc"
