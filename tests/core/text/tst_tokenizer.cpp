// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/tokenizer_fixtures.h"

#include <QTest>

#include <atomic>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

constexpr size_t kLength = 77;
constexpr int64_t kBegin = 49406, kEnd = 49407;

std::vector<int64_t> framed(const std::vector<int64_t>& ids) {
    std::vector<int64_t> out{kBegin};
    out.insert(out.end(), ids.begin(), ids.end());
    out.push_back(kEnd);
    return out;
}

std::string show(const std::vector<int64_t>& ids) {
    return Json(ids).dump();
}

} // namespace

/// Against what transformers' CLIPTokenizer gave (tests/fixtures/tokenizer/make_tokenizer_fixtures.py).
class TestTokenizer : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const Tokenizer> m_clip;

    void compareWithGolden(const Tokenizer& tokenizer) {
        const auto lines = jsonLinesOf(kTokenizerFixtures / "lines.txt");
        const auto expected = idLinesOf(kTokenizerFixtures / "ids.txt");
        QVERIFY(lines.size() >= 5000);
        QCOMPARE(expected.size(), lines.size());
        for (size_t i = 0; i < lines.size(); ++i) {
            const auto ids = tokenizer.encode(lines[i], kLength);
            if (ids != framed(expected[i]))
                QFAIL(("line " + std::to_string(i + 1) + " " + Json(lines[i]).dump(-1, ' ', true) +
                       "\n  is    " + show(ids) + "\n  should be " + show(framed(expected[i])))
                          .c_str());
        }
    }

    /// A folder with CLIP's vocabulary and the files of a row of variants.json.
    static void writeVariant(const fs::path& folder, const Json& files) {
        for (const char* name : {"vocab.json", "merges.txt"})
            fs::create_symlink(kTokenizerFixtures / "clip-vit" / name, folder / name);
        for (const auto& [name, value] : files.items()) {
            const Json content =
                name == "tokenizer.json"
                    ? clipTokenizerJson(clipVocabulary(), mergesOf(kTokenizerFixtures / "clip-vit"), value)
                    : value;
            writeFileAtomically(folder / name, content.dump());
        }
    }

private Q_SLOTS:
    void initTestCase() { m_clip = loadTokenizer(kTokenizerFixtures / "clip-vit"); }

    void idsOfVocabularyAndMergesAreTheReferences() { compareWithGolden(*m_clip); }

    void idsOfTokenizerJsonAreTheReferences() {
        const TemporaryDirectory dir;
        const Json merges = mergesOf(kTokenizerFixtures / "clip-vit");
        const Json added = parseJson(R"([{"id": 49406, "content": "<|startoftext|>", "special": true,
            "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
            {"id": 49407, "content": "<|endoftext|>", "special": true, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false}])",
                                     "added");
        Json file = clipTokenizerJson(clipVocabulary(), merges, added);
        for (Json& merge : file["model"]["merges"]) { // newer files write pairs
            const std::string text = merge.get<std::string>();
            const size_t space = text.find(' ');
            merge = Json::array({text.substr(0, space), text.substr(space + 1)});
        }
        writeFileAtomically(dir.path() / "tokenizer.json", file.dump());
        compareWithGolden(*loadTokenizer(dir.path()));
    }

    void decodedTextIsTheReferences() {
        const auto lines = jsonLinesOf(kTokenizerFixtures / "lines.txt");
        const auto expected = jsonLinesOf(kTokenizerFixtures / "decoded.txt");
        QVERIFY(expected.size() >= 300);
        for (size_t i = 0; i < expected.size(); ++i)
            QCOMPARE(m_clip->decode(m_clip->encode(lines[i], kLength)), expected[i]);
    }

    void specialTokensFollowTheCheckpointsFiles_data() {
        QTest::addColumn<int>("row");
        const Json variants = readJsonFile(kTokenizerFixtures / "variants.json");
        for (size_t i = 0; i < variants.size(); ++i)
            QTest::newRow(variants[i]["name"].get<std::string>().c_str()) << static_cast<int>(i);
    }

    void specialTokensFollowTheCheckpointsFiles() {
        QFETCH(int, row);
        const Json variant = readJsonFile(kTokenizerFixtures / "variants.json")[static_cast<size_t>(row)];
        const TemporaryDirectory dir;
        writeVariant(dir.path(), variant["files"]);
        const auto tokenizer = loadTokenizer(dir.path());
        QCOMPARE(tokenizer->padId(), variant["pad"].get<int64_t>());
        QCOMPARE(tokenizer->eosId(), kEnd);
        for (size_t i = 0; i < variant["lines"].size(); ++i) {
            const auto line = variant["lines"][i].get<std::string>();
            const auto ids = tokenizer->encode(line, 1000);
            QVERIFY2(ids == variant["ids"][i].get<std::vector<int64_t>>(),
                     (line + ": " + show(ids) + " should be " + variant["ids"][i].dump()).c_str());
            QCOMPARE(tokenizer->decode(ids), variant["decoded"][i].get<std::string>());
        }
    }

    void truncationKeepsTheEndTokenLast() {
        const auto full = m_clip->encode("one two three four", 100);
        QCOMPARE(full.size(), size_t{6});
        QCOMPARE(m_clip->encode("one two three four", 4),
                 (std::vector<int64_t>{kBegin, full[1], full[2], kEnd}));
        QCOMPARE(m_clip->encode("one two three four", 2), (std::vector<int64_t>{kBegin, kEnd}));
        QCOMPARE(m_clip->encode("one two three four", 1), std::vector<int64_t>{kEnd});
        QVERIFY(m_clip->encode("one two three four", 0).empty());
    }

    void batchesArePaddedAndMasked() {
        const std::vector<std::string> texts = {"a cat", ""};
        const TokenBatch batch = m_clip->encodeBatch(texts, 6);
        QCOMPARE(batch.count, size_t{2});
        QCOMPARE(batch.length, size_t{6});
        QCOMPARE(batch.ids, (std::vector<int64_t>{kBegin, 320, 2368, kEnd, kEnd, kEnd, //
                                                  kBegin, kEnd, kEnd, kEnd, kEnd, kEnd}));
        QCOMPARE(batch.attentionMask, (std::vector<uint8_t>{1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0}));
        QCOMPARE(batch.row(1)[0], kBegin);
        QCOMPARE(m_clip->encodeBatch({}, 6).ids.size(), size_t{0});
    }

    void illFormedUtf8BecomesReplacementCharacters() {
        // One U+FFFD for each maximal part, as Python's errors="replace".
        const std::string replacement = "\xEF\xBF\xBD";
        const std::pair<std::string, std::string> rows[] = {
            {"a\xFFz", "a" + replacement + "z"},
            {"\xE2\x82", replacement},
            {"\xF0\x9F\x98 x", replacement + " x"},
            {"\xED\xA0\x80", replacement + replacement + replacement},
            {"\xC0\x80", replacement + replacement},
            {"\xF4\x90\x80\x80", replacement + replacement + replacement + replacement},
        };
        for (const auto& [bytes, text] : rows)
            QCOMPARE(m_clip->encode(bytes, kLength), m_clip->encode(text, kLength));
        QVERIFY(m_clip->encode(std::string(3, '\0'), kLength).size() > 2);
    }

    void tokensAreNamedAsInTheVocabulary() {
        QCOMPARE(m_clip->vocabularySize(), size_t{49408});
        QCOMPARE(m_clip->token(2368), std::string_view("cat</w>"));
        QCOMPARE(m_clip->token(kEnd), std::string_view("<|endoftext|>"));
        QCOMPARE(m_clip->token(-1), std::string_view());
        QCOMPARE(m_clip->token(INT64_MAX), std::string_view());
        const std::vector<int64_t> odd = {-5, 2368, INT64_MAX};
        QCOMPARE(m_clip->decode(odd), std::string("cat"));
    }

    /// Quadratic work would take hours here; the test's time limit notices.
    void megabyteWordsAndMarksAreLinear() {
        std::string marks = "x", mixed;
        for (int i = 0; i < 200'000; ++i)
            marks += i % 2 == 0 ? "\u0301" : "\u0316"; // each pair is out of order
        for (int i = 0; i < 500'000; ++i)
            mixed += static_cast<char>('a' + i % 23);
        for (const std::string& text :
             {marks, mixed, std::string(1'000'000, 'a'), std::string(1'000'000, '!'),
              std::string(1'000'000, '<'), std::string(1'000'000, ' ')}) {
            const auto ids = m_clip->encode(text, kLength);
            QVERIFY(ids.size() <= kLength);
            QCOMPARE(ids.back(), kEnd);
        }
        QVERIFY(m_clip->encode(mixed, SIZE_MAX).size() > 1000);
    }

    void threadsShareOneTokenizer() {
        const auto lines = jsonLinesOf(kTokenizerFixtures / "lines.txt");
        const auto fresh = loadTokenizer(kTokenizerFixtures / "clip-vit");
        std::atomic<size_t> different{0};
        parallelFor(2000, 4, [&](size_t i) {
            const std::string& line = lines[i % 500];
            if (fresh->encode(line, kLength) != m_clip->encode(line, kLength))
                ++different;
        });
        QCOMPARE(different.load(), size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
