// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe_trainer.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/tokenizer_fixtures.h"

#include <QTest>

using namespace diptych;
using namespace diptych::test;

class TestBpeTrainer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mergesAreThoseOfThePlainestTrainer() {
        const auto captions = linesOf(kTokenizerFixtures / "trained" / "captions.txt");
        const TemporaryDirectory dir;
        trainBpe(captions, 800, dir.path() / "new" / "folder", {});
        const auto folder = dir.path() / "new" / "folder";
        QCOMPARE(readTextFile(folder / "merges.txt"),
                 readTextFile(kTokenizerFixtures / "trained" / "merges.txt"));

        const auto tokenizer = loadTokenizer(folder);
        QCOMPARE(tokenizer->vocabularySize(), size_t{800});
        QCOMPARE(tokenizer->token(799), std::string_view("<|endoftext|>"));
        QCOMPARE(tokenizer->padId(), int64_t{799});
        const auto lines = jsonLinesOf(kTokenizerFixtures / "lines.txt");
        const auto expected = idLinesOf(kTokenizerFixtures / "trained" / "ids.txt");
        QVERIFY(expected.size() >= 300);
        for (size_t i = 0; i < expected.size(); ++i) {
            auto ids = tokenizer->encode(lines[i], 77);
            QCOMPARE(ids.front(), int64_t{798});
            ids = {ids.begin() + 1, ids.end() - 1};
            QCOMPARE(ids, expected[i]);
        }
    }

    void encodedTextDecodesToItself() {
        const std::vector<std::string> texts = {"a red cube left of a small blue sphere", "red cubes",
                                                "über 😀 cube"};
        const TemporaryDirectory dir;
        trainBpe(texts, 600, dir.path(), {});
        const auto tokenizer = loadTokenizer(dir.path());
        for (const std::string& text : texts)
            QCOMPARE(tokenizer->decode(tokenizer->encode(text, 100)), text);
    }

    void stopsWhereNoPairOccursTwice() {
        const TemporaryDirectory dir;
        trainBpe(std::vector<std::string>{"abc"}, 1000, dir.path(), {});
        QCOMPARE(loadTokenizer(dir.path())->vocabularySize(), size_t{514});
        trainBpe({}, 1000, dir.path(), {});
        QCOMPARE(loadTokenizer(dir.path())->vocabularySize(), size_t{514});
        trainBpe(std::vector<std::string>{"abc abc"}, 1000, dir.path(), {});
        QCOMPARE(loadTokenizer(dir.path())->vocabularySize(), size_t{516});
    }

    void orderOfTextsDoesNotMatter() {
        auto captions = linesOf(kTokenizerFixtures / "trained" / "captions.txt");
        const TemporaryDirectory dir;
        trainBpe(captions, 700, dir.path() / "a", {});
        std::reverse(captions.begin(), captions.end());
        trainBpe(captions, 700, dir.path() / "b", {});
        for (const char* name :
             {"vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"})
            QCOMPARE(readTextFile(dir.path() / "a" / name), readTextFile(dir.path() / "b" / name));
    }

    void tooSmallAVocabularyIsRefused() {
        const TemporaryDirectory dir;
        try {
            trainBpe({}, 513, dir.path(), {});
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::InvalidArgument);
        }
    }

    void unwritableFolderIsNamed() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "file", "x");
        try {
            trainBpe({}, 600, dir.path() / "file" / "below", {});
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("file/below") != std::string::npos, error.what());
        }
    }

    void cancelEndsIt() {
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        const TemporaryDirectory dir;
        QVERIFY_EXCEPTION_THROWN(trainBpe(std::vector<std::string>{"aa aa"}, 600, dir.path(), context),
                                 Cancelled);
        QVERIFY(std::filesystem::is_empty(dir.path()));
    }

    /// The number of captions that the demo learns from.
    void manyShortCaptions() {
        const auto captions = linesOf(kTokenizerFixtures / "trained" / "captions.txt");
        std::vector<std::string> many;
        for (size_t i = 0; i < 200'000; ++i)
            many.push_back(captions[i % captions.size()] + " " + std::to_string(i));
        const TemporaryDirectory dir;
        QBENCHMARK_ONCE {
            trainBpe(many, 2000, dir.path(), {});
        }
        const auto tokenizer = loadTokenizer(dir.path());
        QVERIFY(tokenizer->vocabularySize() > 514);
    }
};

QTEST_GUILESS_MAIN(TestBpeTrainer)
#include "tst_bpe_trainer.moc"
