// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/text/bpe_trainer.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/tokenizer_fixtures.h"

#include <QTest>

#include <fstream>
#include <functional>
#include <map>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

Q_DECLARE_METATYPE(std::function<void(Json&)>)

namespace {

constexpr int64_t kBegin = 798, kEnd = 799;

void replaceFile(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        << content; // without a sync: thousands are written
}

/// What loading says; empty if it loads.
std::string messageOf(const fs::path& folder, ErrorCode* code = nullptr) {
    try {
        loadTokenizer(folder);
    } catch (const Error& error) {
        if (code)
            *code = error.code();
        return error.what();
    }
    return {};
}

} // namespace

/// Files that are incomplete, wrong or hostile: each gives one clear Error, none a crash.
class TestTokenizerFiles : public QObject {
    Q_OBJECT

private:
    TemporaryDirectory m_small; ///< a trained tokenizer of 800 tokens
    Json m_file;                ///< the same as tokenizer.json

    void copySmall(const fs::path& folder) {
        for (const auto& entry : fs::directory_iterator(m_small.path()))
            fs::copy(entry.path(), folder / entry.path().filename());
    }

private Q_SLOTS:
    void initTestCase() {
        trainBpe(linesOf(kTokenizerFixtures / "trained" / "captions.txt"), 800, m_small.path(), {});
        const Json added = parseJson(R"([{"id": 798, "content": "<|startoftext|>", "special": true},
                                         {"id": 799, "content": "<|endoftext|>", "special": true}])",
                                     "added");
        m_file =
            clipTokenizerJson(readJsonFile(m_small.path() / "vocab.json"), mergesOf(m_small.path()), added);
        m_file["post_processor"]["sep"][1] = kEnd;
        m_file["post_processor"]["cls"][1] = kBegin;
    }

    void faultsInTokenizerJsonAreNamed_data() {
        using Change = std::function<void(Json&)>;
        QTest::addColumn<std::function<void(Json&)>>("change");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char* name, ErrorCode code, const char* said, Change change) {
            QTest::newRow(name) << change << static_cast<int>(code) << QByteArray(said);
        };
        const auto corrupt = ErrorCode::Corrupt, unsupported = ErrorCode::Unsupported,
                   limit = ErrorCode::LimitExceeded;
        row("model type", unsupported, "'WordLevel'", [](Json& f) { f["model"]["type"] = "WordLevel"; });
        row("no model", corrupt, "'model'", [](Json& f) { f.erase("model"); });
        row("model is a list", corrupt, "'model'", [](Json& f) { f["model"] = Json::array(); });
        row("type is a number", corrupt, "model: 'type'", [](Json& f) { f["model"]["type"] = 3; });
        row("no vocabulary", corrupt, "'vocab'", [](Json& f) { f["model"].erase("vocab"); });
        row("vocabulary is a list", corrupt, "model.vocab",
            [](Json& f) { f["model"]["vocab"] = Json::array(); });
        row("id is a text", corrupt, "'cube</w>'", [](Json& f) { f["model"]["vocab"]["cube</w>"] = "x"; });
        row("id is a fraction", corrupt, "'cube</w>'",
            [](Json& f) { f["model"]["vocab"]["cube</w>"] = 1.5; });
        row("id is negative", limit, "id -1", [](Json& f) { f["model"]["vocab"]["cube</w>"] = -1; });
        row("id is huge", limit, "id 4000000000",
            [](Json& f) { f["model"]["vocab"]["x</w>x"] = 4'000'000'000; });
        row("id above 2^63", corrupt, "'q q'", [](Json& f) { f["model"]["vocab"]["q q"] = UINT64_MAX; });
        row("id twice", corrupt, "id 5 is given to both", [](Json& f) { f["model"]["vocab"]["twice"] = 5; });
        row("no merges", corrupt, "'merges'", [](Json& f) { f["model"].erase("merges"); });
        row("merge of three", corrupt, "merges[0]", [](Json& f) { f["model"]["merges"][0] = "a b c"; });
        row("merge is a number", corrupt, "merges[1]", [](Json& f) { f["model"]["merges"][1] = 3; });
        row("unknown in a merge", corrupt, "'zzz'", [](Json& f) { f["model"]["merges"][2] = {"a", "zzz"}; });
        row("unknown result", corrupt, "'QQ'", [](Json& f) { f["model"]["merges"][2] = "Q Q"; });
        row("unknown token", corrupt, "'<nope>'", [](Json& f) { f["model"]["unk_token"] = "<nope>"; });
        row("dropout", unsupported, "'dropout'", [](Json& f) { f["model"]["dropout"] = 0.1; });
        row("byte fallback", unsupported, "'byte_fallback'",
            [](Json& f) { f["model"]["byte_fallback"] = true; });
        row("prefix", unsupported, "'continuing_subword_prefix'",
            [](Json& f) { f["model"]["continuing_subword_prefix"] = "##"; });
        row("normalizer", unsupported, "'StripAccents'",
            [](Json& f) { f["normalizer"]["normalizers"][0]["type"] = "StripAccents"; });
        row("other order", unsupported, "'NFC'",
            [](Json& f) { std::swap(f["normalizer"]["normalizers"][0], f["normalizer"]["normalizers"][2]); });
        row("normalizer is a text", corrupt, "'normalizer'", [](Json& f) { f["normalizer"] = "NFC"; });
        row("steps are numbers", corrupt, "normalizer", [](Json& f) {
            f["normalizer"]["normalizers"] = {1, 2};
        });
        row("no pre-tokenizer", unsupported, "pre_tokenizer", [](Json& f) { f.erase("pre_tokenizer"); });
        row("other words", unsupported, "'\\w+'",
            [](Json& f) { f["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\w+"; });
        row("keeps spaces", unsupported, "options",
            [](Json& f) { f["pre_tokenizer"]["pretokenizers"][0]["behavior"] = "Isolated"; });
        row("post-processor", unsupported, "'Mystery'",
            [](Json& f) { f["post_processor"]["type"] = "Mystery"; });
        row("end token unknown", corrupt, "'<e>'", [](Json& f) { f["post_processor"]["sep"] = {"<e>", 1}; });
        row("added token's id", corrupt, "has id 3", [](Json& f) { f["added_tokens"][1]["id"] = 3; });
        row("added token without id", corrupt, "added_tokens[0]: 'id'",
            [](Json& f) { f["added_tokens"][0].erase("id"); });
        row("added token takes an id", corrupt, "id 7 is given to both", [](Json& f) {
            f["added_tokens"].push_back({{"id", 7}, {"content", "<new>"}});
        });
        row("added token's id is huge", limit, "'<new>'", [](Json& f) {
            f["added_tokens"].push_back({{"id", INT64_MAX}, {"content", "<new>"}});
        });
        row("added token is long", limit, "2000 bytes", [](Json& f) {
            f["added_tokens"].push_back({{"id", 800}, {"content", std::string(2000, 'x')}});
        });
        row("padding", corrupt, "'[PAD]'", [](Json& f) { f["padding"] = {{"pad_token", "[PAD]"}}; });
    }

    void faultsInTokenizerJsonAreNamed() {
        QFETCH(std::function<void(Json&)>, change);
        QFETCH(int, code);
        QFETCH(QByteArray, said);
        const TemporaryDirectory dir;
        Json file = m_file;
        writeFileAtomically(dir.path() / "tokenizer.json", file.dump());
        QCOMPARE(messageOf(dir.path()), std::string());
        change(file);
        replaceFile(dir.path() / "tokenizer.json", file.dump());
        ErrorCode got{};
        const std::string message = messageOf(dir.path(), &got);
        QVERIFY2(message.find("tokenizer.json") != std::string::npos, message.c_str());
        QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(static_cast<int>(got) == code, message.c_str());
    }

    void tokenizerJsonsOtherFormsAreRead() {
        const std::map<std::string, std::function<void(Json&)>> changes = {
            {"template",
             [](Json& f) {
                 f["post_processor"] = parseJson(R"({"type": "TemplateProcessing", "single": [
                     {"SpecialToken": {"id": "<|startoftext|>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}]})",
                                                 "template");
             }},
            {"no post-processor", [](Json& f) { f["post_processor"] = nullptr; }},
            {"no model type", [](Json& f) { f["model"].erase("type"); }},
            {"no added tokens", [](Json& f) { f.erase("added_tokens"); }},
        };
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "tokenizer.json", m_file.dump());
        const auto expected = loadTokenizer(dir.path())->encode("A red cube<|endoftext|> !", 77);
        QCOMPARE(expected.front(), kBegin);
        QCOMPARE(expected.back(), kEnd);
        for (const auto& [name, change] : changes) {
            Json file = m_file;
            change(file);
            replaceFile(dir.path() / "tokenizer.json", file.dump());
            QVERIFY2(loadTokenizer(dir.path())->encode("A red cube<|endoftext|> !", 77) == expected,
                     name.c_str());
        }
        Json cased = m_file;
        cased["normalizer"] = {{"type", "NFC"}};
        cased["padding"] = {{"pad_token", "!"}};
        replaceFile(dir.path() / "tokenizer.json", cased.dump());
        const auto tokenizer = loadTokenizer(dir.path());
        QVERIFY(tokenizer->encode("RED", 77) != tokenizer->encode("red", 77));
        QCOMPARE(tokenizer->padId(), int64_t{0});
    }

    void faultsInVocabularyAndMergesAreNamed_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char* title, const char* name, const QByteArray& content,
                            const char* said) {
            QTest::newRow(title) << QByteArray(name) << content << QByteArray(said);
        };
        row("vocabulary cut", "vocab.json", "{\"a\": 1,\n\"b\":", "vocab.json:2");
        row("vocabulary empty", "vocab.json", "", "vocab.json");
        row("vocabulary is a list", "vocab.json", "[1]", "vocab.json");
        row("vocabulary without specials", "vocab.json", "{\"a\": 0}", "vocab.json");
        row("vocabulary nested deep", "vocab.json", QByteArray(1'000'000, '['), "vocab.json:1");
        row("merge of one", "merges.txt", "#version: 0.2\ne d</w>\nred\n", "merges.txt:3");
        row("merge with two spaces", "merges.txt", "#version: 0.2\n\ne  d\n", "merges.txt:3");
        row("merge unknown", "merges.txt", "#version: 0.2\ne zzz\n", "merges.txt:2");
        row("merge not utf-8", "merges.txt", "e \xff\xfe\n", "merges.txt:1");
        row("config is a list", "tokenizer_config.json", "[]", "tokenizer_config.json");
        row("map names no token", "special_tokens_map.json", R"({"pad_token": "<nope>"})", "<nope>");
        row("config's token is a number", "tokenizer_config.json", R"({"pad_token": 3})", "pad_token");
        row("config nested deep", "tokenizer_config.json",
            R"({"pad_token": )" + QByteArray(400'000, '[') + QByteArray(400'000, ']') + "}",
            "tokenizer_config.json:1");
        row("config of another class", "tokenizer_config.json", R"({"tokenizer_class": "OddTokenizer"})",
            "'OddTokenizer'");
        row("decoder's key", "tokenizer_config.json", R"({"added_tokens_decoder": {"x": {"content": "y"}}})",
            "'x'");
        row("decoder's value", "tokenizer_config.json", R"({"added_tokens_decoder": {"5": 3}})", "'5'");
        row("map is a text", "special_tokens_map.json", "\"x\"", "special_tokens_map.json");
        row("map's token", "special_tokens_map.json", R"({"eos_token": {}})", "'content'");
        row("added tokens", "added_tokens.json", R"({"<new>": "x"})", "added_tokens.json");
        row("added id is negative", "added_tokens.json", R"({"<new>": -3})", "added_tokens.json");
    }

    void faultsInVocabularyAndMergesAreNamed() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, said);
        const TemporaryDirectory dir;
        copySmall(dir.path());
        QCOMPARE(messageOf(dir.path()), std::string());
        replaceFile(dir.path() / name.toStdString(), content.toStdString());
        const std::string message = messageOf(dir.path());
        QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find(dir.path().native()) != std::string::npos, message.c_str());
    }

    void foldersWithoutATokenizerAreNamed() {
        const TemporaryDirectory dir;
        ErrorCode code{};
        QVERIFY(messageOf(dir.path() / "absent", &code).find("absent") != std::string::npos);
        QCOMPARE(code, ErrorCode::NotFound);
        QVERIFY(messageOf(dir.path(), &code).find("tokenizer.json") != std::string::npos);
        QCOMPARE(code, ErrorCode::NotFound);
        writeFileAtomically(dir.path() / "vocab.txt", "[PAD]\n");
        QVERIFY(messageOf(dir.path(), &code).find("vocab.txt: the unknown token '[UNK]'") !=
                std::string::npos);
        QCOMPARE(code, ErrorCode::Corrupt);
        fs::create_directory(dir.path() / "tokenizer.json");
        QVERIFY(messageOf(dir.path(), &code).find("tokenizer.json") != std::string::npos);
    }

    void windowsLineEndsAreRead() {
        const TemporaryDirectory dir;
        copySmall(dir.path());
        const auto expected = loadTokenizer(dir.path())->encode("a red cube", 77);
        std::string merges;
        for (const std::string& line : linesOf(dir.path() / "merges.txt"))
            merges += line + "\r\n";
        replaceFile(dir.path() / "merges.txt", merges + "\r\n");
        QCOMPARE(loadTokenizer(dir.path())->encode("a red cube", 77), expected);
    }

    void bytesWithoutATokenBecomeTheUnknownToken() {
        const TemporaryDirectory dir;
        Json file = m_file;
        file["model"]["vocab"] = {{"a", 0}, {"a</w>", 1}, {"<|startoftext|>", 798}, {"<|endoftext|>", 799}};
        file["model"]["merges"] = Json::array();
        writeFileAtomically(dir.path() / "tokenizer.json", file.dump());
        const auto tokenizer = loadTokenizer(dir.path());
        QCOMPARE(tokenizer->encode("aba", 77), (std::vector<int64_t>{kBegin, 0, kEnd, 1, kEnd}));
        QCOMPARE(tokenizer->token(500), std::string_view());
    }

    void mutatedFilesNeverCrash_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"vocab.json", "merges.txt", "tokenizer_config.json",
                                 "special_tokens_map.json", "tokenizer.json"})
            QTest::newRow(name) << QByteArray(name);
    }

    void mutatedFilesNeverCrash() {
        QFETCH(QByteArray, name);
        const TemporaryDirectory dir;
        copySmall(dir.path());
        const fs::path path = dir.path() / name.toStdString();
        const std::string original = name == "tokenizer.json" ? m_file.dump() : readTextFile(path);
        Random random(qHash(name, size_t{1}));
        int loaded = 0, refused = 0;
        for (int i = 0; i < 800; ++i) {
            replaceFile(path, mutated(original, random));
            try {
                const auto tokenizer = loadTokenizer(dir.path());
                const auto ids = tokenizer->encode("A red cube's <|endoftext|> \xF0\x9F\x98\x80 \xFF!", 77);
                QVERIFY(!ids.empty() && ids.size() <= 77);
                tokenizer->decode(ids);
                for (const int64_t id : ids)
                    QVERIFY(id >= 0 && static_cast<size_t>(id) < tokenizer->vocabularySize());
                ++loaded;
            } catch (const Error&) {
                ++refused;
            }
        }
        QVERIFY2(refused > 50, std::to_string(refused).c_str());
        QVERIFY2(loaded > 5, std::to_string(loaded).c_str());
    }

    void randomTextsNeverCrash() {
        const auto tokenizer = loadTokenizer(m_small.path());
        Random random(3);
        for (int i = 0; i < 5000; ++i) {
            std::string text(random.below(40), '\0');
            for (char& byte : text)
                byte = static_cast<char>(random.below(256));
            const auto ids = tokenizer->encode(text, random.below(20));
            tokenizer->decode(ids);
        }
    }

private:
    /// One to three bytes or pieces changed, removed, doubled, or replaced by what parsers dislike.
    static std::string mutated(std::string text, Random& random) {
        static const std::string nasty[] = {"null", "-1",      "1e999",   "18446744073709551616",
                                            "\"\"", "{}",      "[]",      "\xFF",
                                            "[[[",  "\\u0000", "\\ud800", "\n",
                                            " ",    "999999"};
        for (uint64_t times = 1 + random.below(3); times > 0 && !text.empty(); --times) {
            const size_t at = random.below(text.size());
            const size_t length = std::min<size_t>(1 + random.below(12), text.size() - at);
            switch (random.below(6)) {
            case 0:
                text[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(at, length));
                break;
            case 3:
                text.replace(at, length, nasty[random.below(std::size(nasty))]);
                break;
            case 4:
                text[at] = static_cast<char>('0' + random.below(10));
                break;
            default:
                text.resize(random.below(4) == 0 ? at : text.size());
            }
        }
        return text;
    }
};

QTEST_GUILESS_MAIN(TestTokenizerFiles)
#include "tst_tokenizer_files.moc"
