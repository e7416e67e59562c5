// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"
#include "tests/core/text/tokenizer_fixtures.h"

#include <QTest>

#include <algorithm>
#include <fstream>
#include <unordered_set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

constexpr size_t kLength = 64;
constexpr size_t kGroup = 8; ///< lines to a line of golden.txt
const fs::path kKinds = kTokenizerFixtures / "kinds";

/// The hash of make_kinds.py: the upper 16 bits of 64-bit FNV-1a.
std::string hashOf(std::string_view text) {
    uint64_t value = 0xCBF29CE484222325u;
    for (const char byte : text)
        value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
    std::ostringstream out;
    out.width(4);
    out.fill('0');
    out << std::hex << (value >> 48);
    return out.str();
}

std::string spaced(const std::vector<int64_t>& ids) {
    std::string out;
    for (const int64_t id : ids)
        out += (out.empty() ? "" : " ") + std::to_string(id);
    return out;
}

/// A row of random_ids() of make_kinds.py.
constexpr size_t kRandomRows = 400;
std::vector<int64_t> randomIds(size_t row, uint64_t size) {
    std::vector<int64_t> out;
    for (size_t k = 0; k < 1 + row % 14; ++k) {
        const uint64_t at = row * 14 + k + 1, value = at * 2654435761u % (uint64_t{1} << 32);
        out.push_back(
            static_cast<int64_t>(at % 5 == 0 ? value % std::min<uint64_t>(8, size) : value * size >> 32));
    }
    return out;
}

std::vector<std::string> kindNames() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(kKinds))
        out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
}

void copyKind(const std::string& name, const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(kKinds / name))
        fs::copy(entry.path(), folder / entry.path().filename(), fs::copy_options::overwrite_existing);
}

void replaceFile(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string messageOf(const fs::path& folder, ErrorCode* code) {
    try {
        loadTokenizer(folder);
    } catch (const Error& error) {
        *code = error.code();
        return error.what();
    }
    return {};
}

} // namespace

/// Small checkpoints in the layouts of published ones, against what transformers' AutoTokenizer gave
/// (tests/fixtures/tokenizer/make_kinds.py).
class TestTokenizerKinds : public QObject {
    Q_OBJECT

private:
    static void addKinds() {
        QTest::addColumn<QString>("kind");
        for (const std::string& name : kindNames())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

private Q_SLOTS:
    void idsAndTextsAreTheReferences_data() { addKinds(); }

    void idsAndTextsAreTheReferences() {
        QFETCH(QString, kind);
        const fs::path folder = kKinds / kind.toStdString();
        const auto tokenizer = loadTokenizer(folder);
        const auto lines = jsonLinesOf(kTokenizerFixtures / "lines.txt");
        const auto golden = linesOf(folder / "golden.txt");
        const auto skipped =
            readJsonFile(folder / "sample.json")["skipped"].get<std::unordered_set<size_t>>();
        QVERIFY(lines.size() >= 5000);
        QVERIFY(skipped.size() * 20 < lines.size());
        QCOMPARE(golden.size(), (lines.size() + kGroup - 1) / kGroup);
        for (size_t group = 0; group < golden.size(); ++group) {
            std::string ids, texts, shown;
            for (size_t i = group * kGroup; i < std::min(lines.size(), (group + 1) * kGroup); ++i) {
                if (skipped.count(i))
                    continue;
                const auto row = tokenizer->encode(lines[i], kLength);
                const std::string text = tokenizer->decode(row);
                ids += spaced(row) + "\n";
                texts += text + "\n";
                shown +=
                    Json(lines[i]).dump(-1, ' ', true) + " gives " + spaced(row) + ", back " + text + "\n";
            }
            QVERIFY2(hashOf(ids) == golden[group].substr(0, 4), ("ids: " + shown).c_str());
            QVERIFY2(hashOf(texts) == golden[group].substr(4), ("texts: " + shown).c_str());
        }
    }

    void samplesAreTheReferences_data() { addKinds(); }

    void samplesAreTheReferences() {
        QFETCH(QString, kind);
        const fs::path folder = kKinds / kind.toStdString();
        const auto tokenizer = loadTokenizer(folder);
        const Json sample = readJsonFile(folder / "sample.json");
        QVERIFY(sample["lines"].size() >= 40);
        for (size_t i = 0; i < sample["lines"].size(); ++i) {
            const auto ids = tokenizer->encode(sample["lines"][i].get<std::string>(), kLength);
            QCOMPARE(spaced(ids), spaced(sample["ids"][i].get<std::vector<int64_t>>()));
            QCOMPARE(tokenizer->decode(ids), sample["decoded"][i].get<std::string>());
        }
        if (!sample["pad"].is_null())
            QCOMPARE(tokenizer->padId(), sample["pad"].get<int64_t>());
        if (!sample["eos"].is_null())
            QCOMPARE(tokenizer->eosId(), sample["eos"].get<int64_t>());
    }

    void decodesWhatNoTextGives_data() { addKinds(); }

    /// Ids as a captioning model may write them.
    void decodesWhatNoTextGives() {
        QFETCH(QString, kind);
        const fs::path folder = kKinds / kind.toStdString();
        const auto tokenizer = loadTokenizer(folder);
        const Json sample = readJsonFile(folder / "sample.json");
        const auto size = sample["size"].get<uint64_t>();
        const auto hashes = sample["random"].get<std::string>();
        QCOMPARE(tokenizer->vocabularySize(), size_t{size});
        QCOMPARE(hashes.size(), size_t{4} * kRandomRows);
        for (size_t row = 0; row < kRandomRows; ++row) {
            const auto ids = randomIds(row, size);
            const std::string text = tokenizer->decode(ids);
            QVERIFY2(hashOf(text) == hashes.substr(4 * row, 4), (spaced(ids) + " gives " + text).c_str());
        }
    }

    void batchesArePaddedAsTheReferences_data() { addKinds(); }

    void batchesArePaddedAsTheReferences() {
        QFETCH(QString, kind);
        const fs::path folder = kKinds / kind.toStdString();
        const Json sample = readJsonFile(folder / "sample.json");
        if (!sample.contains("batch"))
            return; // the checkpoint has no padding token
        const Json& expected = sample["batch"];
        std::vector<std::string> texts;
        for (size_t i = 0; i < expected["ids"].size(); ++i)
            texts.push_back(sample["lines"][i + 2]);
        const size_t length = expected["ids"][0].size();
        const TokenBatch batch = loadTokenizer(folder)->encodeBatch(texts, length);
        for (size_t i = 0; i < texts.size(); ++i)
            for (size_t k = 0; k < length; ++k) {
                QCOMPARE(batch.row(i)[k], expected["ids"][i][k].get<int64_t>());
                QCOMPARE(int(batch.attentionMask[i * length + k]), expected["mask"][i][k].get<int>());
            }
    }

    void hostileTextsAreLinear_data() { addKinds(); }

    /// Quadratic work would take hours here; the test's time limit notices.
    void hostileTextsAreLinear() {
        QFETCH(QString, kind);
        const auto tokenizer = loadTokenizer(kKinds / kind.toStdString());
        for (const std::string& text : {std::string(200'000, 'a'), std::string(200'000, ' '),
                                        std::string(200'000, '<'), std::string(200'000, '\xCC')}) {
            const auto ids = tokenizer->encode(text, kLength);
            QVERIFY(ids.size() <= kLength);
            tokenizer->decode(ids);
        }
        QVERIFY(tokenizer->encode("a cat", 1).size() <= 1);
        QVERIFY(tokenizer->encode("a cat", 0).empty());
        const std::vector<int64_t> odd = {-5, INT64_MAX, 4};
        tokenizer->decode(odd);
        QCOMPARE(tokenizer->token(-1), std::string_view());
    }

    void classesFollowTheModelType() {
        const TemporaryDirectory dir;
        copyKind("siglip2", dir.path());
        const auto lowers = loadTokenizer(dir.path());
        QCOMPARE(lowers->encode("A CAT", 64), lowers->encode("a cat", 64));
        // Checkpoints of fixed size say "siglip" and keep Gemma's class, which keeps the case.
        replaceFile(dir.path() / "config.json", R"({"model_type": "siglip"})");
        const auto keeps = loadTokenizer(dir.path());
        QVERIFY(keeps->encode("A CAT", 64) != keeps->encode("a cat", 64));
        QCOMPARE(keeps->encode("a cat", 64), lowers->encode("a cat", 64));
    }

    void sentencePieceModelsOfTheOtherKindAreRefused() {
        for (const auto& [kind, name, other, said] :
             {std::tuple("t5", "spiece.model", "siglip_pieces/spiece.model", "no unigram model"),
              std::tuple("llama_model", "tokenizer.model", "t5/spiece.model", "no BPE model")}) {
            const TemporaryDirectory dir;
            copyKind(kind, dir.path());
            fs::copy_file(kKinds / other, dir.path() / name, fs::copy_options::overwrite_existing);
            ErrorCode code{};
            const std::string message = messageOf(dir.path(), &code);
            QVERIFY2(message.find(said) != std::string::npos, message.c_str());
            QVERIFY(code == ErrorCode::Unsupported);
        }
    }

    void openClipsOptionsAreReadOrNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("cleaning") << QByteArray(R"({"tokenizer_kwargs": {"clean": "odd"}})")
                                  << QByteArray("'clean' is 'odd'");
        QTest::newRow("reduction") << QByteArray(R"({"tokenizer_kwargs": {"reduction_mask": "simple"}})")
                                   << QByteArray("'reduction_mask'");
        QTest::newRow("language")
            << QByteArray(R"({"hf_tokenizer_name": "x", "tokenizer_kwargs": {"language": "de"}})")
            << QByteArray("'language'");
        QTest::newRow("mode") << QByteArray(R"({"hf_tokenizer_name": "x", "tokenizer_mode": "clips"})")
                              << QByteArray("'clips'");
    }

    void openClipsOptionsAreReadOrNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, said);
        const TemporaryDirectory dir;
        copyKind("open_clip", dir.path());
        const auto config = [&](const std::string& section) {
            replaceFile(dir.path() / "open_clip_config.json",
                        "{\"model_cfg\": {\"text_cfg\": " + section + "}}");
        };
        config(text.toStdString());
        ErrorCode code{};
        const std::string message = messageOf(dir.path(), &code);
        QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find("open_clip_config.json: text_cfg") != std::string::npos, message.c_str());
        QVERIFY(code == ErrorCode::Unsupported);

        const auto usual = (config("{}"), tokenizerFingerprint(dir.path()));
        QCOMPARE(loadTokenizer(dir.path())->encode("A &amp; \u201CB\u201D", 64),
                 loadTokenizer(dir.path())->encode("a & \"b\"", 64));
        config(R"({"tokenizer_kwargs": {"clean": "whitespace"}})");
        QVERIFY(tokenizerFingerprint(dir.path()) != usual);
        QVERIFY(loadTokenizer(dir.path())->encode("A B", 64) != loadTokenizer(dir.path())->encode("a b", 64));
    }

    void openClipNeedsClipsVocabularyOrAName() {
        const TemporaryDirectory dir;
        copyKind("open_clip_bert", dir.path());
        replaceFile(dir.path() / "open_clip_config.json", R"({"model_cfg": {"text_cfg": {}}})");
        ErrorCode code{};
        const std::string message = messageOf(dir.path(), &code);
        QVERIFY2(message.find("'hf_tokenizer_name'") != std::string::npos, message.c_str());
        QVERIFY(code == ErrorCode::Unsupported);
    }

    void otherNamesOfAClassAreKnown_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("tokenizerConfig");
        QTest::newRow("named") << "roberta" << QByteArray("{}")
                               << QByteArray(R"({"tokenizer_class": "BartTokenizerFast"})");
        for (const auto& [kind, type] : {std::pair("roberta", "florence2"),
                                         std::pair("bert_cased", "electra"), std::pair("gemma", "gemma3"),
                                         std::pair("llama_model", "idefics"), std::pair("altclip", "trocr")})
            QTest::newRow(type) << kind << QByteArray("{\"model_type\": \"") + type + "\"}"
                                << QByteArray(R"({"do_lower_case": false, "add_bos_token": true})");
    }

    void otherNamesOfAClassAreKnown() {
        QFETCH(QString, kind);
        QFETCH(QByteArray, config);
        QFETCH(QByteArray, tokenizerConfig);
        const TemporaryDirectory dir;
        copyKind(kind.toStdString(), dir.path());
        replaceFile(dir.path() / "config.json", config.toStdString());
        replaceFile(dir.path() / "tokenizer_config.json", tokenizerConfig.toStdString());
        const char* text = "A photo of the CAT \u732b";
        QCOMPARE(spaced(loadTokenizer(dir.path())->encode(text, 64)),
                 spaced(loadTokenizer(kKinds / kind.toStdString())->encode(text, 64)));
    }

    void truncationTakesTheSideTheCheckpointNames() {
        const TemporaryDirectory dir;
        copyKind("bert_cased", dir.path());
        const auto full = loadTokenizer(dir.path())->encode("one two three four", 64);
        replaceFile(
            dir.path() / "tokenizer_config.json",
            R"({"tokenizer_class": "BertTokenizer", "do_lower_case": false, "truncation_side": "left"})");
        const auto cut = loadTokenizer(dir.path())->encode("one two three four", 5);
        QCOMPARE(cut, (std::vector<int64_t>{full.front(), full.end()[-4], full.end()[-3], full.end()[-2],
                                            full.back()}));
    }

    void stepsThatAreNotKnownAreNamed_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char* name, const char* kind, const char* pointer, const char* value,
                            ErrorCode code, const char* said) {
            QTest::newRow(name) << QString(kind) << QByteArray(pointer) << QByteArray(value)
                                << static_cast<int>(code) << QByteArray(said);
        };
        const auto corrupt = ErrorCode::Corrupt, unsupported = ErrorCode::Unsupported;
        row("model", "llama3", "/model/type", R"("WordLevel")", unsupported,
            "model: its type is 'WordLevel'");
        row("dropout", "llama3", "/model/dropout", "0.1", unsupported, "'dropout'");
        row("prefix", "llama3", "/model/continuing_subword_prefix", R"("##")", unsupported,
            "'continuing_subword_prefix'");
        row("normalizer", "llama3", "/normalizer", R"({"type": "Nmt"})", unsupported,
            "normalizer: it has the step 'Nmt'");
        row("inner normalizer", "llama3", "/normalizer",
            R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Odd"}]})", unsupported,
            "'Odd'");
        row("pattern", "llama3", "/normalizer",
            R"x({"type": "Replace", "pattern": {"Regex": "(a|b)"}, "content": ""})x", unsupported,
            "its pattern is '(a|b)'");
        row("pattern without kind", "llama3", "/normalizer",
            R"({"type": "Replace", "pattern": {}, "content": ""})", corrupt, "'Regex'");
        row("added id", "llama3", "/added_tokens/0/id", "9223372036854775807", ErrorCode::LimitExceeded,
            "has id 9223372036854775807");
        row("charsmap", "llama3", "/normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})",
            corrupt, "cut short");
        row("base64", "llama3", "/normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "?"})",
            corrupt, "base64");
        row("pre-tokenizer", "llama3", "/pre_tokenizer", R"({"type": "UnicodeScripts"})", unsupported,
            "pre_tokenizer: it has the step 'UnicodeScripts'");
        row("behavior", "llama3", "/pre_tokenizer",
            R"({"type": "Split", "pattern": {"String": " "}, "behavior": "Odd"})", unsupported, "'Odd'");
        row("scheme", "llama3", "/pre_tokenizer", R"({"type": "Metaspace", "prepend_scheme": "odd"})",
            unsupported, "'odd'");
        row("post-processor", "llama3", "/post_processor", R"({"type": "Odd"})", unsupported,
            "post_processor: it has the step 'Odd'");
        row("template", "llama3", "/post_processor", R"({"type": "TemplateProcessing", "single": []})",
            unsupported, "no place for a text");
        row("frame", "llama3", "/post_processor",
            R"({"type": "BertProcessing", "cls": ["x", 99999], "sep": ["y", 1]})", corrupt, "id 99999");
        row("decoder", "llama3", "/decoder", R"({"type": "CTC"})", unsupported,
            "decoder: it has the step 'CTC'");
        row("vocabulary", "align", "/model/vocab/xyzzy", "7", corrupt, "id 7 is given to both");
        row("unknown token", "align", "/model/vocab", R"({"[PAD]": 0})", corrupt, "'[UNK]'");
        row("class", "align", "/model/type", "3", corrupt, "model: 'type'");
        row("scores", "llama3", "/model", R"({"type": "Unigram", "unk_id": 0, "vocab": [["a"]]})", corrupt,
            "vocab[0]");
        row("unknown id", "llama3", "/model", R"({"type": "Unigram", "unk_id": 5, "vocab": [["a", -1]]})",
            corrupt, "id 5");
    }

    void stepsThatAreNotKnownAreNamed() {
        QFETCH(QString, kind);
        QFETCH(QByteArray, pointer);
        QFETCH(QByteArray, value);
        QFETCH(int, code);
        QFETCH(QByteArray, said);
        const TemporaryDirectory dir;
        copyKind(kind.toStdString(), dir.path());
        Json file = readJsonFile(dir.path() / "tokenizer.json");
        file[Json::json_pointer(pointer.toStdString())] = parseJson(value.toStdString(), "value");
        replaceFile(dir.path() / "tokenizer.json", file.dump());
        ErrorCode got{};
        const std::string message = messageOf(dir.path(), &got);
        QVERIFY2(message.find("tokenizer.json") != std::string::npos, message.c_str());
        QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(static_cast<int>(got) == code, message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestTokenizerKinds)
#include "tst_tokenizer_kinds.moc"
