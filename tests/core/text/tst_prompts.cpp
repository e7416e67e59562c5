// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/text/prompts.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace diptych;

namespace {

template<class F>
ErrorCode codeOf(F&& call, std::string& message) {
    try {
        call();
    } catch (const Error& error) {
        message = error.what();
        return error.code();
    }
    return static_cast<ErrorCode>(-1);
}

} // namespace

class TestPrompts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("DIPTYCH_RESOURCES", DIPTYCH_SOURCE "/resources"); }

    void builtInSetsAreComplete() {
        const auto sets = builtInPromptSets();
        QCOMPARE(sets[0].id, std::string("none"));
        QCOMPARE(sets[1].id, std::string("simple"));
        std::set<std::string> ids;
        for (const PromptSet& set : sets) {
            checkPromptTemplates(set.templates);
            QVERIFY2(!set.title.empty() && !set.source.empty(), set.id.c_str());
            ids.insert(set.id);
        }
        QCOMPARE(ids.size(), sets.size());
        for (const char* id :
             {"birdsnap", "caltech101",    "cifar10",     "cifar100",      "clevr-counts", "country211",
              "dtd",      "eurosat",       "fer2013",     "fgvc-aircraft", "flowers102",   "food101",
              "gtsrb",    "hateful-memes", "kinetics700", "kitti",         "mnist",        "oxford-pets",
              "pcam",     "rendered-sst2", "resisc45",    "stanford-cars", "stl10",        "sun397",
              "ucf101",   "voc2007"})
            QVERIFY2(ids.count(id), id);
    }

    void knownSetsHaveTheirTemplates() {
        const PromptSet imagenet = loadPromptSet("openai-imagenet-80");
        QCOMPARE(imagenet.templates.size(), size_t{80});
        QCOMPARE(std::set<std::string>(imagenet.templates.begin(), imagenet.templates.end()).size(),
                 size_t{80});
        QCOMPARE(imagenet.templates.front(), std::string("a bad photo of a {}."));
        QCOMPARE(imagenet.templates.back(), std::string("a tattoo of the {}."));
        const PromptSet seven = loadPromptSet("openai-imagenet-7");
        QCOMPARE(seven.templates.size(), size_t{7});
        for (const std::string& text : seven.templates)
            QVERIFY2(std::count(imagenet.templates.begin(), imagenet.templates.end(), text) == 1,
                     text.c_str());
        QCOMPARE(loadPromptSet("cifar10").templates.size(), size_t{18});
        QCOMPARE(loadPromptSet("none").expand("cat"), std::vector<std::string>{"cat"});
        QCOMPARE(loadPromptSet("simple").expand("{}"), std::vector<std::string>{"a photo of a {}."});
    }

    void filesOfEveryFormAreRead() {
        const TemporaryDirectory dir;
        const auto object = dir.path() / "o.json", list = dir.path() / "l.json", text = dir.path() / "t.txt";
        writeFileAtomically(object, R"({"title": "Mine", "templates": ["a {}", "the {}"]})");
        writeFileAtomically(list, R"(["a {}"])");
        writeFileAtomically(text, "\xEF\xBB\xBF# mine\r\n\r\n  {} in the wild \r\n#x\na {}");
        QCOMPARE(loadPromptSet(object.native()).title, std::string("Mine"));
        QCOMPARE(loadPromptSet(object.native()).templates, (std::vector<std::string>{"a {}", "the {}"}));
        QCOMPARE(loadPromptSet(list.native()).templates, std::vector<std::string>{"a {}"});
        QCOMPARE(loadPromptSet(list.native()).id, list.native());
        QCOMPARE(loadPromptSet(text.native()).templates,
                 (std::vector<std::string>{"{} in the wild", "a {}"}));
    }

    void badTemplatesAreNamed() {
        std::string message;
        QCOMPARE(codeOf(
                     [] {
                         checkPromptTemplates({"a {}", "no place"});
                     },
                     message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("no place") != std::string::npos, message.c_str());
        QCOMPARE(codeOf([] { checkPromptTemplates({"{} and {}"}); }, message), ErrorCode::InvalidArgument);
        QCOMPARE(codeOf([] { checkPromptTemplates({}); }, message), ErrorCode::InvalidArgument);
        checkPromptTemplates({"{{}}"});
    }

    void classesHaveWordsOfTheirOwn() {
        const PromptSet set =
            promptSetFromJson(Json::parse(R"({"title": "mine", "templates": ["a {}", "the {}"], "classes": {
                "owl": {"names": ["owl", "strix"], "prompts": ["it hoots", "a {} at night"]},
                "cat": {"prompts": ["whiskers"]}}})"),
                              "here");
        QCOMPARE(set.expand("dog"), (std::vector<std::string>{"a dog", "the dog"}));
        QCOMPARE(set.expand("cat"), (std::vector<std::string>{"a cat", "the cat", "whiskers"}));
        QCOMPARE(set.expand("owl"),
                 (std::vector<std::string>{"a owl", "the owl", "a strix", "the strix", "it hoots",
                                           "a owl at night", "a strix at night"}));
        const PromptSet again = promptSetFromJson(promptSetJson(set), "there");
        QVERIFY(again.classes == set.classes && again.templates == set.templates && again.title == set.title);
        const PromptSet cupl =
            promptSetFromJson({{"classes", {{"cat", {{"prompts", {"whiskers"}}}}}}}, "here");
        QCOMPARE(cupl.expand("cat"), std::vector<std::string>{"whiskers"});
        QVERIFY(cupl.expand("dog").empty());
    }

    void badClassWordsAreNamed_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("named");
        QTest::newRow("classes") << R"({"templates": ["{}"], "classes": []})"
                                 << "'classes'";
        QTest::newRow("member") << R"({"classes": {"owl": {"nmaes": []}}})"
                                << "nmaes";
        QTest::newRow("words") << R"({"classes": {"owl": ["x"]}})"
                               << "owl";
        QTest::newRow("prompt") << R"({"classes": {"owl": {"prompts": [3]}}})"
                                << "entry 1";
        QTest::newRow("empty name") << R"({"templates": ["{}"], "classes": {"owl": {"names": [" "]}}})"
                                    << "owl";
        QTest::newRow("twice") << R"({"classes": {"owl": {"prompts": ["{} {}"]}}})"
                               << "owl";
        QTest::newRow("nothing") << R"({"classes": {"owl": {"names": ["x"]}}})"
                                 << "no prompt templates";
    }

    void badClassWordsAreNamed() {
        QFETCH(QString, json);
        QFETCH(QString, named);
        std::string message;
        QVERIFY(codeOf([&] { promptSetFromJson(Json::parse(json.toStdString()), "here"); }, message) !=
                static_cast<ErrorCode>(-1));
        QVERIFY2(message.starts_with("here") && message.find(named.toStdString()) != std::string::npos,
                 message.c_str());
    }

    void badFilesAreNamed_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("not json") << QByteArray("a.json") << QByteArray("{");
        QTest::newRow("no templates") << QByteArray("a.json") << QByteArray("{}");
        QTest::newRow("wrong type") << QByteArray("a.json") << QByteArray(R"({"templates": 3})");
        QTest::newRow("wrong item") << QByteArray("a.json") << QByteArray(R"(["a {}", 3])");
        QTest::newRow("wrong title") << QByteArray("a.json")
                                     << QByteArray(R"({"title": 3, "templates": ["{}"]})");
        QTest::newRow("empty list") << QByteArray("a.json") << QByteArray("[]");
        QTest::newRow("empty text") << QByteArray("a.txt") << QByteArray("# nothing\n");
        QTest::newRow("no place") << QByteArray("a.txt") << QByteArray("photo\n");
        QTest::newRow("not utf-8") << QByteArray("a.txt") << QByteArray("a {}\n\xff {}\n");
        QTest::newRow("too large") << QByteArray("a.txt") << QByteArray(2'000'000, ' ');
    }

    void badFilesAreNamed() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        const TemporaryDirectory dir;
        const auto path = dir.path() / name.toStdString();
        writeFileAtomically(path, content.toStdString());
        std::string message;
        QVERIFY(codeOf([&] { loadPromptSet(path.native()); }, message) != static_cast<ErrorCode>(-1));
        QVERIFY2(message.find(path.native()) != std::string::npos, message.c_str());
    }

    void unknownNamesListWhatThereIs() {
        std::string message;
        QCOMPARE(codeOf([] { loadPromptSet("imaginary"); }, message), ErrorCode::NotFound);
        QVERIFY2(message.find("imaginary") != std::string::npos &&
                     message.find("openai-imagenet-80") != std::string::npos,
                 message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestPrompts)
#include "tst_prompts.moc"
