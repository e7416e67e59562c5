// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/text/prompt_files.h"
#include "tests/support/error_code.h"

#include <QTest>

using namespace diptych;

/// Files of prompts: CLIP_benchmark's, CuPL's, our own, and text.
class TestPromptFiles : public QObject {
    Q_OBJECT
private:
    using Texts = std::vector<std::string>;
    TemporaryDirectory m_folder;

    std::filesystem::path write(const char* name, const std::string& content) {
        const auto path = m_folder.path() / name;
        writeFileAtomically(path, std::string_view(content));
        return path;
    }
    static PromptImport pets(const std::string& key = "") { return {{"cat", "dog"}, key, {}}; }
    static PromptSet simple() {
        PromptSet set;
        set.templates = {"a {}"};
        return set;
    }

private Q_SLOTS:
    void theirTemplates() {
        const auto file =
            write("t.json", R"({"pets": ["a photo of a {c}.", "the {c}"], "cars": ["a {c} car"]})");
        QCOMPARE(importPrompts(file, pets("pets"), {}).templates, (Texts{"a photo of a {}.", "the {}"}));
        std::string message;
        QCOMPARE(test::errorCodeOf([&] { importPrompts(file, pets(), {}); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("cars, pets") != std::string::npos, message.c_str());
        QCOMPARE(test::errorCodeOf([&] { importPrompts(file, pets("birds"), {}); }, &message),
                 ErrorCode::NotFound);
        QVERIFY2(message.find("birds") != std::string::npos && message.find("cars") != std::string::npos,
                 message.c_str());
        QCOMPARE(importPrompts(write("one.json", R"({"pets": ["x {c}"]})"), pets(), {}).templates,
                 Texts{"x {}"});
    }

    void theirClassNames() {
        const auto file = write("n.json", R"({"pets": ["house cat", "dog"], "cars": ["a"]})");
        const PromptSet set = importPrompts(file, pets("pets"), simple());
        QCOMPARE(set.templates, Texts{"a {}"});
        QCOMPARE(set.expand("cat"), Texts{"a house cat"});
        QVERIFY(!set.classes.contains("dog"));
        std::string message;
        QCOMPARE(test::errorCodeOf([&] { importPrompts(file, pets("cars"), simple()); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("names 1 classes") != std::string::npos, message.c_str());
    }

    void promptsOfEachClass() {
        for (const char* json : {R"({"cat": ["whiskers", "a {c} purrs"], "dog": ["it barks"]})",
                                 R"({"pets": {"cat": ["whiskers", "a {c} purrs"], "dog": ["it barks"]}})"}) {
            const PromptSet set = importPrompts(write("c.json", json), pets(), {});
            QVERIFY(set.templates.empty());
            QCOMPARE(set.expand("cat"), (Texts{"whiskers", "a cat purrs"}));
            QCOMPARE(importPrompts(write("c.json", json), pets(), simple()).expand("dog"),
                     (Texts{"a dog", "it barks"}));
        }
        PromptSet named = simple();
        named.classes["cat"].names = {"house cat"};
        QCOMPARE(importPrompts(write("c.json", R"({"house cat": ["x"], "dog": ["y"]})"),
                               {{"cat", "dog"}, "", PromptFileKind::ClassPrompts}, named)
                     .classes["cat"]
                     .prompts,
                 Texts{"x"});
    }

    void textsALine() {
        QCOMPARE(importPrompts(write("t.txt", "# mine\n a {c} \r\n\nthe {}\n"), pets(), {}).templates,
                 (Texts{"a {}", "the {}"}));
        QCOMPARE(importPrompts(write("n.txt", "kitten\ndog\n"), pets(), simple()).expand("cat"),
                 Texts{"a kitten"});
    }

    void whatIsWrongIsSaid_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("said");
        QTest::newRow("line") << "a.txt" << QByteArray("a {}\nplain\n") << "a.txt:2";
        QTest::newRow("bytes") << "a.txt" << QByteArray("a {}\n\xff {}\n") << "a.txt:2";
        QTest::newRow("broken") << "a.json" << QByteArray("{\n\"pets\": [") << "a.json";
        QTest::newRow("entry") << "a.json" << QByteArray(R"({"pets": ["{c}", 3]})") << "entry 2";
        QTest::newRow("two places") << "a.json" << QByteArray(R"({"pets": ["{c} {c}"]})") << "2 times";
        QTest::newRow("unknown") << "a.json" << QByteArray(R"({"cat": ["x"], "bird": ["y"]})") << "bird";
        QTest::newRow("none known") << "a.json" << QByteArray(R"({"pets": {"fish": ["x"], "bird": ["y"]}})")
                                    << "bird, fish";
        QTest::newRow("number") << "a.json" << QByteArray("3") << "list of texts";
        QTest::newRow("empty") << "a.json" << QByteArray("{}") << "a.json";
        QTest::newRow("of a class") << "a.json" << QByteArray(R"({"cat": ["x"], "dog": [null]})") << "'dog'";
    }
    void whatIsWrongIsSaid() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QString, said);
        std::string message;
        const auto file = write(name.toUtf8().constData(), content.toStdString());
        QVERIFY(test::errorCodeOf([&] { importPrompts(file, pets(), {}); }, &message) !=
                static_cast<ErrorCode>(-1));
        QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find(file.filename().native()) != std::string::npos, message.c_str());
    }

    void whatIsWrittenReadsTheSame() {
        PromptSet set;
        set.templates = {"a {}", "the \"{}\"\\"};
        set.classes["cat"] = {{"cat", "kitten"}, {"it purrs", "{} at play"}};
        const std::vector<std::string> classes{"cat", "dog"};
        std::vector<std::string> lost;
        const auto again = [&](PromptFileKind kind, const PromptSet& base, bool asText = false) {
            const auto file =
                write(asText ? "w.txt" : "w.json", exportPrompts(set, kind, classes, "pets", asText, lost));
            return importPrompts(file, pets(), base);
        };
        const PromptSet whole = again(PromptFileKind::Set, {});
        QVERIFY(whole.templates == set.templates && whole.classes == set.classes);
        QVERIFY(lost.empty());
        // Every prompt of every class: the ensemble as it is, whatever it was made of.
        const PromptSet every = again(PromptFileKind::ClassPrompts, {});
        for (const std::string& name : classes)
            QCOMPARE(every.expand(name), set.expand(name));
        QVERIFY(lost.empty());
        QCOMPARE(again(PromptFileKind::Templates, {}).templates, set.templates);
        QCOMPARE(lost.size(), size_t{1}); // a class has prompts of its own
        QCOMPARE(again(PromptFileKind::Templates, {}, true).templates, set.templates);
        lost.clear();
        again(PromptFileKind::ClassNames, simple(), true);
        QCOMPARE(lost.size(), size_t{2}); // and two names
        set.templates.clear();
        std::string message;
        QCOMPARE(test::errorCodeOf(
                     [&] { exportPrompts(set, PromptFileKind::ClassPrompts, classes, "k", false, lost); },
                     &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("dog") != std::string::npos, message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestPromptFiles)
#include "tst_prompt_files.moc"
